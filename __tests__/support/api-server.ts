import type { IncomingMessage } from 'node:http';
import { serve, type TestServer } from './http-server.ts';
import type { Json } from './synthesized.ts';

/** What a test API server holds, and how it behaves. */
export interface ApiServerState {
  /** Objects by their path, such as `/api/v1/namespaces/default`. */
  readonly objects: Map<string, Json>;
  /** Types it serves: `v1 Secret secrets namespaced`. */
  types: readonly string[];
  /** Whether a question about rights is answered with yes. */
  allows: (attributes: Json) => boolean;
  /** Answers in place of the usual one. */
  instead: (method: string, path: string) => { status: number; body: Json } | undefined;
}

/** An API server on loopback that knows as much of Kubernetes as the commands ask for. */
export interface TestApiServer extends TestServer {
  readonly state: ApiServerState;
  /** A kubeconfig that leads to it, with one context. */
  kubeconfig(context: string): string;
}

const CORE_TYPES = [
  'v1 ConfigMap configmaps namespaced',
  'v1 LimitRange limitranges namespaced',
  'v1 Namespace namespaces',
  'v1 PersistentVolumeClaim persistentvolumeclaims namespaced',
  'v1 ResourceQuota resourcequotas namespaced',
  'v1 Secret secrets namespaced',
  'v1 Service services namespaced',
  'v1 ServiceAccount serviceaccounts namespaced',
  'admissionregistration.k8s.io/v1 MutatingWebhookConfiguration mutatingwebhookconfigurations',
  'admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration validatingwebhookconfigurations',
  'apps/v1 Deployment deployments namespaced',
  'apps/v1 StatefulSet statefulsets namespaced',
  'autoscaling/v2 HorizontalPodAutoscaler horizontalpodautoscalers namespaced',
  'batch/v1 CronJob cronjobs namespaced',
  'batch/v1 Job jobs namespaced',
  'networking.k8s.io/v1 Ingress ingresses namespaced',
  'networking.k8s.io/v1 NetworkPolicy networkpolicies namespaced',
  'policy/v1 PodDisruptionBudget poddisruptionbudgets namespaced',
  'rbac.authorization.k8s.io/v1 ClusterRole clusterroles',
  'rbac.authorization.k8s.io/v1 ClusterRoleBinding clusterrolebindings',
  'rbac.authorization.k8s.io/v1 Role roles namespaced',
  'rbac.authorization.k8s.io/v1 RoleBinding rolebindings namespaced',
  'scheduling.k8s.io/v1 PriorityClass priorityclasses',
  'storage.k8s.io/v1 StorageClass storageclasses',
];

export const KUBE_SYSTEM = '/api/v1/namespaces/kube-system';

/** Starts an API server that holds the namespace kube-system and allows everything. */
export async function startApiServer(uid = 'uid-of-honey'): Promise<TestApiServer> {
  const state: ApiServerState = {
    objects: new Map([[KUBE_SYSTEM, { metadata: { name: 'kube-system', uid } }]]),
    types: CORE_TYPES,
    allows: () => true,
    instead: () => undefined,
  };
  let version = 1;
  const server = await serve((request, response, body) => {
    version += 1;
    const asked = { method: request.method ?? '', path: request.url ?? '', version };
    const answer = state.instead(asked.method, asked.path) ?? respond(state, request, asked, body);
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  });
  return {
    ...server,
    state,
    kubeconfig: (context) =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': context,
        clusters: [
          {
            name: context,
            cluster: { server: `http://${server.authority}`, 'insecure-skip-tls-verify': true },
          },
        ],
        users: [{ name: 'operator', user: { token: 'token-of-operator' } }],
        contexts: [{ name: context, context: { cluster: context, user: 'operator' } }],
      }),
  };
}

interface Asked {
  readonly method: string;
  readonly path: string;
  /** What the object gets as its version when it is written. */
  readonly version: number;
}

interface Answer {
  readonly status: number;
  readonly body: Json;
}

