import {
  countedBy,
  demandByNamespace,
  hardLimits,
  type NamespaceDemand,
  type QuotaKey,
} from './capacity.ts';
import { type Amounts, amountOf, type Demand } from './model/amounts.ts';
import type { Cluster } from './model/cluster.ts';

/** A number of pods with what they ask for and may use: thousandths of a core, and bytes. */
export interface PodDemand extends Demand {
  readonly pods: number;
}

/** What one namespace comes to when everything in it runs at its most, beside its quota. */
export interface NamespaceCapacity extends PodDemand {
  readonly namespace: string;
  /** The least that its quotas allow, by key; empty where it has none. */
  readonly quota: Readonly<Partial<Record<QuotaKey, number>>>;
}

/** What everything comes to, beside what there is. */
export interface CapacitySummary {
  readonly namespaces: readonly NamespaceCapacity[];
  readonly total: PodDemand;
  /** What the declared nodes offer; null where none are declared, and it is not known. */
  readonly nodes: (Amounts & { readonly pods: number }) | null;
}

/** Sums up the same numbers that the rules on capacity judge by. */
export function summarizeCapacity(cluster: Cluster): CapacitySummary {
  const namespaces = demandByNamespace(cluster)
    .map((demand) => ({ ...demandOf(demand), quota: quotaOf(cluster, demand.namespace) }))
    .sort((left, right) => (left.namespace < right.namespace ? -1 : 1));
  const { nodes } = cluster.input.declared;
  return {
    namespaces,
    total: {
      pods: sum(namespaces.map(({ pods }) => pods)),
      requests: sumOf(namespaces.map(({ requests }) => requests)),
      limits: sumOf(namespaces.map(({ limits }) => limits)),
    },
    nodes:
      nodes.length === 0
        ? null
        : {
            cpu: sum(nodes.map(({ allocatable }) => allocatable.cpu.amount)),
            memory: sum(nodes.map(({ allocatable }) => allocatable.memory.amount)),
            pods: sum(nodes.map(({ allocatable }) => allocatable.pods)),
          },
  };
}

function demandOf({ namespace, pods, requests, limits }: NamespaceDemand) {
  return { namespace, pods, requests, limits };
}

function quotaOf(cluster: Cluster, namespace: string): NamespaceCapacity['quota'] {
  const least = new Map<QuotaKey, number>();
  const own = cluster.ofKind('ResourceQuota').filter((quota) => quota.namespace === namespace);
  for (const [key, hard] of own.flatMap(hardLimits)) {
    const amount = quotaAmount(key, hard);
    if (amount !== undefined) least.set(key, Math.min(amount, least.get(key) ?? amount));
  }
  return Object.fromEntries(least);
}

function quotaAmount(key: QuotaKey, hard: string): number | undefined {
  const [, resource] = countedBy(key) ?? [];
  return resource === undefined ? Number(hard) : amountOf(resource, hard);
}

function sumOf(amounts: readonly Amounts[]): Amounts {
  return {
    cpu: sum(amounts.map(({ cpu }) => cpu)),
    memory: sum(amounts.map(({ memory }) => memory)),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
