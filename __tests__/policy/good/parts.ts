/** JSON of any shape, for tests that change a field deep inside. */
// biome-ignore lint/suspicious/noExplicitAny: tests reach into JSON of any shape
export type Json = any;

/** A digest. */
export const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

/** An image that nobody finds fault with. */
export const IMAGE = `registry.example/app:1.0.0@${DIGEST}`;

/** What every container asks for. */
export const RESOURCES = {
  requests: { cpu: '100m', memory: '128Mi' },
  limits: { cpu: '200m', memory: '256Mi' },
};

/** What makes a pod restricted, as the Kubernetes provider writes it. */
export const POD_SECURITY = {
  run_as_non_root: true,
  run_as_user: '1000',
  seccomp_profile: { type: 'RuntimeDefault' },
};

/** The same of a container. */
export const CONTAINER_SECURITY = {
  allow_privilege_escalation: false,
  capabilities: { drop: ['ALL'] },
  privileged: false,
};

/** What makes a pod restricted, as Kubernetes writes it. */
export const POD_SECURITY_API = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
/** The same of a container, as Kubernetes writes it. */
export const CONTAINER_SECURITY_API = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
};

/** The labels of every pod that a job runs in. */
export const JOB_LABELS = { 'flywheel/role': 'job' };

/** A stack with its backend and providers. */
export function stack(name: string, rest: Json): Json {
  return {
    '//': { metadata: { stackName: name } },
    ...rest,
    terraform: {
      backend: {
        s3: {
          bucket: 'state',
          key: `${name}/terraform.tfstate`,
          region: 'us-east-1',
          use_lockfile: true,
          use_path_style: true,
          skip_credentials_validation: true,
          skip_metadata_api_check: true,
          skip_region_validation: true,
          skip_requesting_account_id: true,
        },
      },
    },
    provider: { helm: [{}], kubernetes: [{}] },
  };
}

/** A release of our chart of manifests. */
export function manifests(name: string, ...objects: Json[]): Json {
  return {
    chart: './assets/manifests-chart/0123',
    name,
    namespace: 'default',
    version: '1.0.0',
    values: [JSON.stringify({ objects })],
  };
}

/** A namespace of a trust level. */
export function namespace(name: string, trust: string, podSecurity: string): Json {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: { 'flywheel/trust': trust, 'pod-security.kubernetes.io/enforce': podSecurity },
    },
  };
}

/** What a namespace denies, and what the pods with those labels may do. */
export function policies(home: string, pods: Readonly<Record<string, Json>>): Json {
  const flows = Object.entries(pods).map(([name, labels]) => [
    `${home}-${name}`,
    {
      metadata: { name, namespace: home },
      spec: {
        pod_selector: { match_labels: labels },
        policy_types: ['Ingress', 'Egress'],
        egress: [{ to: [{ namespace_selector: {} }] }],
      },
    },
  ]);
  const deny = {
    metadata: { name: 'default-deny', namespace: home },
    spec: { pod_selector: {}, policy_types: ['Ingress', 'Egress'] },
  };
  return Object.fromEntries([[`${home}-default-deny`, deny], ...flows]);
}

/** A service account whose token is mounted nowhere by itself. */
export function account(home: string, name: string): Json {
  return { metadata: { name, namespace: home }, automount_service_account_token: false };
}

/** A Secret that a stack says it needs. */
export function secret(home: string, name: string, kind: string, keys: string[]): Json {
  return { namespace: home, name, kind, keys, origin: 'generated' };
}
