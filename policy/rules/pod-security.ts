import type { Cluster, PodSecurityLevel } from '../model/cluster.ts';
import type { Pod } from '../model/pod.ts';
import type { Rule } from '../rule.ts';
import { violations } from './pod-security-standard.ts';

/** Why a pod of ours gives up a part of its hardening, on its template or its owner. */
const WEAKENING = 'flywheel/weakening';

/** What the API server would refuse, and what every pod but those of jobs must keep. */
export const podSecurity: Rule = {
  id: 'pod-security',
  severity: 'error',
  meaning:
    'Every pod passes the Pod Security Standard that its namespace enforces; every pod but those of jobs passes `restricted`, or `baseline` with a written reason.',
  *judge(cluster) {
    for (const pod of cluster.pods) {
      const standard = standardOf(cluster, pod);
      const broken = violations(standard.level, pod);
      if (broken.length === 0) continue;
      yield {
        resource: pod.address,
        problem: `${pod.owner}: ${broken.join('; ')}; ${standard.because}`,
        remedy: `harden the pod; where it cannot be, write the reason into the annotation ${WEAKENING} or into a waiver`,
      };
    }
  },
};

function standardOf(
  { namespaces }: Cluster,
  { namespace, purpose, annotations }: Pod,
): { readonly level: PodSecurityLevel; readonly because: string } {
  const enforced = namespaces.get(namespace)?.podSecurity ?? 'privileged';
  const kept = `the namespace ${namespace} enforces ${enforced}`;
  if (purpose === 'job' || enforced === 'restricted') return { level: enforced, because: kept };
  return (annotations[WEAKENING] ?? '') === ''
    ? { level: 'restricted', because: 'every pod but those of jobs keeps to restricted' }
    : {
        level: 'baseline',
        because: 'a written reason lets it be below restricted, not below baseline',
      };
}
