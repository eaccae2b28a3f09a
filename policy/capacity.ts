import { type Amounts, type Counted, type Demand, demandOf, NOTHING } from './model/amounts.ts';
import type { Cluster } from './model/cluster.ts';
import { groupBy } from './model/grouping.ts';
import { asText, asTextMap } from './model/json.ts';
import { type KubernetesObject, specOf } from './model/kubernetes-object.ts';
import type { Pod } from './model/pod.ts';

/** Pods of one template at their most. */
export interface Part {
  readonly pod: Pod;
  /** How many at most; 0 where nothing limits them. */
  readonly count: number;
  /** What one of them asks for. */
  readonly each: Demand;
}

/** What all pods of a namespace ask for when everything runs at its most. */
export interface NamespaceDemand {
  readonly namespace: string;
  readonly parts: readonly Part[];
  readonly pods: number;
  readonly requests: Amounts;
  readonly limits: Amounts;
}

const known = new WeakMap<Cluster, readonly NamespaceDemand[]>();

/** What every namespace asks for at its most. */
export function demandByNamespace(cluster: Cluster): readonly NamespaceDemand[] {
  const demand = known.get(cluster) ?? readDemand(cluster);
  known.set(cluster, demand);
  return demand;
}

function readDemand({ pods, bounds }: Cluster): NamespaceDemand[] {
  return [...groupBy(pods, ({ namespace }) => namespace)].map(([namespace, own]) => {
    const parts = own.map((pod) => ({
      pod,
      count: pod.count.max ?? 0,
      each: demandOf(pod, bounds.get(namespace) ?? []),
    }));
    return {
      namespace,
      parts,
      pods: parts.reduce((sum, { count }) => sum + count, 0),
      requests: totalOf(parts, 'requests'),
      limits: totalOf(parts, 'limits'),
    };
  });
}

/** The sum over parts of one side of their demand. */
export function totalOf(parts: readonly Part[], side: keyof Demand): Amounts {
  return parts.reduce(
    (sum, { count, each }) => ({
      cpu: sum.cpu + count * each[side].cpu,
      memory: sum.memory + count * each[side].memory,
    }),
    NOTHING,
  );
}

/** What a quota counts, by its key. */
export type QuotaKey = 'requests.cpu' | 'requests.memory' | 'limits.cpu' | 'limits.memory' | 'pods';

/** Quota keys under every name that Kubernetes has for them. */
const QUOTA_KEYS: Readonly<Record<string, QuotaKey>> = {
  cpu: 'requests.cpu',
  memory: 'requests.memory',
  'requests.cpu': 'requests.cpu',
  'requests.memory': 'requests.memory',
  'limits.cpu': 'limits.cpu',
  'limits.memory': 'limits.memory',
  pods: 'pods',
};

/** The hard limits of a quota, as written. */
export function hardLimits(quota: KubernetesObject): readonly (readonly [QuotaKey, string])[] {
  return Object.entries(asTextMap(specOf(quota, 'hard'))).flatMap(([name, amount]) => {
    const key = Object.hasOwn(QUOTA_KEYS, name) ? QUOTA_KEYS[name] : undefined;
    return key === undefined ? [] : [[key, amount] as const];
  });
}

/** Side and resource that a quota key counts; undefined for pods. */
export function countedBy(key: QuotaKey): readonly [keyof Demand, Counted] | undefined {
  if (key === 'pods') return undefined;
  const [side, resource] = key.split('.') as [keyof Demand, Counted];
  return [side, resource];
}

/** The one node that the pods of a template are bound to, or undefined where several would do. */
export function boundNode({ spec }: Pod): string | undefined {
  return asText(asTextMap(spec.nodeSelector)['kubernetes.io/hostname']);
}
