import type { Pod } from '../../policy/model/pod.ts';
import type { SecretRef } from '../../values/secret-ref.ts';

const RESTARTED = /^(Deployment|StatefulSet|DaemonSet) (\S+)$/;
const ONCE = /^Job /;
const SCHEDULED = /^CronJob (\S+)$/;

/**
 * What has to be done so that the pods that read a Secret read it anew, one line for each owner of pods. A variable is read
 * when a container starts; a mounted file changes by itself, and few programs look again.
 */
export function rereadLines(pods: readonly Pod[], { namespace, name }: SecretRef): string[] {
  const owners = pods
    .filter((pod) => pod.namespace === namespace)
    .filter(({ secrets }) => secrets.some((secret) => secret.name === name))
    .map(({ owner }) => owner);
  // A Job that has run does not run again for it, and the next one reads it anew.
  const lasting = owners.filter((owner) => !ONCE.test(owner));
  return [...new Set(lasting)].sort().map((owner) => rereadLine(owner, namespace));
}

function rereadLine(owner: string, namespace: string): string {
  const [, kind = '', name = ''] = RESTARTED.exec(owner) ?? [];
  if (name !== '') {
    return `kubectl --namespace ${namespace} rollout restart ${kind.toLowerCase()}/${name}`;
  }
  const [, task] = SCHEDULED.exec(owner) ?? [];
  return task === undefined
    ? `${owner} in ${namespace}: those that start from now on read it`
    : `cronjob/${task} in ${namespace} reads it at its next run`;
}
