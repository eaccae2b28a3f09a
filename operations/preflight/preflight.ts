import type { Settings } from '../../config/settings.ts';
import { readSummary } from '../../policy/charts/chart-summaries.ts';
import { definedObjects, readCluster } from '../../policy/model/cluster.ts';
import type { JudgedStack } from '../../policy/policy-input.ts';
import { bad, type Check, good, unknown } from '../kubernetes/check.ts';
import type { ClusterClient } from '../kubernetes/cluster-client.ts';
import { ClusterTrouble } from '../kubernetes/cluster-trouble.ts';
import { identify } from '../kubernetes/declared-cluster.ts';
import type { KubeAccess } from '../kubernetes/kube-access.ts';
import { ApiTypes } from './api-types.ts';
import { quotaHeadroom } from './quota.ts';
import {
  apiVersion,
  boundNodes,
  certificateIssuers,
  customTypes,
  ingressClasses,
  storageClasses,
} from './requirements.ts';
import { grantedRights, operatorRights } from './rights.ts';
import { requiredSecrets } from './secrets.ts';
import type { Subject } from './subject.ts';

/** What a preflight is about. */
export interface PreflightInput {
  readonly settings: Settings;
  readonly stack: JudgedStack;
  readonly access: KubeAccess;
  readonly client: ClusterClient;
  readonly environment: NodeJS.ProcessEnv;
}

/** The checks on the declared cluster, by the name that their outcomes carry, in the order in which they are made. */
const CHECKS: readonly (readonly [string, (subject: Subject) => Promise<Check[]>])[] = [
  ['api-version', apiVersion],
  ['types', customTypes],
  ['storage-class', storageClasses],
  ['ingress-class', ingressClasses],
  ['certificate-issuer', certificateIssuers],
  ['nodes', boundNodes],
  ['quota', quotaHeadroom],
  ['secret', requiredSecrets],
  ['rights', operatorRights],
  ['grants', grantedRights],
];

/** Proves that a stack can be applied to the cluster in reach, and writes nothing into it. */
export async function preflight(input: PreflightInput): Promise<Check[]> {
  const { settings, access, client, environment } = input;
  const identity = await asked('cluster-context', async () => {
    const { checks } = await identify(settings.cluster, access, client, environment);
    return [...checks];
  });
  const first = [tofuAccess(access), ...identity];
  // Whatever else is true of another cluster says nothing about this one.
  if (identity.some(({ status }) => status !== 'good')) return first;
  const rest = await asked('types', async () => {
    const subject = await subjectOf(input);
    const checks: Check[] = [];
    for (const [name, check] of CHECKS) checks.push(...(await asked(name, () => check(subject))));
    return [...checks, ...blindSpots(subject)];
  });
  return [...first, ...rest];
}

/** What nobody knows of the charts cannot have been checked. */
function blindSpots({ defined }: Subject): Check[] {
  return defined.gaps.map(({ address, problem, remedy }) =>
    unknown('charts', `${address}: ${problem}`, remedy),
  );
}

/** What was asked for, or why it is not known. */
async function asked(name: string, run: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ClusterTrouble) return [unknown(name, error.message)];
    throw error;
  }
}

function tofuAccess({ seenByTofu, source, context }: KubeAccess): Check {
  return seenByTofu
    ? good('tofu-access', `tofu finds the cluster by ${source}`)
    : bad(
        'tofu-access',
        `the cluster was found by ${source}, which the providers of tofu do not read`,
        `export KUBE_CONFIG_PATH=<that kubeconfig> KUBE_CTX=${context}`,
      );
}

async function subjectOf({ settings, stack, client }: PreflightInput): Promise<Subject> {
  const defined = readCluster(
    { stacks: [stack], previous: [], declared: { nodes: [], requireDigests: false } },
    readSummary,
  );
  const charts = defined.helmReleases.flatMap(
    ({ chart, version }) => readSummary(chart, version) ?? [],
  );
  const objects = [
    ...definedObjects([stack]),
    ...defined.releases.flatMap((release) => release.objects),
  ];
  const versions = objects.map(({ apiVersion: version }) => version);
  const types = await ApiTypes.ask(client, versions, charts);
  return { settings, stack, defined, objects, client, types };
}
