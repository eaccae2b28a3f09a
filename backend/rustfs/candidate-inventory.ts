import type { Settings } from '../../config/settings.ts';
import { EXIT } from '../../console/exit-code.ts';
import { good, unknown } from '../../operations/kubernetes/check.ts';
import { type ClusterClient, forEachOf } from '../../operations/kubernetes/cluster-client.ts';
import { asObjects, asText, at, type JsonObject } from '../../policy/model/json.ts';
import { type Judgement, notRun, type Verdict } from '../authority/verdict.ts';
import { whoRuns } from '../witness/who-runs.ts';
import { clusterInReach } from './cluster-in-reach.ts';
import { collectParts, type WorkloadEvidence } from './collect-workload.ts';
import { type HaCondition, haShape } from './ha-shape.ts';
import { type Observed, observe } from './observed.ts';
import { storeProgram } from './store-programs.ts';
import { type WorkloadFacts, workloadFacts } from './workload-facts.ts';

const TOGETHER = 4;
const LISTS = [
  ['StatefulSet', '/apis/apps/v1/statefulsets'],
  ['Deployment', '/apis/apps/v1/deployments'],
] as const;

/** Every store that runs in the cluster, as it was seen at one time. */
export interface InventoryEvidence {
  /** In ISO 8601. */
  readonly at: string;
  readonly by: string;
  readonly cluster: string;
  readonly stores: Observed<readonly WorkloadEvidence[]>;
}

/** What a store could be for the states. */
export type CandidateStanding = 'LIVE_HA_CANDIDATE' | 'NOT_HA' | 'NOT_JUDGED' | 'UNFIT' | 'UNKNOWN';

/** One store, and whether it could hold the states. */
export interface Candidate {
  readonly store: string;
  readonly program: string;
  readonly standing: CandidateStanding;
  readonly because: string;
}

/** What there is. */
export interface Inventory extends Verdict {
  readonly result: 'LIVE_HA_STATE_CANDIDATE' | 'NO_LIVE_HA_STATE_CANDIDATE' | 'UNKNOWN';
  readonly candidates: readonly Candidate[];
}

/** Looks at every workload of the cluster that runs a program which speaks S3. It only reads. */
export async function collectInventory(
  settings: Settings,
  environment: NodeJS.ProcessEnv,
): Promise<InventoryEvidence> {
  const { client } = await clusterInReach(settings, environment);
  return {
    at: new Date().toISOString(),
    by: whoRuns(environment),
    cluster: settings.cluster.name,
    stores: await observe(() => storesIn(client)),
  };
}

async function storesIn(client: ClusterClient): Promise<WorkloadEvidence[]> {
  const found: WorkloadFacts[] = [];
  for (const [kind, path] of LISTS) {
    const items = asObjects((await client.get(path))?.items);
    found.push(...items.filter(runsStore).map((item) => workloadFacts(kind, item)));
  }
  return forEachOf(found, (facts) => collectParts(client, facts), TOGETHER);
}

function runsStore(workload: JsonObject): boolean {
  const containers = asObjects(at(workload, 'spec', 'template', 'spec', 'containers'));
  return containers.some(({ image }) => storeProgram(asText(image) ?? '') !== undefined);
}

/** Judges an inventory, fresh or from a bundle. That there is no candidate is an answer, not a failure. */
export function judgeInventory({ stores, cluster }: InventoryEvidence): Inventory {
  const title = `HA state candidates of ${cluster}`;
  if ('notSeen' in stores) {
    const checks = [unknown('inventory', stores.notSeen)];
    return { title, checks, exitCode: EXIT.unknown, result: 'UNKNOWN', candidates: [] };
  }
  const candidates = stores.seen.map(candidateOf);
  const checks = candidates.map(checkOf);
  const isLive = candidates.some(({ standing }) => standing === 'LIVE_HA_CANDIDATE');
  const isUnknown = candidates.some(({ standing }) => standing === 'UNKNOWN');
  return {
    title,
    checks,
    candidates,
    exitCode: isUnknown ? EXIT.unknown : EXIT.good,
    result: isLive
      ? 'LIVE_HA_STATE_CANDIDATE'
      : isUnknown
        ? 'UNKNOWN'
        : 'NO_LIVE_HA_STATE_CANDIDATE',
  };
}

function candidateOf(evidence: WorkloadEvidence): Candidate {
  if ('notSeen' in evidence.workload) {
    const because = evidence.workload.notSeen;
    return { store: '', program: '', standing: 'UNKNOWN', because };
  }
  const { namespace, name, image } = evidence.workload.seen;
  const program = storeProgram(image);
  const base = { store: `${namespace}/${name}`, program: program?.name ?? image };
  if (program?.unfit !== undefined) return { ...base, standing: 'UNFIT', because: program.unfit };
  const judged = haShape(evidence).filter(
    ({ name: condition }) => program?.shape === 'erasure' || condition !== 'quorum',
  );
  const failed = judged.filter(({ holds }) => holds === false);
  if (failed.length > 0) return { ...base, standing: 'NOT_HA', because: textOf(failed) };
  const unseen = judged.filter(({ holds }) => holds === undefined);
  if (unseen.length > 0) return { ...base, standing: 'UNKNOWN', because: textOf(unseen) };
  return program?.shape === 'erasure'
    ? { ...base, standing: 'LIVE_HA_CANDIDATE', because: textOf(judged) }
    : {
        ...base,
        standing: 'NOT_JUDGED',
        because: 'whether it can be written to with a node away cannot be read from its objects',
      };
}

function textOf(conditions: readonly HaCondition[]): string {
  return conditions.map(({ name, detail }) => `${name}: ${detail}`).join('; ');
}

function checkOf({ store, program, standing, because }: Candidate): Judgement {
  const text = `${standing} (${program}): ${because}`;
  if (standing === 'LIVE_HA_CANDIDATE') return good(store, text);
  return standing === 'UNKNOWN' ? unknown(store, text) : notRun(store, text);
}
