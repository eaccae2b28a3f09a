import type { JsonObject } from '../../policy/model/json.ts';

/** What may be asked of the API server about one's own rights. */
export interface AccessQuestion {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  /** Empty for the whole cluster. */
  readonly namespace: string;
}

/**
 * The API server, as far as operators need it here. Every request has a time limit, and every failure is a
 * `ClusterTrouble` that says what it means.
 */
export interface ClusterClient {
  /** Its address, for messages. */
  readonly server: string;

  /** The object or list at a path, or undefined where there is none. */
  get(path: string): Promise<JsonObject | undefined>;

  /** Creates an object in the list at a path, and returns it as the server keeps it. */
  create(path: string, body: JsonObject): Promise<JsonObject>;

  /** Changes what the body names (a JSON merge patch). With a `resourceVersion` in it, only if nobody else was faster. */
  change(path: string, body: JsonObject): Promise<JsonObject>;

  /** What an object would be if the given one were applied to it (server-side, taking over what others own). Changes nothing. */
  wouldApply(path: string, body: JsonObject): Promise<JsonObject>;

  /** Removes the object at a path, if it is still the one that was looked at. */
  remove(path: string, seen: SeenObject): Promise<void>;
}

/** By what an object is known to be the one that was looked at. */
export interface SeenObject {
  readonly uid: string;
  readonly resourceVersion: string;
}

/** Where the objects of a kind are, or one of them. */
export function objectPath(
  apiVersion: string,
  resource: string,
  { namespace = '', name = '' }: { readonly namespace?: string; readonly name?: string } = {},
): string {
  const root = versionPath(apiVersion);
  const parts = [
    ...(namespace === '' ? [] : ['namespaces', namespace]),
    resource,
    ...(name === '' ? [] : [name]),
  ];
  return [root, ...parts.map(encodeURIComponent)].join('/');
}

/** Where an API version says what it serves. */
export function versionPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** True when the API server would let this person do it. */
export async function isAllowed(client: ClusterClient, question: AccessQuestion): Promise<boolean> {
  const { verb, group, resource, subresource, namespace } = question;
  const answer = await client.create(
    objectPath('authorization.k8s.io/v1', 'selfsubjectaccessreviews'),
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: {
        resourceAttributes: {
          verb,
          group,
          resource,
          ...(subresource === undefined ? {} : { subresource }),
          ...(namespace === '' ? {} : { namespace }),
        },
      },
    },
  );
  const status = answer.status;
  return typeof status === 'object' && status !== null && 'allowed' in status
    ? status.allowed === true
    : false;
}

/** Runs over the items with a few at a time, and keeps their order. */
export async function forEachOf<T, R>(
  items: readonly T[],
  run: (item: T) => Promise<R>,
  together = 8,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await run(item);
  };
  await Promise.all(Array.from({ length: Math.min(together, items.length) }, worker));
  return results;
}
