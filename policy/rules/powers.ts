import type { Grant } from '../model/access.ts';

// What a right of Kubernetes amounts to for somebody who wants more than he was given.
// https://kubernetes.io/docs/concepts/security/rbac-good-practices/

/** A place that an account can get to. Places of a namespace end in its name. */
export type Place = string;

/** The places, by what they mean. */
export const place = {
  /** Everything in the cluster. */
  admin: 'admin' as Place,
  /** Root on a node, and with it every pod that runs there. */
  node: 'node' as Place,
  account: (account: string): Place => `account ${account}`,
  /** Any account of the namespace. */
  accounts: (namespace: string): Place => `accounts ${namespace}`,
  /** A pod of one's own making in the namespace. */
  pod: (namespace: string): Place => `pod ${namespace}`,
  /** The inside of the pods that run in the namespace already. */
  inside: (namespace: string): Place => `inside ${namespace}`,
  secrets: (namespace: string): Place => `secrets ${namespace}`,
  secret: (namespace: string, name: string): Place => `secret ${namespace}/${name}`,
  /** Every right in the namespace. */
  namespace: (namespace: string): Place => `namespace ${namespace}`,
  /** What a role allows, in the namespace or, for "*", in all. */
  role: (namespace: string, role: string): Place => `role ${namespace} ${role}`,
} as const;

/** Stands for all namespaces. */
export const EVERYWHERE = '*';

interface Power {
  readonly groups: readonly string[];
  readonly resources: readonly string[];
  /** Any of them is enough. */
  readonly verbs: readonly string[];
  readonly leadsTo: (namespace: string, grant: Grant) => readonly Place[];
}

const WRITES = ['create', 'patch', 'update'] as const;
const CHANGES = ['patch', 'update'] as const;
const READS = ['get', 'list', 'watch'] as const;
const toAdmin = () => [place.admin];

/** Every right that leads anywhere by itself. */
export const POWERS: readonly Power[] = [
  {
    groups: [''],
    resources: ['pods'],
    verbs: ['create'],
    leadsTo: (namespace) => [place.pod(namespace)],
  },
  // The image of a running container can be changed, and then the container is one's own.
  {
    groups: [''],
    resources: ['pods', 'pods/ephemeralcontainers'],
    verbs: CHANGES,
    leadsTo: (namespace) => [place.inside(namespace)],
  },
  {
    groups: [''],
    resources: ['pods/exec', 'pods/attach'],
    verbs: ['create', 'get'],
    leadsTo: (namespace) => [place.inside(namespace)],
  },
  {
    groups: [''],
    resources: ['replicationcontrollers'],
    verbs: WRITES,
    leadsTo: (namespace) => [place.pod(namespace)],
  },
  {
    groups: ['apps'],
    resources: ['daemonsets', 'deployments', 'replicasets', 'statefulsets'],
    verbs: WRITES,
    leadsTo: (namespace) => [place.pod(namespace)],
  },
  {
    groups: ['batch'],
    resources: ['cronjobs', 'jobs'],
    verbs: WRITES,
    leadsTo: (namespace) => [place.pod(namespace)],
  },
  {
    groups: ['actions.github.com'],
    resources: ['autoscalingrunnersets', 'ephemeralrunners', 'ephemeralrunnersets'],
    verbs: WRITES,
    leadsTo: (namespace) => [place.pod(namespace)],
  },
  {
    groups: ['postgresql.cnpg.io'],
    resources: ['clusters', 'poolers'],
    verbs: WRITES,
    leadsTo: (namespace) => [place.pod(namespace)],
  },
  {
    groups: [''],
    resources: ['secrets'],
    verbs: READS,
    leadsTo: (namespace, { names }) =>
      names.length === 0
        ? [place.secrets(namespace)]
        : names.map((name) => place.secret(namespace, name)),
  },
  {
    groups: [''],
    resources: ['serviceaccounts/token'],
    verbs: ['create'],
    leadsTo: namedAccounts,
  },
  { groups: [''], resources: ['serviceaccounts'], verbs: ['impersonate'], leadsTo: namedAccounts },
  { groups: [''], resources: ['groups', 'users'], verbs: ['impersonate'], leadsTo: toAdmin },
  {
    groups: ['rbac.authorization.k8s.io'],
    resources: ['clusterroles', 'roles'],
    verbs: ['bind'],
    leadsTo: (namespace, { names }) =>
      names.length === 0
        ? [place.namespace(namespace)]
        : names.map((name) => place.role(namespace, name)),
  },
  {
    groups: ['rbac.authorization.k8s.io'],
    resources: ['clusterroles', 'roles'],
    verbs: ['escalate'],
    leadsTo: (namespace) => [place.namespace(namespace)],
  },
  {
    groups: ['admissionregistration.k8s.io'],
    resources: [
      'mutatingadmissionpolicies',
      'mutatingwebhookconfigurations',
      'validatingwebhookconfigurations',
    ],
    verbs: WRITES,
    leadsTo: toAdmin,
  },
  {
    groups: ['apiregistration.k8s.io'],
    resources: ['apiservices'],
    verbs: WRITES,
    leadsTo: toAdmin,
  },
  {
    groups: ['certificates.k8s.io'],
    resources: ['certificatesigningrequests/approval'],
    verbs: CHANGES,
    leadsTo: toAdmin,
  },
  { groups: [''], resources: ['nodes/proxy'], verbs: ['create', 'get'], leadsTo: toAdmin },
];

