import { forEachOf } from '../../../operations/kubernetes/cluster-client.ts';
import {
  type Api,
  ApiRefusal,
  type KubeList,
  type KubeObject,
} from '../../../operations/rehearsal/cluster/api.ts';
import { eventually } from '../../support/cluster-objects.ts';

/** Every object of a cluster: title, such as `Secret nix-cache/attic-s3`, and UID. */
export type Inventory = ReadonlyMap<string, string>;

interface ResourceList {
  readonly groupVersion: string;
  readonly resources: readonly {
    readonly name: string;
    readonly kind: string;
    readonly verbs: readonly string[];
  }[];
}

interface GroupList {
  readonly groups: readonly { readonly preferredVersion: { readonly groupVersion: string } }[];
}

/** Kinds that come and go by themselves. */
const PASSING = new Set(['ComponentStatus', 'Event', 'Lease', 'NodeMetrics', 'PodMetrics']);

/** Lists every object of every type that the API server serves. */
export async function takeInventory(api: Api): Promise<Inventory> {
  const { groups } = await api.get<GroupList>('/apis');
  const roots = [
    '/api/v1',
    ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`),
  ];
  const lists = await forEachOf(roots, async (root) => {
    const { resources } = await api.get<ResourceList>(root);
    return resources
      .filter(
        ({ name, verbs, kind }) =>
          !name.includes('/') && verbs.includes('list') && !PASSING.has(kind),
      )
      .map(({ name, kind }) => ({ kind, path: `${root}/${name}` }));
  });
  const found = await forEachOf(lists.flat(), async ({ kind, path }) => {
    const { items } = await eventually(path, () => list(api, path));
    return items.map(({ metadata }) => [titleOf(kind, metadata), metadata?.uid ?? ''] as const);
  });
  return new Map(found.flat());
}

/** A type that was made a moment ago is not served yet (429). */
async function list(api: Api, path: string): Promise<KubeList<KubeObject> | undefined> {
  try {
    return await api.get(path);
  } catch (error) {
    if (error instanceof ApiRefusal && error.status === 429) return undefined;
    throw error;
  }
}

function titleOf(kind: string, metadata: KubeObject['metadata']): string {
  const { namespace, name = '' } = metadata ?? {};
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

/** What is in the later one and not in the earlier, in order. */
export function addedTo(earlier: Inventory, later: Inventory): string[] {
  return [...later.keys()].filter((title) => !earlier.has(title)).sort();
}
