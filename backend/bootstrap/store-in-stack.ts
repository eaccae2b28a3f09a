import { plural } from '../../operations/preflight/api-types.ts';
import { definedObjects } from '../../policy/model/cluster.ts';
import { asNumber, asObjects, asText, asTextMap, at } from '../../policy/model/json.ts';
import { requiredSecrets } from '../../policy/model/known-secrets.ts';
import {
  type KubernetesObject,
  objectTitle,
  specOf,
} from '../../policy/model/kubernetes-object.ts';
import type { JudgedStack } from '../../policy/policy-input.ts';
import { holdsState } from '../../policy/state-store.ts';

/** An object of the cluster by which it is known whether the store is there. */
export interface StoreObject {
  /** For people: `Deployment nix-cache/object-store`. */
  readonly title: string;
  readonly apiVersion: string;
  /** As the API calls its kind in a path. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
}

/** The store of the states, as the stack that deploys it describes it. */
export interface StoreInStack {
  readonly workload: StoreObject;
  /** Where its data lies, also after the workload is gone. */
  readonly claims: readonly StoreObject[];
  /** How pods reach it; from elsewhere requests go through one of them. */
  readonly endpoint: string;
  /** The Secret with the identity of the bucket of the states. */
  readonly keys: { readonly namespace: string; readonly name: string };
}

/**
 * Finds the store of the states in a synthesized stack; undefined where the stack deploys none.
 *
 * @param bucket the one that the states lie in
 */
export function storeInStack(stack: JudgedStack, bucket: string): StoreInStack | undefined {
  const objects = definedObjects([stack]);
  const workload = objects.find(({ body }) => holdsState(body));
  const keys = requiredSecrets([stack]).find(
    ({ kind, name }) => kind === 's3-credentials' && name === `${bucket}-s3`,
  );
  if (workload === undefined || keys === undefined) return undefined;
  const beside = objects.filter(({ namespace }) => namespace === workload.namespace);
  const endpoint = beside.flatMap((object) => addressOf(object, workload)).at(0);
  if (endpoint === undefined) return undefined;
  return {
    workload: storeObject(workload),
    claims: claimNames(workload).map((name) =>
      storeObject({
        kind: 'PersistentVolumeClaim',
        apiVersion: 'v1',
        namespace: workload.namespace,
        name,
      }),
    ),
    endpoint,
    keys: { namespace: keys.namespace, name: keys.name },
  };
}

function storeObject(
  object: Pick<KubernetesObject, 'apiVersion' | 'kind' | 'name' | 'namespace'>,
): StoreObject {
  const { apiVersion, kind, namespace, name } = object;
  const title = objectTitle(object);
  return { title, apiVersion, resource: plural(kind), namespace, name };
}

/** The address of a Service of that workload; none for anything else. */
function addressOf(object: KubernetesObject, workload: KubernetesObject): string[] {
  const selector = Object.entries(asTextMap(specOf(object, 'selector')));
  const labels = asTextMap(specOf(workload, 'template', 'metadata', 'labels'));
  const leadsThere = selector.every(([label, value]) => labels[label] === value);
  if (object.kind !== 'Service' || selector.length === 0 || !leadsThere) return [];
  const port = asNumber(asObjects(specOf(object, 'ports')).at(0)?.port);
  return [`http://${object.name}.${object.namespace}.svc.cluster.local:${port}`];
}

function claimNames(workload: KubernetesObject): string[] {
  return asObjects(specOf(workload, 'template', 'spec', 'volumes')).flatMap(
    (volume) => asText(at(volume, 'persistentVolumeClaim', 'claimName')) ?? [],
  );
}
