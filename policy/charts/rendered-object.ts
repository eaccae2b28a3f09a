import {
  asObject,
  asObjects,
  asText,
  asTextMap,
  at,
  isObject,
  type JsonObject,
} from '../model/json.ts';

// What of a rendered chart goes into its summary: what the rules look at, and nothing else, so that a summary stays small and does
// not change with every word of a script.

const POD_FIELDS = [
  'automountServiceAccountToken',
  'hostIPC',
  'hostNetwork',
  'hostPID',
  'imagePullSecrets',
  'nodeSelector',
  'priorityClassName',
  'securityContext',
  'serviceAccountName',
  'tolerations',
  'volumes',
] as const;

const CONTAINER_FIELDS = [
  'args',
  'command',
  'env',
  'envFrom',
  'image',
  'name',
  'ports',
  'resources',
  'restartPolicy',
  'securityContext',
  'volumeMounts',
] as const;

const HANDLERS = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;

type Reduce = (object: JsonObject) => JsonObject;

const whole =
  (...fields: readonly string[]): Reduce =>
  (object) =>
    pick(object, fields);

const workload: Reduce = ({ spec }) => ({
  spec: {
    ...pick(spec, ['replicas']),
    template: {
      metadata: { labels: at(spec, 'template', 'metadata', 'labels') },
      spec: reducePod(asObject(at(spec, 'template', 'spec'))),
    },
  },
});

const webhooks: Reduce = ({ webhooks: list }) => ({
  webhooks: asObjects(list).map((hook) => pick(hook, ['failurePolicy', 'name', 'rules'])),
});

/** What is kept of each kind besides its name; of every other kind nothing is. */
const KINDS: Readonly<Record<string, Reduce>> = {
  // Its template is the user's own pod with additions, which are found by comparison, so it stays as it is.
  AutoscalingRunnerSet: ({ metadata, spec }) => ({
    metadata: { ...named(metadata), labels: at(metadata, 'labels') },
    spec: {
      ...pick(spec, ['githubConfigSecret', 'listenerTemplate', 'maxRunners', 'minRunners']),
      template: {
        metadata: { labels: at(spec, 'template', 'metadata', 'labels') },
        spec: at(spec, 'template', 'spec'),
      },
    },
  }),
  Certificate: ({ spec }) => ({ spec: pick(spec, ['secretName']) }),
  ClusterRole: ({ metadata, ...object }) => ({
    metadata: { ...named(metadata), ...aggregation(metadata) },
    ...pick(object, ['aggregationRule', 'rules']),
  }),
  ClusterRoleBinding: whole('roleRef', 'subjects'),
  ConfigMap: ({ data }) => ({
    data: Object.fromEntries(
      Object.entries(asTextMap(data)).filter(([, text]) => !text.includes('\n')),
    ),
  }),
  DaemonSet: workload,
  Deployment: workload,
  HorizontalPodAutoscaler: whole('spec'),
  Job: workload,
  MutatingWebhookConfiguration: webhooks,
  NetworkPolicy: whole('spec'),
  PodDisruptionBudget: whole('spec'),
  Role: whole('rules'),
  RoleBinding: whole('roleRef', 'subjects'),
  // Names of keys only: a summary never holds a value of a Secret.
  Secret: ({ data, stringData }) => ({
    keys: Object.keys({ ...asObject(data), ...asObject(stringData) }),
  }),
  Service: ({ spec }) => ({ spec: pick(spec, ['ports', 'selector', 'type']) }),
  ServiceAccount: whole('automountServiceAccountToken', 'imagePullSecrets'),
  StatefulSet: workload,
  ValidatingWebhookConfiguration: webhooks,
};

/** An object as a summary holds it. */
export function reduceObject(object: JsonObject): JsonObject {
  const kind = asText(object.kind) ?? '';
  const reduce = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  return withoutNothing({
    apiVersion: object.apiVersion,
    kind,
    metadata: named(object.metadata),
    ...reduce?.(object),
  }) as JsonObject;
}

/** Objects that a summary lists by name alone. */
export function isType(object: JsonObject): boolean {
  return object.kind === 'CustomResourceDefinition';
}

function named(metadata: unknown): JsonObject {
  return pick(metadata, ['name', 'namespace']);
}

function aggregation(metadata: unknown): JsonObject {
  const labels = Object.entries(asTextMap(at(metadata, 'labels'))).filter(([key]) =>
    key.startsWith('rbac.authorization.k8s.io/'),
  );
  return labels.length === 0 ? {} : { labels: Object.fromEntries(labels) };
}

function reducePod(spec: JsonObject): JsonObject {
  const containers = (list: string) =>
    spec[list] === undefined ? {} : { [list]: asObjects(spec[list]).map(reduceContainer) };
  return {
    ...pick(spec, POD_FIELDS),
    ...containers('initContainers'),
    ...containers('containers'),
  };
}

/** Of a probe only the host that it calls matters, and that one is hardly ever given. */
function reduceContainer(container: JsonObject): JsonObject {
  const handlers = HANDLERS.filter(
    (handler) =>
      at(container, handler, 'httpGet', 'host') !== undefined ||
      at(container, handler, 'tcpSocket', 'host') !== undefined,
  );
  return pick(container, [...CONTAINER_FIELDS, ...handlers]);
}

function pick(value: unknown, fields: readonly string[]): JsonObject {
  const object = asObject(value);
  return Object.fromEntries(
    fields.filter((field) => object[field] !== undefined).map((field) => [field, object[field]]),
  );
}

/** Null, and what holds nothing, is the same to the API as what is left out. */
function withoutNothing(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNothing);
  if (!isObject(value)) return value;
  const entries = Object.entries(value)
    .map(([key, item]) => [key, withoutNothing(item)] as const)
    .filter(([, item]) => item !== null && item !== undefined);
  return Object.fromEntries(entries);
}
