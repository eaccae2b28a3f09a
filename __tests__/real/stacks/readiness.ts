import type { V1Deployment, V1Job, V1Pod, V1StatefulSet } from '@kubernetes/client-node';
import type { Api, KubeList } from '../../../operations/rehearsal/cluster/api.ts';

/** A workload that is not ready, and why. */
export interface Waiting {
  readonly workload: string;
  readonly because: string;
}

/** How many workloads there are, and those that are not ready. */
export interface Readiness {
  readonly total: number;
  readonly waiting: readonly Waiting[];
}

interface Progress {
  readonly title: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly isReady: boolean;
  readonly state: string;
}

/** Looks at every Deployment, StatefulSet and Job of the cluster. */
export async function readinessOf(api: Api): Promise<Readiness> {
  const [deployments, sets, jobs, pods] = await Promise.all([
    api.get<KubeList<V1Deployment>>('/apis/apps/v1/deployments'),
    api.get<KubeList<V1StatefulSet>>('/apis/apps/v1/statefulsets'),
    api.get<KubeList<V1Job>>('/apis/batch/v1/jobs'),
    api.get<KubeList<V1Pod>>('/api/v1/pods'),
  ]);
  const all = [
    ...deployments.items.map((one) => ofReplicas('Deployment', one)),
    ...sets.items.map((one) => ofReplicas('StatefulSet', one)),
    ...jobs.items.map(ofJob),
  ];
  const waiting = all
    .filter(({ isReady }) => !isReady)
    .map((one) => ({ workload: one.title, because: reasonOf(one, pods.items) }));
  return { total: all.length, waiting };
}

function ofReplicas(
  kind: string,
  { metadata, spec, status }: V1Deployment | V1StatefulSet,
): Progress {
  const wanted = spec?.replicas ?? 1;
  const ready = status?.readyReplicas ?? 0;
  const isSeen = status?.observedGeneration === metadata?.generation;
  return {
    ...named(kind, metadata),
    labels: spec?.selector.matchLabels ?? {},
    isReady: isSeen && ready === wanted && (status?.updatedReplicas ?? 0) === wanted,
    state: `${ready} of ${wanted} ready`,
  };
}

function ofJob({ metadata, spec, status }: V1Job): Progress {
  const wanted = spec?.completions ?? 1;
  const done = status?.succeeded ?? 0;
  return {
    ...named('Job', metadata),
    labels: { 'batch.kubernetes.io/job-name': metadata?.name ?? '' },
    isReady: done === wanted,
    state: `${done} of ${wanted} complete, ${status?.failed ?? 0} failed`,
  };
}

function named(kind: string, metadata: V1Job['metadata']) {
  const { namespace = '', name = '' } = metadata ?? {};
  return { title: `${kind} ${namespace}/${name}`, namespace };
}

/** What the pods wait for, or that there are none. */
function reasonOf({ namespace, labels, state }: Progress, pods: readonly V1Pod[]): string {
  const own = pods.filter(
    ({ metadata }) =>
      metadata?.namespace === namespace &&
      Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value),
  );
  if (own.length === 0) return `${state}: it has no pod`;
  const reasons = own.flatMap(({ status }) => {
    const unscheduled = status?.conditions?.find(
      ({ type, status: is }) => type === 'PodScheduled' && is === 'False',
    );
    const statuses = [
      ...(status?.initContainerStatuses ?? []),
      ...(status?.containerStatuses ?? []),
    ];
    const blocked = statuses.flatMap(({ state: at }) => at?.waiting?.message ?? []);
    return [unscheduled?.message ?? [], blocked].flat();
  });
  return `${state}: ${[...new Set(reasons)].join('; ') || own.map(({ status }) => status?.phase).join(', ')}`;
}