function namedAccounts(namespace: string, { names }: Grant): readonly Place[] {
  return names.length === 0
    ? [place.accounts(namespace)]
    : names.map((name) => place.account(`${namespace}/${name}`));
}

/** A way that a right opens, with the right in words. */
export interface Opened {
  readonly to: Place;
  readonly right: string;
  readonly address: string;
}

/** Where a right leads to. */
export function opens(grant: Grant): Opened[] {
  const namespace = grant.namespace ?? EVERYWHERE;
  return POWERS.filter((power) => covers(grant, power)).flatMap((power) =>
    power.leadsTo(namespace, grant).map((to) => ({
      to,
      right: words(grant, power),
      address: grant.address,
    })),
  );
}

/** Two rights that only together lead anywhere. */
interface Pair {
  readonly first: Right;
  readonly second: Right;
  readonly leadsTo: (namespace: string) => Place;
  readonly because: string;
}

type Right = Pick<Power, 'groups' | 'resources' | 'verbs'>;

const MAKES_PODS: Right = { groups: [''], resources: ['pods'], verbs: ['create'] };

const PAIRS: readonly Pair[] = [
  {
    first: { groups: [''], resources: ['secrets'], verbs: ['create'] },
    second: { groups: [''], resources: ['secrets'], verbs: READS },
    leadsTo: place.accounts,
    because: 'a Secret can ask for the token of any account',
  },
  {
    first: { groups: [''], resources: ['persistentvolumes'], verbs: ['create'] },
    second: MAKES_PODS,
    leadsTo: () => place.node,
    because: 'a volume can be a path of the node',
  },
  {
    first: { groups: [''], resources: ['namespaces'], verbs: CHANGES },
    second: MAKES_PODS,
    leadsTo: () => place.node,
    because: 'the labels of a namespace say which pods are refused there',
  },
];

/** Where two of the rights lead to that only together lead anywhere. */
export function opensTogether(grants: readonly Grant[]): Opened[] {
  return PAIRS.flatMap(({ first, second, leadsTo, because }) => {
    const seconds = grants.filter((grant) => grant.names.length === 0 && covers(grant, second));
    if (seconds.length === 0) return [];
    return grants
      .filter((grant) => grant.names.length === 0 && covers(grant, first))
      .filter((grant) => seconds.some((other) => overlap(grant, other)))
      .map((grant) => ({
        to: leadsTo(grant.namespace ?? EVERYWHERE),
        right: `${words(grant, first)} and ${second.verbs.join(', ')} ${second.resources.join(', ')}: ${because}`,
        address: grant.address,
      }));
  });
}

function overlap(left: Grant, right: Grant): boolean {
  return (
    left.namespace === undefined ||
    right.namespace === undefined ||
    left.namespace === right.namespace
  );
}

function covers(grant: Grant, power: Right): boolean {
  return (
    meets(grant.apiGroups, power.groups) &&
    power.resources.some((resource) => meets(grant.resources, [resource, ...wild(resource)])) &&
    meets(grant.verbs, power.verbs)
  );
}

function meets(held: readonly string[], asked: readonly string[]): boolean {
  return held.includes('*') || asked.some((item) => held.includes(item));
}

// A star before the slash covers a part of every resource: pods/exec, say.
function wild(resource: string): string[] {
  const [, sub] = resource.split('/');
  return sub === undefined ? [] : [`*/${sub}`];
}

function words(grant: Grant, power: Right): string {
  const verbs = grant.verbs.includes('*')
    ? ['*']
    : power.verbs.filter((verb) => grant.verbs.includes(verb));
  const resources = power.resources.filter((resource) =>
    meets(grant.resources, [resource, ...wild(resource)]),
  );
  const names = grant.names.length === 0 ? '' : ` ${grant.names.join(', ')}`;
  return `may ${verbs.join(', ')} ${resources.join(', ')}${names} in ${where(grant)} by ${grant.by}`;
}

function where({ namespace }: Grant): string {
  return namespace ?? 'every namespace';
}
