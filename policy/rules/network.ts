import { groupBy } from '../model/grouping.ts';
import { asObjects, asTexts } from '../model/json.ts';
import { type KubernetesObject, specOf } from '../model/kubernetes-object.ts';
import { matchesSelector, selectorIndex } from '../model/label-selector.ts';
import type { Pod } from '../model/pod.ts';
import type { Remark, Rule } from '../rule.ts';

const DIRECTIONS = ['Ingress', 'Egress'] as const;

/** Without a policy a pod may be called by anyone and call anything; with the default policy alone it can do nothing. */
export const networkPolicy: Rule = {
  id: 'network-policy',
  severity: 'error',
  meaning:
    'Every namespace with pods denies by default, and every pod has a policy with its flows.',
  *judge(cluster) {
    const policies = groupBy(cluster.ofKind('NetworkPolicy'), ({ namespace }) => namespace);
    for (const [namespace, pods] of groupBy(cluster.pods, (pod) => pod.namespace)) {
      const own = policies.get(namespace) ?? [];
      const open = DIRECTIONS.filter(
        (direction) => !own.some((policy) => denies(policy, direction)),
      );
      if (open.length > 0)
        yield openNamespace(namespace, open, pods, cluster.namespaces.get(namespace)?.address);
      const flows = own.filter(
        (policy) => !DIRECTIONS.every((direction) => denies(policy, direction)),
      );
      const choosing = selectorIndex(flows, (policy) => specOf(policy, 'podSelector'));
      for (const pod of pods) {
        if (choosing(pod.labels).length === 0) yield podWithoutFlows(pod);
      }
    }
  },
};

function openNamespace(
  namespace: string,
  open: readonly string[],
  pods: readonly Pod[],
  address: string | undefined,
): Remark {
  return {
    resource: address ?? pods[0]?.address ?? namespace,
    problem: `${namespace} has no policy that denies ${open.join(' and ')} by default`,
    remedy: 'define the namespace by ManagedNamespace, which denies both',
  };
}

/** True for a policy that chooses every pod and allows nothing in that direction. */
function denies(policy: KubernetesObject, direction: (typeof DIRECTIONS)[number]): boolean {
  return (
    matchesEverything(specOf(policy, 'podSelector')) &&
    directionsOf(policy).includes(direction) &&
    asObjects(specOf(policy, direction.toLowerCase())).length === 0
  );
}

function matchesEverything(selector: unknown): boolean {
  return matchesSelector(selector, {});
}

/** Without `policyTypes` a policy is about Ingress, and about Egress when it has rules for it. */
function directionsOf(policy: KubernetesObject): readonly string[] {
  const types = asTexts(specOf(policy, 'policyTypes'));
  if (types.length > 0) return types;
  return specOf(policy, 'egress') === undefined ? ['Ingress'] : ['Ingress', 'Egress'];
}

function podWithoutFlows(pod: Pod): Remark {
  return {
    resource: pod.address,
    problem: `no network policy of ${pod.namespace} but the default chooses the pods of ${pod.owner}, so they reach nothing, the cluster DNS included`,
    remedy: 'define a policy that chooses their labels and lists whom they call and who calls them',
  };
}
