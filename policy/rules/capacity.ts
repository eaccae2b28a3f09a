import {
  boundNode,
  countedBy,
  demandByNamespace,
  hardLimits,
  type NamespaceDemand,
  type Part,
  type QuotaKey,
  totalOf,
} from '../capacity.ts';
import { amountOf, COUNTED, type Counted, type Demand, shownAmount } from '../model/amounts.ts';
import { groupBy } from '../model/grouping.ts';
import type { DeclaredNode } from '../policy-input.ts';
import type { Remark, Rule } from '../rule.ts';

const LARGEST_SHOWN = 3;

/** More than the quota is refused when the pods are made: jobs wait, and nobody sees why. */
export const capacityQuota: Rule = {
  id: 'capacity-quota',
  severity: 'error',
  meaning:
    'The most that all pods of a namespace ask for, may use and count stays within its quota.',
  *judge(cluster) {
    const quotas = groupBy(cluster.ofKind('ResourceQuota'), ({ namespace }) => namespace);
    for (const demand of demandByNamespace(cluster)) {
      yield* unlimited(demand);
      for (const quota of quotas.get(demand.namespace) ?? []) {
        for (const [key, hard] of hardLimits(quota)) {
          const problem = overQuota(demand, key, hard);
          if (problem === undefined) continue;
          yield {
            resource: quota.address,
            problem: `${demand.namespace}: ${problem}`,
            remedy:
              'raise the quota under runners.quotas, or lower managers, concurrent, maxima or the size of a job',
          };
        }
      }
    }
  },
};

function* unlimited({ parts }: NamespaceDemand): Iterable<Remark> {
  for (const { pod } of parts) {
    if (pod.count.max !== undefined) continue;
    yield {
      resource: pod.address,
      problem: `nothing limits how many pods of ${pod.owner} there are, so no quota or node is known to hold them`,
      remedy: 'set a maximum: maxRunners of a scale set, concurrencyPolicy Forbid of a CronJob',
    };
  }
}

function overQuota(demand: NamespaceDemand, key: QuotaKey, hard: string): string | undefined {
  const counted = countedBy(key);
  if (counted === undefined) {
    const most = Number(hard);
    return demand.pods > most
      ? `up to ${demand.pods} pods, more than the ${most} of the quota (${largest(demand.parts, ({ count }) => count, String)})`
      : undefined;
  }
  const [side, resource] = counted;
  const most = amountOf(resource, hard);
  if (most === undefined) return `the quota for ${key}, "${hard}", is no amount`;
  const needed = demand[side][resource];
  if (needed <= most) return undefined;
  const sizes = largest(
    demand.parts,
    ({ count, each }) => count * each[side][resource],
    (amount) => shownAmount(resource, amount),
  );
  return `${key} of up to ${shownAmount(resource, needed)}, more than the ${shownAmount(resource, most)} of the quota (${sizes})`;
}

function largest(
  parts: readonly Part[],
  sizeOf: (part: Part) => number,
  show: (size: number) => string,
): string {
  return [...parts]
    .sort((left, right) => sizeOf(right) - sizeOf(left))
    .slice(0, LARGEST_SHOWN)
    .map((part) => `${part.pod.owner}: ${part.count} x ${show(sizeOf(part) / (part.count || 1))}`)
    .join('; ');
}

/** What does not fit waits in the queue of the scheduler, for ever if need be. */
export const capacityNodes: Rule = {
  id: 'capacity-nodes',
  severity: 'error',
  meaning: 'The most that all pods ask for, and their number, fits on the declared nodes.',
  *judge(cluster) {
    const { nodes } = cluster.input.declared;
    const parts = demandByNamespace(cluster).flatMap((demand) => demand.parts);
    if (parts.length === 0) return;
    if (nodes.length === 0) {
      yield {
        resource: 'cluster',
        severity: 'notice',
        problem: `whether ${shownDemand(parts, 'requests')} in up to ${podsOf(parts)} pods fit is not known: no nodes are declared`,
        remedy:
          'declare the nodes under cluster.nodes, from the Allocatable block of kubectl describe node',
      };
      return;
    }
    yield* overNodes('all pods together', nodes, parts);
    yield* boundToNodes(nodes, parts);
    yield* tooLarge(nodes, parts);
  },
};

