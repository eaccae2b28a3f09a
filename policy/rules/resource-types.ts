import { KUBERNETES_KINDS } from '../model/kubernetes-blocks.ts';
import type { Rule } from '../rule.ts';

/** Objects that only Kubernetes 1.x knew by another name, and one resource that cannot be planned on an empty cluster. */
export const resourceType: Rule = {
  id: 'resource-type',
  severity: 'error',
  meaning:
    'Kubernetes objects are resources with a version in their type, of a kind that these rules know.',
  *judge({ resources }) {
    for (const { type, address } of resources) {
      if (!type.startsWith('kubernetes_') || Object.hasOwn(KUBERNETES_KINDS, type)) continue;
      if (type === 'kubernetes_manifest') {
        yield {
          resource: address,
          problem:
            'kubernetes_manifest asks the cluster for its type while planning, so a first apply cannot be planned',
          remedy: 'put the object into a release of our chart of manifests',
        };
      } else if (!/_v\d+$/.test(type)) {
        yield {
          resource: address,
          problem: `${type} is the deprecated name without a version`,
          remedy: `use ${type}_v1`,
        };
      } else {
        yield {
          resource: address,
          problem: `nothing is known of ${type}, so no rule has judged it`,
          remedy: 'add its kind to policy/model/kubernetes-blocks.ts',
        };
      }
    }
  },
};
