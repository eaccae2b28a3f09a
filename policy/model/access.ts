import { asObject, asObjects, asText, asTextMap, asTexts, at, type JsonObject } from './json.ts';
import type { KubernetesObject } from './kubernetes-object.ts';
import { matchesSelector } from './label-selector.ts';
import type { Pod } from './pod.ts';

/** One rule of a role, as it holds for whoever is bound to it. */
export interface Grant {
  /** Where it holds; undefined for the whole cluster. */
  readonly namespace: string | undefined;
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** The names it is limited to; empty for all. */
  readonly names: readonly string[];
  /** The role and what bound it, for people. */
  readonly by: string;
  /** Address of the role, or of the binding where no stack defines the role. */
  readonly address: string;
}

/** A binding to a role that no stack defines and that is none of the well-known ones. */
export interface UnknownRole {
  readonly role: string;
  readonly address: string;
}

/** Who may do what. Accounts are named `namespace/name`. */
export interface Access {
  /** What an account may do, by its own bindings and those of its groups. */
  grantsOf(account: string): readonly Grant[];
  unknownRolesOf(account: string): readonly UnknownRole[];
  /** What somebody could do in the namespace who bound the role; undefined for the whole cluster. */
  grantsOfRole(role: string, namespace: string | undefined): readonly Grant[];
  /** True when anything at all is bound to the account by its own name. */
  isBound(account: string): boolean;
  /** True when a token of its account lies in the pod. */
  mountsToken(pod: Pod): boolean;
  /** The accounts of a namespace that stacks define or pods run under. */
  accountsIn(namespace: string): readonly string[];
}

interface Role {
  readonly rules: readonly JsonObject[];
  readonly address: string;
}

interface SubjectGrants {
  readonly grants: Grant[];
  readonly unknown: UnknownRole[];
}

/** Roles of every cluster, as far as a search for ways needs them. */
const BUILT_IN: Readonly<Record<string, readonly JsonObject[]>> = {
  'cluster-admin': [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
  admin: [
    { apiGroups: ['*'], resources: ['*'], verbs: ['create', 'get', 'list', 'patch', 'update'] },
  ],
  edit: [
    {
      apiGroups: ['', 'apps', 'batch'],
      resources: ['*'],
      verbs: ['create', 'get', 'list', 'patch', 'update', 'impersonate'],
    },
  ],
  view: [],
  'system:auth-delegator': [],
  'system:discovery': [],
};

/** The account of a pod, as `namespace/name`. */
export function accountOf({ namespace, account }: Pod): string {
  return `${namespace}/${account}`;
}

/** Reads who may do what in the cluster. */
export function readAccess(
  ofKind: (kind: string) => readonly KubernetesObject[],
  pods: readonly Pod[],
): Access {
  const roles = readRoles([...ofKind('Role'), ...ofKind('ClusterRole')]);
  const subjects = new Map<string, SubjectGrants>();
  for (const binding of [...ofKind('RoleBinding'), ...ofKind('ClusterRoleBinding')]) {
    addBinding(subjects, roles, binding);
  }
  const accounts = ofKind('ServiceAccount');
  const automount = new Map(
    accounts.map(({ namespace, name, body }) => [
      `${namespace}/${name}`,
      body.automountServiceAccountToken !== false,
    ]),
  );
  const byNamespace = new Map<string, Set<string>>();
  for (const name of [...automount.keys(), ...pods.map(accountOf)]) {
    const [namespace = ''] = name.split('/');
    const known = byNamespace.get(namespace) ?? new Set();
    byNamespace.set(namespace, known.add(name));
  }
  const subjectsOf = (account: string) =>
    subjectNames(account).flatMap((subject) => subjects.get(subject) ?? []);
  return {
    grantsOf: (account) => subjectsOf(account).flatMap(({ grants }) => grants),
    unknownRolesOf: (account) => subjectsOf(account).flatMap(({ unknown }) => unknown),
    grantsOfRole: (role, namespace) => grantsOfRole(roles, role, namespace),
    isBound: (account) => subjects.has(account),
    mountsToken: (pod) => pod.automount ?? automount.get(accountOf(pod)) ?? true,
    accountsIn: (namespace) => [...(byNamespace.get(namespace) ?? [])],
  };
}

/** Under which names bindings mean an account: its own, as a user, and the groups that every account is in. */
function subjectNames(account: string): string[] {
  const [namespace = '', name = ''] = account.split('/');
  return [
    account,
    `User system:serviceaccount:${namespace}:${name}`,
    `Group system:serviceaccounts:${namespace}`,
    'Group system:serviceaccounts',
    'Group system:authenticated',
  ];
}

function readRoles(objects: readonly KubernetesObject[]): Map<string, Role> {
  const roles = new Map<string, Role>();
  for (const object of objects) {
    const rules = [...asObjects(object.body.rules), ...aggregatedRules(object, objects)];
    roles.set(roleKey(object.kind, object.namespace, object.name), {
      rules,
      address: object.address,
    });
  }
  return roles;
}

function aggregatedRules(
  { body }: KubernetesObject,
  objects: readonly KubernetesObject[],
): readonly JsonObject[] {
  const selectors = asObjects(at(body, 'aggregationRule', 'clusterRoleSelectors'));
  if (selectors.length === 0) return [];
  return objects
    .filter(({ labels }) => selectors.some((selector) => matchesSelector(selector, labels)))
    .flatMap(({ body: other }) => asObjects(other.rules));
}

function roleKey(kind: string, namespace: string, name: string): string {
  return kind === 'ClusterRole' ? name : `${namespace}/${name}`;
}

function addBinding(
  subjects: Map<string, SubjectGrants>,
  roles: ReadonlyMap<string, Role>,
  binding: KubernetesObject,
): void {
  const reference = asTextMap(binding.body.roleRef);
  const key = roleKey(reference.kind ?? '', binding.namespace, reference.name ?? '');
  const namespace = binding.kind === 'RoleBinding' ? binding.namespace : undefined;
  const role = roles.get(key) ?? builtIn(key, binding);
  const by = `${reference.kind} ${key}`;
  for (const subject of asObjects(binding.body.subjects)) {
    const name = subjectName(subject, binding.namespace);
    const entry = subjects.get(name) ?? { grants: [], unknown: [] };
    subjects.set(name, entry);
    if (role === undefined) entry.unknown.push({ role: by, address: binding.address });
    else entry.grants.push(...grantsFrom(role, namespace, by));
  }
}

function builtIn(name: string, { address }: { readonly address: string }): Role | undefined {
  const rules = Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : undefined;
  return rules === undefined ? undefined : { rules, address };
}

function grantsOfRole(
  roles: ReadonlyMap<string, Role>,
  name: string,
  namespace: string | undefined,
): Grant[] {
  const role =
    roles.get(`${namespace}/${name}`) ?? roles.get(name) ?? builtIn(name, { address: '' });
  return role === undefined ? [] : grantsFrom(role, namespace, `role ${name}`);
}

function grantsFrom({ rules, address }: Role, namespace: string | undefined, by: string): Grant[] {
  return rules.map((rule) => ({
    namespace,
    apiGroups: asTexts(rule.apiGroups),
    resources: asTexts(rule.resources),
    verbs: asTexts(rule.verbs),
    names: asTexts(rule.resourceNames),
    by,
    address,
  }));
}

function subjectName(subject: JsonObject, fallback: string): string {
  const { kind, name, namespace } = asObject(subject);
  return kind === 'ServiceAccount'
    ? `${asText(namespace) ?? fallback}/${asText(name)}`
    : `${asText(kind)} ${asText(name)}`;
}