function* overNodes(
  what: string,
  nodes: readonly DeclaredNode[],
  parts: readonly Part[],
): Iterable<Remark> {
  const names = nodes.map(({ name }) => name).join(', ');
  for (const resource of COUNTED) {
    const needed = totalOf(parts, 'requests')[resource];
    const there = allocatable(nodes, resource);
    if (needed <= there) continue;
    const sizes = largest(
      parts,
      ({ count, each }) => count * each.requests[resource],
      (amount) => shownAmount(resource, amount),
    );
    yield {
      resource: 'cluster',
      problem: `${what} request up to ${shown(resource, needed)}, more than the ${shown(resource, there)} of ${names} (${sizes})`,
      remedy: 'lower managers, concurrent, maxima or requests, or add a node to cluster.nodes',
    };
  }
  const room = nodes.reduce((sum, { allocatable: offer }) => sum + offer.pods, 0);
  if (podsOf(parts) > room) {
    yield {
      resource: 'cluster',
      problem: `${what} are up to ${podsOf(parts)}, more than the ${room} that fit on ${names}`,
      remedy: 'lower managers, concurrent or maxima, or add a node to cluster.nodes',
    };
  }
}

/** Pods that can run on one node only. */
function* boundToNodes(nodes: readonly DeclaredNode[], parts: readonly Part[]): Iterable<Remark> {
  for (const [name, bound] of groupBy(parts, ({ pod }) => boundNode(pod))) {
    if (name === undefined) continue;
    const node = nodes.find((declared) => declared.name === name);
    if (node !== undefined) yield* overNodes(`pods bound to ${name}`, [node], bound);
    else {
      yield {
        resource: bound[0]?.pod.address ?? 'cluster',
        problem: `${bound[0]?.pod.owner} is bound to the node ${name}, which is not declared`,
        remedy: `declare ${name} under cluster.nodes, or name one of ${nodes.map((declared) => declared.name).join(', ')}`,
      };
    }
  }
}

function* tooLarge(nodes: readonly DeclaredNode[], parts: readonly Part[]): Iterable<Remark> {
  for (const { pod, each } of parts) {
    if (boundNode(pod) !== undefined) continue;
    for (const resource of COUNTED) {
      const most = Math.max(...nodes.map((node) => node.allocatable[resource].amount));
      if (each.requests[resource] <= most) continue;
      yield {
        resource: pod.address,
        problem: `one pod of ${pod.owner} requests ${shown(resource, each.requests[resource])}, more than the ${shown(resource, most)} of the largest node`,
        remedy: 'lower its requests, or declare the node that can hold it',
      };
    }
  }
}

/** Limits above the memory of the nodes are only bad when they are all used at once: then processes are killed. */
export const capacityNodesMemory: Rule = {
  id: 'capacity-nodes-memory',
  severity: 'warning',
  meaning: 'The memory that all pods may use at their most fits on the declared nodes.',
  *judge(cluster) {
    const { nodes } = cluster.input.declared;
    if (nodes.length === 0) return;
    const parts = demandByNamespace(cluster).flatMap((demand) => demand.parts);
    const needed = totalOf(parts, 'limits').memory;
    const there = allocatable(nodes, 'memory');
    if (needed <= there) return;
    const sizes = largest(
      parts,
      ({ count, each }) => count * each.limits.memory,
      (amount) => shownAmount('memory', amount),
    );
    yield {
      resource: 'cluster',
      problem: `all pods together may use up to ${shown('memory', needed)}, more than the ${shown('memory', there)} of the nodes (${sizes})`,
      remedy:
        'lower limits of memory or maxima; as it is, a node that runs full kills what uses most above its request',
    };
  },
};

function allocatable(nodes: readonly DeclaredNode[], resource: Counted): number {
  return nodes.reduce((sum, node) => sum + node.allocatable[resource].amount, 0);
}

function podsOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { count }) => sum + count, 0);
}

function shownDemand(parts: readonly Part[], side: keyof Demand): string {
  const total = totalOf(parts, side);
  return COUNTED.map((resource) => shown(resource, total[resource])).join(' and ');
}

/** An amount with what it is an amount of. */
function shown(resource: Counted, amount: number): string {
  const text = shownAmount(resource, amount);
  return resource === 'memory' ? `${text} of memory` : text;
}
