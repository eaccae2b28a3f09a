import {
  asList,
  asNumber,
  asObject,
  asObjects,
  asText,
  asTextMap,
  asTexts,
  at,
  type JsonObject,
} from './json.ts';
import type { KubernetesObject, Origin } from './kubernetes-object.ts';

/** A variable of a container. */
export interface Variable {
  readonly name: string;
  /** The text itself, or undefined where it comes from elsewhere. */
  readonly value: string | undefined;
  /** The Secret and its key, where it comes from one. */
  readonly secret: { readonly name: string; readonly key: string } | undefined;
}

/** A place in a container where a volume appears. */
export interface VolumeMount {
  readonly volume: string;
  readonly path: string;
  readonly readOnly: boolean;
}

/** One container of a pod. */
export interface Container {
  readonly name: string;
  /** `sidecar` is an init container that goes on running beside the others. */
  readonly role: 'main' | 'init' | 'sidecar';
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: readonly Variable[];
  readonly mounts: readonly VolumeMount[];
  readonly ports: readonly number[];
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
  /** The container in the shape of the API, for rules that look at more. */
  readonly body: JsonObject;
}

/** A Secret of a pod's own namespace with the keys that the pod reads; no keys where it reads all. */
export interface SecretUse {
  readonly name: string;
  readonly keys: readonly string[];
}

/** What a pod is for. `job` is whatever a pipeline runs. */
export type Purpose = 'service' | 'task' | 'job';

/** Pods of one template: what each is made of and how many there can be. */
export interface Pod {
  readonly stack: string;
  readonly address: string;
  readonly origin: Origin;
  readonly purpose: Purpose;
  /** What makes the pods, such as `Deployment attic`. */
  readonly owner: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Those of the pods, over those of their owner. */
  readonly annotations: Readonly<Record<string, string>>;
  /** The service account. */
  readonly account: string;
  /** Whether the pod itself says that the token is mounted; undefined leaves it to the account. */
  readonly automount: boolean | undefined;
  readonly containers: readonly Container[];
  readonly secrets: readonly SecretUse[];
  /** How many run at least and at most; undefined where nothing limits them. */
  readonly count: { readonly min: number; readonly max: number | undefined };
  /** The pod spec in the shape of the API. */
  readonly spec: JsonObject;
}

/** What a pod is read from, besides its template. */
export interface PodSource {
  readonly object: KubernetesObject;
  readonly template: unknown;
  readonly purpose: Purpose;
  readonly count: Pod['count'];
  /** What makes the pods, where that is not the object itself. */
  readonly owner?: string;
  readonly namespace?: string;
  /** Labels that whoever makes the pods adds. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Reads the pods of one template. */
export function readPod(source: PodSource): Pod {
  const { object, template } = source;
  const spec = asObject(at(template, 'spec'));
  const account = asText(spec.serviceAccountName) ?? '';
  const automount = spec.automountServiceAccountToken;
  const containers = readContainers(spec);
  return {
    stack: object.stack,
    address: object.address,
    origin: object.origin,
    purpose: source.purpose,
    owner: source.owner ?? `${object.kind} ${object.name}`,
    namespace: source.namespace ?? object.namespace,
    labels: { ...source.labels, ...asTextMap(at(template, 'metadata', 'labels')) },
    annotations: {
      ...object.annotations,
      ...asTextMap(at(template, 'metadata', 'annotations')),
    },
    account: account === '' ? 'default' : account,
    automount: typeof automount === 'boolean' ? automount : undefined,
    containers,
    secrets: secretsOf(spec, containers),
    count: source.count,
    spec,
  };
}

/** The volumes of a pod, in the shape of the API. */
export function volumesOf(pod: Pod): readonly JsonObject[] {
  return asObjects(pod.spec.volumes);
}

function readContainers(spec: JsonObject): Container[] {
  return [
    ...asObjects(spec.initContainers).map((body) =>
      readContainer(body, body.restartPolicy === 'Always' ? 'sidecar' : 'init'),
    ),
    ...asObjects(spec.containers).map((body) => readContainer(body, 'main')),
  ];
}

function readContainer(body: JsonObject, role: Container['role']): Container {
  return {
    name: asText(body.name) ?? '',
    role,
    image: asText(body.image) ?? '',
    command: [...asTexts(body.command), ...asTexts(body.args)],
    environment: asObjects(body.env).map(readVariable),
    mounts: asObjects(body.volumeMounts).map((mount) => ({
      volume: asText(mount.name) ?? '',
      path: asText(mount.mountPath) ?? '',
      readOnly: mount.readOnly === true,
    })),
    ports: asObjects(body.ports).flatMap((port) => asNumber(port.containerPort) ?? []),
    requests: asTextMap(at(body, 'resources', 'requests')),
    limits: asTextMap(at(body, 'resources', 'limits')),
    body,
  };
}

function readVariable(body: JsonObject): Variable {
  const reference = at(body, 'valueFrom', 'secretKeyRef');
  const name = asText(at(reference, 'name'));
  const key = asText(at(reference, 'key')) ?? '';
  return {
    name: asText(body.name) ?? '',
    value: asText(body.value),
    secret: name === undefined ? undefined : { name, key },
  };
}

function secretsOf(spec: JsonObject, containers: readonly Container[]): SecretUse[] {
  const variables = containers.flatMap(({ environment }) =>
    environment.flatMap(({ secret }) =>
      secret === undefined ? [] : [{ name: secret.name, keys: [secret.key] }],
    ),
  );
  const whole = containers.flatMap(({ body }) =>
    asObjects(body.envFrom).flatMap((source) => secretUse(at(source, 'secretRef'), 'name')),
  );
  const volumes = asObjects(spec.volumes).flatMap((volume) => [
    ...secretUse(volume.secret, 'secretName'),
    ...asList(at(volume, 'projected', 'sources')).flatMap((source) =>
      secretUse(at(source, 'secret'), 'name'),
    ),
  ]);
  return [...variables, ...whole, ...volumes];
}

function secretUse(reference: unknown, nameKey: string): SecretUse[] {
  const name = asText(at(reference, nameKey));
  if (name === undefined) return [];
  const keys = asObjects(at(reference, 'items')).flatMap((item) => asText(item.key) ?? []);
  return [{ name, keys }];
}
