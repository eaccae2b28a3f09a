import type { Settings } from '../../config/settings.ts';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { StoreAccess } from '../store/store-access.ts';
import { whoRuns } from '../witness/who-runs.ts';
import { type ApiView, type AskedBucket, apiView, unreachable } from './api-view.ts';
import { type ClusterInReach, clusterInReach } from './cluster-in-reach.ts';
import { collectWorkload, type WorkloadEvidence } from './collect-workload.ts';
import { type DiskView, diskView } from './disk-view.ts';
import { notSeen, type Observed, observe, seen } from './observed.ts';
import { ClusterPods, type PodConnection } from './pod-connection.ts';
import { type ReachedStore, reachStore } from './reach-store.ts';
import { redacted } from './redaction.ts';
import { type ScratchEvidence, scratchProbe } from './scratch-probe.ts';

/** The log of one container, of this start or the one before. */
export interface LogEvidence {
  readonly pod: string;
  readonly previous: boolean;
  readonly text: Observed<string>;
}

/** Everything that was seen of a store in the cluster at one time. It holds no secret. */
export interface StoreEvidence {
  /** In ISO 8601. */
  readonly at: string;
  readonly by: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly endpoint: string;
  /** The buckets that were asked about. */
  readonly asked: readonly string[];
  /** How the API was asked, or why it was not. */
  readonly way: Observed<string>;
  readonly workload: WorkloadEvidence;
  readonly disk: DiskView;
  readonly api: ApiView;
  readonly logs: readonly LogEvidence[];
  /** Only where it was asked for. */
  readonly scratch?: ScratchEvidence;
}

/** What is to be looked at, and with what. */
export interface EvidenceSubject {
  readonly settings: Settings;
  readonly access: StoreAccess;
  readonly buckets: readonly AskedBucket[];
  readonly environment: NodeJS.ProcessEnv;
  /** Make and remove a bucket too. @default false */
  readonly scratch?: boolean;
  /** Read the logs of the pods. @default true */
  readonly logs?: boolean;
}

/** The workload that runs the store of the settings. */
export function storeWorkload({ objectStore, namespaces }: Settings): {
  readonly namespace: string;
  readonly name: string;
} {
  if (objectStore.kind !== 'rustfs') {
    throw new Failure(
      `the settings keep objects in a store of the kind ${objectStore.kind}, and this looks at RustFS in the cluster\n    what any store does is proved by: just state-store-certify`,
      EXIT.usage,
    );
  }
  return { namespace: namespaces.cache, name: objectStore.name };
}

/**
 * Looks at a store from every side: workload, pods, logs, disk, API. What cannot be seen is noted with its reason, and the
 * rest is looked at all the same.
 *
 * @throws Failure when the cluster in reach is another one
 */
export async function collectStore(subject: EvidenceSubject): Promise<StoreEvidence> {
  const { settings, access, environment } = subject;
  const place = storeWorkload(settings);
  const cluster = await clusterOrWhyNot(settings, environment);
  const pods =
    'seen' in cluster
      ? seen<PodConnection>(new ClusterPods(cluster.seen.access.config))
      : notSeen(cluster.notSeen);
  const workload = await workloadOf(cluster, place);
  const look = () => disk(workload, pods);
  const secrets = secretsOf(access);
  const store = await observe(() => reachStore(access, async () => needed(cluster), environment));
  try {
    const api =
      'seen' in store
        ? await apiView(store.seen.store, subject.buckets)
        : unreachable(store.notSeen);
    const logs = subject.logs === false ? [] : await logsOf(workload, pods, secrets);
    const scratch = await scratchOf(subject, store, look);
    return {
      at: new Date().toISOString(),
      by: whoRuns(environment),
      cluster: settings.cluster.name,
      ...place,
      endpoint: access.endpoint,
      asked: subject.buckets.map(({ bucket }) => bucket),
      way: 'seen' in store ? seen(store.seen.way) : store,
      workload: withoutSecrets(workload, secrets),
      disk: await look(),
      api,
      logs,
      ...(scratch === undefined ? {} : { scratch }),
    };
  } finally {
    if ('seen' in store) await store.seen.close();
  }
}

/** That there is no cluster is a finding; that it is another one ends the look. */
async function clusterOrWhyNot(
  settings: Settings,
  environment: NodeJS.ProcessEnv,
): Promise<Observed<ClusterInReach>> {
  try {
    return seen(await clusterInReach(settings, environment));
  } catch (error) {
    if (!(error instanceof Failure) || error.exitCode === EXIT.bad) throw error;
    return notSeen(error.message.split('\n')[0] ?? '');
  }
}

function needed(cluster: Observed<ClusterInReach>): ClusterInReach {
  if ('seen' in cluster) return cluster.seen;
  throw new Failure(cluster.notSeen);
}

async function workloadOf(
  cluster: Observed<ClusterInReach>,
  place: { readonly namespace: string; readonly name: string },
): Promise<WorkloadEvidence> {
  if ('seen' in cluster) return collectWorkload(cluster.seen.client, place);
  const missing = notSeen(cluster.notSeen);
  return {
    workload: missing,
    pods: missing,
    claims: missing,
    jobs: missing,
    events: missing,
    budget: missing,
  };
}

async function disk(
  { workload, pods }: WorkloadEvidence,
  connection: Observed<PodConnection>,
): Promise<DiskView> {
  if ('notSeen' in connection) return notSeen(connection.notSeen);
  if ('notSeen' in workload) return notSeen(workload.notSeen);
  if ('notSeen' in pods) return notSeen(pods.notSeen);
  return diskView(workload.seen, pods.seen, connection.seen);
}

async function logsOf(
  { workload, pods }: WorkloadEvidence,
  connection: Observed<PodConnection>,
  secrets: readonly string[],
): Promise<LogEvidence[]> {
  if (!('seen' in workload) || !('seen' in pods) || !('seen' in connection)) return [];
  const { namespace, container } = workload.seen;
  const wanted = pods.seen.flatMap(({ name, restarts }) => [
    { pod: name, previous: false },
    ...(restarts > 0 ? [{ pod: name, previous: true }] : []),
  ]);
  return Promise.all(
    wanted.map(async ({ pod, previous }) => ({
      pod,
      previous,
      text: await observe(async () => {
        const text = await connection.seen.log({ namespace, pod, container }, { previous });
        return redacted(text, secrets);
      }),
    })),
  );
}

async function scratchOf(
  { scratch = false, buckets }: EvidenceSubject,
  store: Observed<ReachedStore>,
  look: () => Promise<DiskView>,
): Promise<ScratchEvidence | undefined> {
  if (!scratch) return undefined;
  if ('seen' in store) return scratchProbe({ store: store.seen.store, disk: look });
  const names = buckets.map(({ bucket }) => bucket).join(', ');
  const detail = `${store.notSeen} (no bucket was made beside ${names})`;
  return { bucket: '', steps: [{ name: 'create', outcome: 'not-run', detail }] };
}

/** Events quote what programs print. */
function withoutSecrets(workload: WorkloadEvidence, secrets: readonly string[]): WorkloadEvidence {
  const { events } = workload;
  if (!('seen' in events)) return workload;
  const clean = events.seen.map((event) => ({
    ...event,
    message: redacted(event.message, secrets),
  }));
  return { ...workload, events: seen(clean) };
}

function secretsOf({ keys }: StoreAccess): string[] {
  const { accessKeyId, secretAccessKey, sessionToken } = keys;
  return [accessKeyId, secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken])];
}
