import { asObject, asText, asTextMap, at, type JsonObject } from './json.ts';

/** Where an object comes from: a resource of the Kubernetes provider, our chart of manifests, or another's chart. */
export type Origin = 'resource' | 'manifest' | 'chart';

/** An object that a stack puts into the cluster, in the shape of the Kubernetes API. */
export interface KubernetesObject {
  readonly stack: string;
  /** As findings name it: `attic: kubernetes_deployment_v1.api`, or `attic: helm_release.operator Deployment/operator`. */
  readonly address: string;
  readonly origin: Origin;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Empty for objects of the whole cluster. */
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** The whole object. */
  readonly body: JsonObject;
}

/** Kinds that belong to no namespace, whatever the release that brings them. */
const CLUSTER_KINDS = new Set([
  'ClusterRole',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
  'MutatingWebhookConfiguration',
  'Namespace',
  'PriorityClass',
  'StorageClass',
  'ValidatingWebhookConfiguration',
]);

/** An object as people name it: `Deployment nix-cache/attic`, or `Namespace nix-cache`. */
export function objectTitle({
  kind,
  namespace,
  name,
}: Pick<KubernetesObject, 'kind' | 'name' | 'namespace'>): string {
  return `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`;
}

/** Reads an object that is already in the shape of the API. */
export function readObject(
  body: JsonObject,
  from: {
    readonly stack: string;
    readonly address: string;
    readonly origin: Origin;
    /** The namespace of objects that name none. */
    readonly namespace: string;
  },
): KubernetesObject {
  const metadata = asObject(body.metadata);
  const kind = asText(body.kind) ?? '';
  const name = asText(metadata.name) ?? '';
  return {
    stack: from.stack,
    address: from.origin === 'resource' ? from.address : `${from.address} ${kind}/${name}`,
    origin: from.origin,
    apiVersion: asText(body.apiVersion) ?? '',
    kind,
    name,
    namespace: CLUSTER_KINDS.has(kind) ? '' : (asText(metadata.namespace) ?? from.namespace),
    labels: asTextMap(metadata.labels),
    annotations: asTextMap(metadata.annotations),
    body,
  };
}

/** What lies in the `spec` of an object under the keys. */
export function specOf(object: KubernetesObject, ...keys: readonly string[]): unknown {
  return at(object.body.spec, ...keys);
}
