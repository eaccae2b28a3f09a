import { ownValue } from '../../values/own-value.ts';
import { isObject, type JsonObject } from './json.ts';
import { literalText } from './template-text.ts';

// The Kubernetes provider names things as OpenTofu does: snake_case, lists of blocks in the singular (`container`, `rule`), one
// block as an object or as a list of one. These tables say where that differs from the API; every other field keeps its name in
// camelCase.

type Reader = (value: unknown) => unknown;

interface Field {
  /** The name in the API, where it is more than the same in camelCase. */
  readonly name?: string;
  readonly read: Reader;
}

type Block = Readonly<Record<string, Field>>;

const camelCase = new Map<string, string>();

function apiName(name: string): string {
  const known = camelCase.get(name);
  if (known !== undefined) return known;
  const camel = name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  camelCase.set(name, camel);
  return camel;
}

/** The block in the shape of the API. */
export function readBlock(fields: Block, value: unknown): JsonObject {
  const block: unknown = Array.isArray(value) ? value[0] : value;
  if (!isObject(block)) return {};
  const read: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(block)) {
    const field = ownValue(fields, key);
    if (field === undefined) read[apiName(key)] = readOther(item);
    else if (field !== OF_TOFU) read[field.name ?? apiName(key)] = field.read(item);
  }
  return read;
}

function readOther(value: unknown): unknown {
  if (typeof value === 'string') return literalText(value);
  if (Array.isArray(value)) return value.map(readOther);
  return isObject(value) ? readBlock({}, value) : value;
}

/** Keys that are data stay as they are. */
const DATA: Field = { read: readData };

function readData(value: unknown): unknown {
  if (typeof value === 'string') return literalText(value);
  if (Array.isArray(value)) return value.map(readData);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, readData(item)]));
}

/** What a resource says to OpenTofu and not to Kubernetes. */
const OF_TOFU: Field = { read: readOther };

/** Flows of a policy: the rules ask only whether there are any. */
const AS_WRITTEN: Field = { read: (value) => value };

/** Whole numbers that the binding writes as text. */
const NUMBER: Field = {
  read: (value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
};

/** One block. */
function one(fields: Block = {}): Field {
  return { read: (value) => readBlock(fields, value) };
}

/** A list of blocks, under its name in the API. */
function many(name: string, fields: Block = {}): Field {
  return {
    name,
    read: (value) =>
      (Array.isArray(value) ? value : [value]).map((item) => readBlock(fields, item)),
  };
}

const METADATA = one({ labels: DATA, annotations: DATA });
const SELECTOR = one({ match_labels: DATA, match_expressions: many('matchExpressions') });

const HANDLER: Block = {
  exec: one(),
  http_get: one({ http_header: many('httpHeaders') }),
  tcp_socket: one(),
  grpc: one(),
};

const SECURITY_CONTEXT = one({
  run_as_user: NUMBER,
  run_as_group: NUMBER,
  fs_group: NUMBER,
  capabilities: one(),
  seccomp_profile: one(),
  se_linux_options: one(),
  app_armor_profile: one(),
  windows_options: one(),
  sysctl: many('sysctls'),
});

const ENVIRONMENT = one({
  secret_key_ref: one(),
  config_map_key_ref: one(),
  field_ref: one(),
  resource_field_ref: one(),
});

const CONTAINER: Block = {
  env: many('env', { value_from: ENVIRONMENT }),
  env_from: many('envFrom', { secret_ref: one(), config_map_ref: one() }),
  port: many('ports', { container_port: NUMBER, host_port: NUMBER }),
  volume_mount: many('volumeMounts'),
  volume_device: many('volumeDevices'),
  resources: one({ limits: DATA, requests: DATA }),
  security_context: SECURITY_CONTEXT,
  liveness_probe: one(HANDLER),
  readiness_probe: one(HANDLER),
  startup_probe: one(HANDLER),
  lifecycle: one({ post_start: one(HANDLER), pre_stop: one(HANDLER) }),
};

const CLAIM_SPEC = one({ resources: one({ requests: DATA, limits: DATA }), selector: SELECTOR });
const CLAIM: Block = { metadata: METADATA, spec: CLAIM_SPEC };
const ITEMS = one({ items: many('items') });

const VOLUME: Block = {
  empty_dir: one(),
  host_path: one(),
  persistent_volume_claim: one(),
  config_map: ITEMS,
  secret: ITEMS,
  nfs: one(),
  csi: one({ volume_attributes: DATA, node_publish_secret_ref: one() }),
  ephemeral: one({ volume_claim_template: one(CLAIM) }),
  projected: one({
    sources: many('sources', { secret: ITEMS, config_map: ITEMS, service_account_token: one() }),
  }),
};

const POD_SPEC: Block = {
  container: many('containers', CONTAINER),
  init_container: many('initContainers', CONTAINER),
  volume: many('volumes', VOLUME),
  image_pull_secrets: many('imagePullSecrets'),
  host_aliases: many('hostAliases'),
  toleration: many('tolerations'),
  topology_spread_constraint: many('topologySpreadConstraints', { label_selector: SELECTOR }),
  security_context: SECURITY_CONTEXT,
  node_selector: DATA,
  host_pid: { name: 'hostPID', read: readOther },
  host_ipc: { name: 'hostIPC', read: readOther },
};

const TEMPLATE = one({ metadata: METADATA, spec: one(POD_SPEC) });

const WORKLOAD: Block = {
  metadata: METADATA,
  spec: one({
    replicas: NUMBER,
    selector: SELECTOR,
    template: TEMPLATE,
    strategy: one({ rolling_update: one() }),
    volume_claim_template: many('volumeClaimTemplates', CLAIM),
  }),
};

const JOB: Block = { metadata: METADATA, spec: one({ template: TEMPLATE, selector: SELECTOR }) };
const RULES = many('rules', { non_resource_urls: { name: 'nonResourceURLs', read: readOther } });
const BINDING: Block = { metadata: METADATA, role_ref: one(), subject: many('subjects') };
const INGRESS_PATH: Block = { backend: one({ service: one({ port: one() }) }) };
const LIMIT: Block = { default: DATA, default_request: DATA, max: DATA, min: DATA };

interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly fields: Block;
}