function respond(
  state: ApiServerState,
  { headers }: IncomingMessage,
  asked: Asked,
  body: string,
): Answer {
  if (!/^Bearer /.test(headers.authorization ?? '')) return failure(401, 'Unauthorized');
  if (asked.method === 'GET') return read(state, asked.path);
  if (asked.method === 'DELETE') return remove(state, asked, JSON.parse(body));
  return asked.method === 'PATCH'
    ? change(state, asked, JSON.parse(body))
    : create(state, asked, JSON.parse(body));
}

function read({ objects, types }: ApiServerState, path: string): Answer {
  if (path === '/version') return { status: 200, body: { gitVersion: 'v1.33.1' } };
  const rows = types.map((type) => type.split(' '));
  const resources = rows.flatMap(([version, kind, name, scope]) =>
    path === (version === 'v1' ? '/api/v1' : `/apis/${version}`)
      ? [{ kind, name, namespaced: scope === 'namespaced', verbs: ['get'] }]
      : [],
  );
  if (resources.length > 0) return { status: 200, body: { kind: 'APIResourceList', resources } };
  const object = objects.get(path);
  if (object !== undefined) return { status: 200, body: object };
  const items = [...objects].flatMap(([key, item]) =>
    key.startsWith(`${path}/`) && !key.slice(path.length + 1).includes('/') ? [item] : [],
  );
  return isList(path) ? { status: 200, body: { items } } : failure(404, 'NotFound');
}

/** Names and resources take turns, so a path with an odd number of steps ends in a resource. */
function isList(path: string): boolean {
  const steps = path.replace(/^\/(api\/v1|apis\/[^/]+\/[^/]+)\//, '').split('/');
  return steps.length % 2 === 1;
}

function change({ objects }: ApiServerState, { path, version }: Asked, sent: Json): Answer {
  const live = objects.get(path);
  if (live === undefined) return failure(404, 'NotFound');
  const expected = sent.metadata?.resourceVersion;
  if (expected !== undefined && expected !== live.metadata.resourceVersion) {
    return failure(409, 'Conflict');
  }
  const changed = merge(live, sent);
  changed.metadata.resourceVersion = String(version);
  objects.set(path, changed);
  return { status: 200, body: changed };
}

function remove({ objects }: ApiServerState, { path }: Asked, { preconditions }: Json): Answer {
  const live = objects.get(path);
  if (live === undefined) return failure(404, 'NotFound');
  const isOther = Object.entries(preconditions ?? {}).some(
    ([key, is]) => live.metadata[key] !== is,
  );
  if (isOther) return failure(409, 'Conflict');
  objects.delete(path);
  return { status: 200, body: { kind: 'Status', status: 'Success' } };
}

function create({ objects, allows }: ApiServerState, { path, version }: Asked, sent: Json): Answer {
  if (path.endsWith('/selfsubjectaccessreviews')) {
    const allowed = allows(sent.spec.resourceAttributes);
    return { status: 201, body: { ...sent, status: { allowed } } };
  }
  const key = `${path}/${sent.metadata.name}`;
  if (objects.has(key)) return failure(409, 'AlreadyExists');
  const [, namespace] = /^\/api\/v1\/namespaces\/([^/]+)\//.exec(path) ?? [];
  const isHomeless = namespace !== undefined && !objects.has(`/api/v1/namespaces/${namespace}`);
  if (isHomeless) return failure(404, 'NotFound');
  const created = { ...sent, metadata: { ...sent.metadata, resourceVersion: String(version) } };
  objects.set(key, created);
  return { status: 201, body: created };
}

/** A JSON merge patch. */
function merge(base: Json, over: Json): Json {
  if (typeof over !== 'object' || over === null || Array.isArray(over)) return over;
  const merged = { ...(typeof base === 'object' ? base : {}) };
  for (const [key, value] of Object.entries(over)) {
    if (value === null) delete merged[key];
    else merged[key] = merge(merged[key], value);
  }
  return merged;
}

function failure(status: number, reason: string): Answer {
  return { status, body: { kind: 'Status', reason, message: `${reason} of the test` } };
}
