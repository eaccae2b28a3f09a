import { isClusterName } from '../../values/endpoint.ts';
import type { Cluster } from '../model/cluster.ts';
import { groupBy } from '../model/grouping.ts';
import { asText, asTexts, at } from '../model/json.ts';
import { type KubernetesObject, specOf } from '../model/kubernetes-object.ts';
import { type Pod, volumesOf } from '../model/pod.ts';
import type { Remark, Rule } from '../rule.ts';
import { urlsIn } from './urls.ts';

const AVAILABILITY = 'flywheel/availability';
const FAILURE_DOMAIN = 'flywheel/failure-domain';
const BACKUP = 'flywheel/backup';

/** What a component may say of itself. */
const CLAIMS = new Set(['ha', 'interim']);

/** A failure domain of one machine, in the words of whoever states it: "the node and its volume", not "all nodes". */
const ONE_NODE = /\bnode\b/;

/** High availability is claimed only where the loss of any one node leaves the component and its data. */
export const availabilityClaim: Rule = {
  id: 'availability-claim',
  severity: 'error',
  meaning:
    'What claims high availability has two pods or more, and no volume or failure domain that is one node.',
  *judge(cluster) {
    const pods = groupBy(cluster.pods, ({ address }) => address);
    for (const object of cluster.objects) {
      const claim = object.annotations[AVAILABILITY];
      if (claim === undefined) continue;
      for (const problem of problemsOf(cluster, object, claim, pods.get(object.address) ?? [])) {
        yield {
          resource: object.address,
          problem: `${object.kind} ${object.name} ${problem}`,
          remedy: 'call it interim, or give it replicas and volumes on several nodes',
        };
      }
    }
  },
};

function problemsOf(
  cluster: Cluster,
  object: KubernetesObject,
  claim: string,
  pods: readonly Pod[],
): string[] {
  if (!CLAIMS.has(claim))
    return [`has ${AVAILABILITY} "${claim}", which is neither ha nor interim`];
  if (claim === 'interim') return [];
  const least = pods.reduce((sum, { count }) => sum + count.min, 0);
  const domain = object.annotations[FAILURE_DOMAIN] ?? '';
  const volume = singleVolume(cluster, pods);
  return [
    ...(least < 2
      ? [`claims high availability with ${least} pod${least === 1 ? '' : 's'} at the least`]
      : []),
    ...(volume === undefined
      ? []
      : [`claims high availability on ${volume}, which one node mounts at a time`]),
    ...(ONE_NODE.test(domain)
      ? [`claims high availability, and its failure domain is "${domain}"`]
      : []),
    ...(domain === '' ? [`claims high availability and states no ${FAILURE_DOMAIN}`] : []),
  ];
}

/** A volume claim that all pods share and that only one node can mount. */
function singleVolume({ ofKind }: Cluster, pods: readonly Pod[]): string | undefined {
  const claims = new Set(
    pods.flatMap((pod) =>
      volumesOf(pod).flatMap((volume) => {
        const name = asText(at(volume, 'persistentVolumeClaim', 'claimName'));
        return name === undefined ? [] : [`${pod.namespace}/${name}`];
      }),
    ),
  );
  const shared = ofKind('PersistentVolumeClaim').find(
    (object) =>
      claims.has(`${object.namespace}/${object.name}`) &&
      !asTexts(specOf(object, 'accessModes')).includes('ReadWriteMany'),
  );
  return shared === undefined ? undefined : `the volume claim ${shared.name}`;
}

/** A backup that is lost together with the data is no backup. */
export const sameFailureDomain: Rule = {
  id: 'same-failure-domain',
  severity: 'warning',
  meaning: 'Backups lie in another failure domain than the data.',
  *judge(cluster) {
    for (const object of cluster.objects) {
      const backup = object.annotations[BACKUP];
      if (backup === 'same-failure-domain') yield lostTogether(object);
      else if (backup === 'elsewhere') yield* contradicted(cluster, object);
    }
  },
};

function lostTogether({ address, kind, name }: KubernetesObject): Remark {
  return {
    resource: address,
    problem: `the backups of ${kind} ${name} lie in the store that is lost together with the data`,
    remedy: 'give attic.database.backup.endpoint a store outside of this cluster',
  };
}

/** A database that says its backups are elsewhere, with a store inside of the cluster. */
function* contradicted({ ofKind }: Cluster, object: KubernetesObject): Iterable<Remark> {
  const stores = ofKind('ObjectStore').filter(({ namespace }) => namespace === object.namespace);
  for (const store of stores) {
    const endpoint = asText(specOf(store, 'configuration', 'endpointURL')) ?? '';
    const inside = urlsIn(endpoint).some(({ host }) => isClusterName(host));
    if (!inside) continue;
    yield {
      resource: store.address,
      problem: `the backups of ${object.kind} ${object.name} are said to lie elsewhere, and their store is ${endpoint}, a Service of this cluster`,
      remedy: 'give attic.database.backup.endpoint a store outside of this cluster',
    };
  }
}