const RBAC = 'rbac.authorization.k8s.io/v1';
const kind = (apiVersion: string, name: string, fields: Block = {}): Kind => ({
  apiVersion,
  kind: name,
  fields: {
    '//': OF_TOFU,
    depends_on: OF_TOFU,
    lifecycle: OF_TOFU,
    provider: OF_TOFU,
    timeouts: OF_TOFU,
    metadata: METADATA,
    ...fields,
  },
});

/** The resource types of the Kubernetes provider that the rules read, with what they are in the API. */
export const KUBERNETES_KINDS: Readonly<Record<string, Kind>> = {
  kubernetes_cluster_role_binding_v1: kind(RBAC, 'ClusterRoleBinding', BINDING),
  kubernetes_cluster_role_v1: kind(RBAC, 'ClusterRole', {
    rule: RULES,
    aggregation_rule: one({ cluster_role_selectors: many('clusterRoleSelectors') }),
  }),
  kubernetes_config_map_v1: kind('v1', 'ConfigMap', { data: DATA, binary_data: DATA }),
  kubernetes_cron_job_v1: kind('batch/v1', 'CronJob', { spec: one({ job_template: one(JOB) }) }),
  kubernetes_daemon_set_v1: kind('apps/v1', 'DaemonSet', WORKLOAD),
  kubernetes_deployment_v1: kind('apps/v1', 'Deployment', WORKLOAD),
  kubernetes_horizontal_pod_autoscaler_v2: kind('autoscaling/v2', 'HorizontalPodAutoscaler', {
    spec: one({ scale_target_ref: one(), metric: many('metrics') }),
  }),
  kubernetes_ingress_v1: kind('networking.k8s.io/v1', 'Ingress', {
    spec: one({
      rule: many('rules', { http: one({ path: many('paths', INGRESS_PATH) }) }),
      tls: many('tls'),
      default_backend: one({ service: one({ port: one() }) }),
    }),
  }),
  kubernetes_job_v1: kind('batch/v1', 'Job', JOB),
  kubernetes_limit_range_v1: kind('v1', 'LimitRange', {
    spec: one({ limit: many('limits', LIMIT) }),
  }),
  kubernetes_namespace_v1: kind('v1', 'Namespace'),
  kubernetes_network_policy_v1: kind('networking.k8s.io/v1', 'NetworkPolicy', {
    spec: one({
      pod_selector: SELECTOR,
      ingress: AS_WRITTEN,
      egress: AS_WRITTEN,
    }),
  }),
  kubernetes_persistent_volume_claim_v1: kind('v1', 'PersistentVolumeClaim', CLAIM),
  kubernetes_pod_disruption_budget_v1: kind('policy/v1', 'PodDisruptionBudget', {
    spec: one({ selector: SELECTOR }),
  }),
  kubernetes_pod_v1: kind('v1', 'Pod', { spec: one(POD_SPEC) }),
  kubernetes_priority_class_v1: kind('scheduling.k8s.io/v1', 'PriorityClass'),
  kubernetes_resource_quota_v1: kind('v1', 'ResourceQuota', { spec: one({ hard: DATA }) }),
  kubernetes_role_binding_v1: kind(RBAC, 'RoleBinding', BINDING),
  kubernetes_role_v1: kind(RBAC, 'Role', { rule: RULES }),
  kubernetes_secret_v1: kind('v1', 'Secret', { data: DATA, binary_data: DATA }),
  kubernetes_service_account_v1: kind('v1', 'ServiceAccount', {
    secret: many('secrets'),
    image_pull_secret: many('imagePullSecrets'),
  }),
  kubernetes_service_v1: kind('v1', 'Service', {
    spec: one({ port: many('ports'), selector: DATA }),
  }),
  kubernetes_stateful_set_v1: kind('apps/v1', 'StatefulSet', WORKLOAD),
  kubernetes_storage_class_v1: kind('storage.k8s.io/v1', 'StorageClass', { parameters: DATA }),
};
