import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Api, KubeList, KubeObject } from '../../../operations/rehearsal/cluster/api.ts';
import { asObject, asObjects, asText, asTextMap, at } from '../../../policy/model/json.ts';
import { takeInventory } from './inventory.ts';

/** One resource that a stack declares, and its object in the cluster. */
export interface Declared {
  /** Such as `kubernetes_role_v1.pool_role_1A2B3C4D`. */
  readonly address: string;
  /** As `tofu import` wants it. */
  readonly id: string;
  /** Title in an inventory; of a Helm release it is the Secret of its first revision. */
  readonly object: string;
}

/** A release of Helm that is in the cluster. */
export interface Release {
  readonly name: string;
  readonly namespace: string;
  readonly revision: number;
  readonly status: string;
}

/** What is in the cluster and in no state. */
export interface Orphans {
  /** Objects of the provider `kubernetes`. */
  readonly objects: readonly Declared[];
  /** Releases of Helm. */
  readonly releases: readonly (Declared & { readonly status: string })[];
  /** How many resources the state holds. */
  readonly inState: number;
  /** Addresses of those that the next apply makes anew. */
  readonly tainted: readonly string[];
}

/** What the JSON of a stack declares. */
export function declaredIn(folder: string): Declared[] {
  const json: unknown = JSON.parse(readFileSync(join(folder, 'cdk.tf.json'), 'utf8'));
  return Object.entries(asObject(at(json, 'resource'))).flatMap(([type, resources]) =>
    Object.entries(asObject(resources)).map(([name, resource]) => ({
      address: `${type}.${name}`,
      ...(type === 'helm_release' ? ofRelease(resource) : ofObject(type, resource)),
    })),
  );
}

function ofRelease(resource: unknown): Pick<Declared, 'id' | 'object'> {
  const id = `${asText(at(resource, 'namespace'))}/${asText(at(resource, 'name'))}`;
  return { id, object: `Secret ${id.replace('/', '/sh.helm.release.v1.')}.v1` };
}

function ofObject(type: string, resource: unknown): Pick<Declared, 'id' | 'object'> {
  const { name = '', namespace } = asTextMap(at(resource, 'metadata'));
  const kind = type
    .replace(/^kubernetes_/, '')
    .replace(/_v\d+$/, '')
    .replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const id = namespace === undefined ? name : `${namespace}/${name}`;
  return { id, object: `${kind} ${id}` };
}

/** Every revision of every release of Helm in a cluster. */
async function releasesIn(api: Api): Promise<Release[]> {
  const { items } = await api.get<KubeList<KubeObject>>(
    '/api/v1/secrets?labelSelector=owner%3Dhelm',
  );
  return items.map(({ metadata }) => {
    const { name = '', status = '', version = '' } = metadata?.labels ?? {};
    return { name, namespace: metadata?.namespace ?? '', revision: Number(version), status };
  });
}

/**
 * Compares what a stack declares with what is in the cluster and in the state.
 *
 * @param state as `tofu state pull` prints it; undefined where there is none
 */
export async function findOrphans(
  api: Api,
  declared: readonly Declared[],
  state: unknown,
): Promise<Orphans> {
  const live = await takeInventory(api);
  const releases = await releasesIn(api);
  const statusOf = (id: string) =>
    releases.find(({ namespace, name }) => `${namespace}/${name}` === id)?.status ?? 'unknown';
  const kept = resourcesIn(state);
  const orphans = declared.filter(
    ({ address, object }) => live.has(object) && !kept.some((one) => one.address === address),
  );
  const isRelease = ({ address }: Declared) => address.startsWith('helm_release.');
  return {
    objects: orphans.filter((one) => !isRelease(one)),
    releases: orphans.filter(isRelease).map((one) => ({ ...one, status: statusOf(one.id) })),
    inState: kept.length,
    tainted: kept.filter(({ tainted }) => tainted).map(({ address }) => address),
  };
}

function resourcesIn(state: unknown): { readonly address: string; readonly tainted: boolean }[] {
  return asObjects(at(state, 'resources'))
    .filter(({ mode, instances }) => mode === 'managed' && asObjects(instances).length > 0)
    .map(({ type, name, instances }) => ({
      address: `${type}.${name}`,
      tainted: asObjects(instances).some(({ status }) => status === 'tainted'),
    }));
}
