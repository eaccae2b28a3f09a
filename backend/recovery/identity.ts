import { objectPath } from '../../operations/kubernetes/cluster-client.ts';
import { asNumber, asText, asTextMap, at } from '../../policy/model/json.ts';

/** By what a resource can be found outside of a state, and taken into one. */
export type Identity =
  /** An object of the cluster. */
  | { readonly kind: 'object'; readonly importId: string; readonly path: string }
  /** A release of Helm. */
  | {
      readonly kind: 'release';
      readonly importId: string;
      readonly namespace: string;
      readonly name: string;
    }
  /** Something that only its provider can look for. */
  | { readonly kind: 'elsewhere'; readonly importId: string }
  /** It is nowhere but in a state: what was made and lost is made anew. */
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown'; readonly because: string };

/** API version and resource of the types of the provider `kubernetes`. */
const OBJECTS: Readonly<Record<string, readonly [string, string]>> = {
  cluster_role_binding_v1: ['rbac.authorization.k8s.io/v1', 'clusterrolebindings'],
  cluster_role_v1: ['rbac.authorization.k8s.io/v1', 'clusterroles'],
  config_map_v1: ['v1', 'configmaps'],
  cron_job_v1: ['batch/v1', 'cronjobs'],
  daemon_set_v1: ['apps/v1', 'daemonsets'],
  deployment_v1: ['apps/v1', 'deployments'],
  horizontal_pod_autoscaler_v2: ['autoscaling/v2', 'horizontalpodautoscalers'],
  ingress_v1: ['networking.k8s.io/v1', 'ingresses'],
  job_v1: ['batch/v1', 'jobs'],
  limit_range_v1: ['v1', 'limitranges'],
  namespace_v1: ['v1', 'namespaces'],
  network_policy_v1: ['networking.k8s.io/v1', 'networkpolicies'],
  persistent_volume_claim_v1: ['v1', 'persistentvolumeclaims'],
  pod_disruption_budget_v1: ['policy/v1', 'poddisruptionbudgets'],
  priority_class_v1: ['scheduling.k8s.io/v1', 'priorityclasses'],
  resource_quota_v1: ['v1', 'resourcequotas'],
  role_binding_v1: ['rbac.authorization.k8s.io/v1', 'rolebindings'],
  role_v1: ['rbac.authorization.k8s.io/v1', 'roles'],
  secret_v1: ['v1', 'secrets'],
  service_account_v1: ['v1', 'serviceaccounts'],
  service_v1: ['v1', 'services'],
  stateful_set_v1: ['apps/v1', 'statefulsets'],
  storage_class_v1: ['storage.k8s.io/v1', 'storageclasses'],
};

/** The arguments of which the import id of a type of the provider `aws` is made, in their order. */
const AWS: Readonly<Record<string, readonly string[]>> = {
  aws_route53_record: ['zone_id', 'name', 'type', 'set_identifier'],
  aws_s3_bucket: ['bucket'],
  aws_s3_bucket_lifecycle_configuration: ['bucket'],
  aws_s3_bucket_public_access_block: ['bucket'],
  aws_s3_bucket_server_side_encryption_configuration: ['bucket'],
  aws_s3_bucket_versioning: ['bucket'],
};
/** Only this part of an id may be missing. */
const OPTIONAL = 'set_identifier';

/** Types that leave nothing outside of the state. */
const NOWHERE = new Set([
  'null_resource',
  'random_id',
  'random_password',
  'terraform_data',
  'time_static',
]);

/** The identity of a resource as its JSON declares it. */
export function identityOf(type: string, resource: unknown): Identity {
  if (NOWHERE.has(type)) return { kind: 'none' };
  if (type === 'helm_release') return ofRelease(resource);
  const object = OBJECTS[type.replace(/^kubernetes_/, '')];
  if (type.startsWith('kubernetes_') && object !== undefined) return ofObject(object, resource);
  const parts = AWS[type];
  if (parts !== undefined) return ofParts(parts, resource);
  return { kind: 'unknown', because: `nobody knows here how a ${type} is found` };
}

function ofRelease(resource: unknown): Identity {
  const name = asText(at(resource, 'name'));
  const namespace = asText(at(resource, 'namespace')) ?? 'default';
  if (name === undefined || isTemplate(name) || isTemplate(namespace)) return UNTOLD;
  return { kind: 'release', importId: `${namespace}/${name}`, namespace, name };
}

function ofObject([version, plural]: readonly [string, string], resource: unknown): Identity {
  const { name, namespace } = asTextMap(at(resource, 'metadata'));
  if (name === undefined || isTemplate(name) || isTemplate(namespace ?? '')) return UNTOLD;
  // Without one the provider takes `default` for what lives in a namespace; all of ours name theirs.
  const where = namespace === undefined ? { name } : { name, namespace };
  const importId = namespace === undefined ? name : `${namespace}/${name}`;
  return { kind: 'object', importId, path: objectPath(version, plural, where) };
}

function ofParts(parts: readonly string[], resource: unknown): Identity {
  const values = parts.map((part) => {
    const value = at(resource, part);
    return asText(value) ?? asNumber(value)?.toString();
  });
  const missing = parts.some(
    (part, index) =>
      part !== OPTIONAL && (values[index] === undefined || isTemplate(values[index])),
  );
  if (missing) return UNTOLD;
  return { kind: 'elsewhere', importId: values.filter((value) => value !== undefined).join('_') };
}

const UNTOLD: Identity = {
  kind: 'unknown',
  because: 'its JSON does not tell its name',
};

/** What tofu fills in when it runs. */
function isTemplate(text: string): boolean {
  return text.includes('${');
}
