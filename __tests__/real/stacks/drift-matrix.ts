import { plural } from '../../../operations/preflight/api-types.ts';
import type { Api } from '../../../operations/rehearsal/cluster/api.ts';
import type { StackName } from '../../../operations/stack-order.ts';
import type { Json } from '../../support/synthesized.ts';

/** Something that somebody edits in the cluster by hand. */
export interface Edit {
  readonly what: string;
  readonly stack: StackName;
  readonly path: string;
  /** The field, as a JSON pointer; left out where the object is deleted. */
  readonly at?: string;
  readonly value?: unknown;
  /** How drift names object and field. */
  readonly found: string;
  /** Whether a plan has anything to say about it. */
  readonly planned: boolean;
}

const CORE = '/api/v1/namespaces';
const APPS = '/apis/apps/v1/namespaces';
const RBAC = '/apis/rbac.authorization.k8s.io/v1/namespaces';
const EVERYTHING = { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] };
const LEAK = { name: 'DEBUG', value: 'yes' };

/** Edits of objects that tofu keeps itself, and of objects inside of Helm releases. */
export const EDITS: readonly Edit[] = [
  {
    what: 'replicas of a Deployment',
    stack: 'runner-dashboard',
    path: `${APPS}/runner-dashboard/deployments/runner-dashboard`,
    at: '/spec/replicas',
    value: 3,
    found: 'Deployment runner-dashboard/runner-dashboard spec.0.replicas',
    planned: true,
  },
  {
    what: 'image of a Deployment',
    stack: 'attic',
    path: `${APPS}/nix-cache/deployments/attic-public`,
    at: '/spec/template/spec/containers/0/image',
    value: 'docker.io/library/caddy:2',
    found: 'Deployment nix-cache/attic-public spec.0.template.0.spec.0.container.caddy.image',
    planned: true,
  },
  {
    what: 'a variable more in a Deployment',
    stack: 'attic',
    path: `${APPS}/nix-cache/deployments/attic-gc`,
    at: '/spec/template/spec/containers/0/env/-',
    value: LEAK,
    found: 'Deployment nix-cache/attic-gc spec.0.template.0.spec.0.container.collector.env.DEBUG',
    planned: true,
  },
  {
    what: 'data of a ConfigMap',
    stack: 'gitlab-runners',
    path: `${CORE}/gitlab-runners/configmaps/flywheel-cleanup`,
    at: '/data/extra',
    value: 'by hand',
    found: 'ConfigMap gitlab-runners/flywheel-cleanup data.extra',
    planned: true,
  },
  {
    what: 'a NetworkPolicy deleted',
    stack: 'attic',
    path: '/apis/networking.k8s.io/v1/namespaces/nix-cache/networkpolicies/bazel-cache',
    found: 'NetworkPolicy nix-cache/bazel-cache',
    planned: true,
  },
  {
    what: 'a Role widened',
    stack: 'gitlab-runners',
    path: `${RBAC}/gitlab-runners/roles/flywheel-cleanup`,
    at: '/rules/-',
    value: EVERYTHING,
    found: 'Role gitlab-runners/flywheel-cleanup rule.1',
    planned: true,
  },
  {
    what: 'the most replicas of an autoscaler',
    stack: 'attic',
    path: '/apis/autoscaling/v2/namespaces/nix-cache/horizontalpodautoscalers/attic',
    at: '/spec/maxReplicas',
    value: 40,
    found: 'HorizontalPodAutoscaler nix-cache/attic spec.0.max_replicas',
    planned: true,
  },
  {
    what: 'selector of a Service',
    stack: 'attic',
    path: `${CORE}/nix-cache/services/bazel-cache`,
    at: '/spec/selector',
    value: { app: 'other' },
    found: 'Service nix-cache/bazel-cache spec.0.selector.app',
    planned: true,
  },
  {
    what: 'image in a release of a chart',
    stack: 'gitlab-runners',
    path: `${APPS}/gitlab-runners/deployments/docker-runner`,
    at: '/spec/template/spec/containers/0/image',
    value: 'docker.io/gitlab/gitlab-runner:latest',
    found:
      'Deployment gitlab-runners/docker-runner spec.template.spec.containers.docker-runner.image',
    planned: false,
  },
  {
    what: 'a variable more in a release of a chart',
    stack: 'gitlab-runners',
    path: `${APPS}/gitlab-runners/deployments/nix-runner`,
    at: '/spec/template/spec/containers/0/env/-',
    value: LEAK,
    found:
      'Deployment gitlab-runners/nix-runner spec.template.spec.containers.nix-runner.env.DEBUG',
    planned: false,
  },
  {
    what: 'a Role widened in a release of a chart',
    stack: 'gitlab-runners',
    path: `${RBAC}/gitlab-runners/roles/rocky8-runner`,
    at: '/rules/-',
    value: EVERYTHING,
    found: 'Role gitlab-runners/rocky8-runner rules.6',
    planned: false,
  },
  {
    what: 'a RoleBinding deleted in a release of a chart',
    stack: 'gitlab-runners',
    path: `${RBAC}/gitlab-runners/rolebindings/rocky9-runner`,
    found: 'RoleBinding gitlab-runners/rocky9-runner',
    planned: false,
  },
  {
    what: 'a PostgreSQL parameter',
    stack: 'attic',
    path: '/apis/postgresql.cnpg.io/v1/namespaces/nix-cache/clusters/attic-pg',
    at: '/spec/postgresql/parameters/max_connections',
    value: '999',
    found: 'Cluster nix-cache/attic-pg spec.postgresql.parameters.max_connections',
    planned: false,
  },
  {
    what: 'Pod Security of a namespace',
    stack: 'attic',
    path: `${CORE}/nix-cache`,
    at: '/metadata/labels/pod-security.kubernetes.io~1enforce',
    value: 'privileged',
    found: 'Namespace nix-cache metadata.labels[pod-security.kubernetes.io/enforce]',
    planned: false,
  },
  {
    what: 'the default policy of a namespace opened',
    stack: 'attic',
    path: '/apis/networking.k8s.io/v1/namespaces/nix-cache/networkpolicies/default-deny',
    at: '/spec/ingress',
    value: [{}],
    found: 'NetworkPolicy nix-cache/default-deny spec.ingress',
    planned: false,
  },
  {
    what: 'the most runners of a scale set',
    stack: 'arc-runners',
    path: '/apis/actions.github.com/v1alpha1/namespaces/arc-runners/autoscalingrunnersets/tinyland-nix',
    at: '/spec/maxRunners',
    value: 50,
    found: 'AutoscalingRunnerSet arc-runners/tinyland-nix spec.maxRunners',
    planned: false,
  },
];

