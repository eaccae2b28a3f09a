import type { Cluster } from '../model/cluster.ts';
import { addTo, groupBy } from '../model/grouping.ts';
import { type KubernetesObject, specOf } from '../model/kubernetes-object.ts';
import { selectorIndex } from '../model/label-selector.ts';
import type { Pod } from '../model/pod.ts';
import type { Remark, Rule } from '../rule.ts';

/** A budget that lets no pod go makes the drain of a node wait for ever. */
export const disruptionBudget: Rule = {
  id: 'disruption-budget',
  severity: 'error',
  meaning:
    'Every disruption budget lets at least one pod of the least there are go, and what has two or more pods has one.',
  *judge(cluster) {
    const budgets = groupBy(cluster.ofKind('PodDisruptionBudget'), ({ namespace }) => namespace);
    const chosen = new Map<KubernetesObject, Pod[]>();
    const covered = new Set<Pod>();
    for (const [namespace, pods] of groupBy(cluster.pods, (pod) => pod.namespace)) {
      const choosing = selectorIndex(budgets.get(namespace) ?? [], (budget) =>
        specOf(budget, 'selector'),
      );
      for (const pod of pods) {
        for (const budget of choosing(pod.labels)) {
          covered.add(pod);
          addTo(chosen, budget, pod);
        }
      }
    }
    for (const budget of cluster.ofKind('PodDisruptionBudget')) {
      yield* judgeBudget(budget, chosen.get(budget) ?? []);
    }
    for (const pod of cluster.pods) yield* missingBudget(pod, covered);
    yield* ownBudgets(cluster);
  },
};

function* judgeBudget(budget: KubernetesObject, chosen: readonly Pod[]): Iterable<Remark> {
  const resource = budget.address;
  if (chosen.length === 0) {
    yield {
      resource,
      severity: 'warning',
      problem: `the budget ${budget.name} chooses no pods of ${budget.namespace}`,
      remedy: 'give it the labels of the pods it is for, or remove it',
    };
    return;
  }
  const least = chosen.reduce((sum, { count }) => sum + count.min, 0);
  const kept = keptPods(budget, least);
  if (least === 0 || kept < least) return;
  yield {
    resource,
    problem: `the budget ${budget.name} keeps ${kept} of the ${least} pods that are there at least, so a node that runs one can never be drained`,
    remedy: 'set maxUnavailable to 1, or leave the budget out where there is one replica',
  };
}

/** How many pods a budget keeps of that many; percentages are rounded up, for both of its fields. */
function keptPods(budget: KubernetesObject, pods: number): number {
  const unavailable = specOf(budget, 'maxUnavailable');
  if (unavailable !== undefined) return pods - share(unavailable, pods);
  return share(specOf(budget, 'minAvailable') ?? 1, pods);
}

function share(value: unknown, whole: number): number {
  const text = String(value);
  return text.endsWith('%') ? Math.ceil((Number(text.slice(0, -1)) / 100) * whole) : Number(text);
}

function* missingBudget(pod: Pod, covered: ReadonlySet<Pod>): Iterable<Remark> {
  if (pod.purpose !== 'service' || pod.count.min < 2 || covered.has(pod)) return;
  // CloudNativePG keeps budgets of its own.
  if (pod.owner.startsWith('instances of ')) return;
  yield {
    resource: pod.address,
    severity: 'warning',
    problem: `${pod.owner} has ${pod.count.min} pods and no disruption budget, so drains may take all of them at once`,
    remedy: 'define a budget with maxUnavailable 1',
  };
}

/** CloudNativePG makes a budget of its own that keeps the one instance there is. */
function* ownBudgets({ ofKind }: Cluster): Iterable<Remark> {
  for (const object of ofKind('Cluster')) {
    if (!object.apiVersion.startsWith('postgresql.cnpg.io/')) continue;
    const alone = (specOf(object, 'instances') ?? 1) === 1;
    if (!alone || specOf(object, 'enablePDB') === false) continue;
    yield {
      resource: object.address,
      problem: `the database ${object.name} has one instance and leaves enablePDB on, so its node can never be drained`,
      remedy: 'set enablePDB to false as long as there is one instance',
    };
  }
}