/** What a plan and `drift` made of an edit. */
export interface Noticed {
  readonly what: string;
  readonly planned: boolean;
  /** Object and field, as drift names them. */
  readonly found: string;
}

/** What became of the edits of one stack: the resources of a plan, and the objects and fields that drift names, say so. */
export function noticed(
  edits: readonly Edit[],
  planned: readonly string[],
  found: readonly string[],
): Noticed[] {
  return edits.map(({ what, path, found: wanted }) => ({
    what,
    planned: planned.some((resource) => path.endsWith(ending(resource))),
    found: found.includes(wanted) ? wanted : `not among ${found.join(', ')}`,
  }));
}

/** Of what drift names, that which none of the edits has touched: a selector that is replaced differs in many fields. */
export function unexplained(edits: readonly Edit[], found: readonly string[]): string[] {
  const objectOf = (text: string) => text.split(' ').slice(0, 2).join(' ');
  const edited = new Set(edits.map(({ found: at }) => objectOf(at)));
  return found.filter((one) => !edited.has(objectOf(one)));
}

/** `deployment nix-cache/attic` is at an address that ends in `nix-cache/deployments/attic`. */
function ending(resource: string): string {
  const [type = '', place = ''] = resource.split(' ');
  const [namespace, name] = place.split('/');
  return `/${namespace}/${plural(type.replaceAll('_', ''))}/${name}`;
}

/**
 * Makes an edit as somebody with kubectl would.
 *
 * @returns what takes it back
 */
export async function make(api: Api, { path, at, value }: Edit): Promise<() => Promise<unknown>> {
  const before = await api.get<Json>(path);
  if (at === undefined) {
    await api.remove(path);
    const { uid: _uid, resourceVersion: _version, ...metadata } = before.metadata;
    const list = path.slice(0, path.lastIndexOf('/'));
    return () => api.ensure(list, { ...before, metadata });
  }
  const keys = at
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/'));
  const list = at.endsWith('/-') ? at.slice(0, -2) : at;
  const old = (at.endsWith('/-') ? keys.slice(0, -1) : keys).reduce(
    (here: Json, key) => here?.[key],
    before,
  );
  await api.patch(path, [{ op: 'add', path: at, value }], 'json');
  const undo =
    old === undefined ? { op: 'remove', path: at } : { op: 'replace', path: list, value: old };
  return () => api.patch(path, [undo], 'json');
}
