import { accountOf } from '../model/access.ts';
import { asObjects, asText, asTexts, at, type JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/kubernetes-object.ts';
import type { Remark, Rule } from '../rule.ts';

const LISTS = ['apiGroups', 'resources', 'verbs', 'nonResourceURLs'] as const;

/** Roles of every cluster that hold everything, or everything in a namespace. */
const SWEEPING_ROLES = new Set(['admin', 'cluster-admin']);

/** A right that names everything grows with every version of the cluster. */
export const rbacWildcard: Rule = {
  id: 'rbac-wildcard',
  severity: 'error',
  meaning: 'Rights are listed one by one; no role holds `*`, those of charts included.',
  *judge({ ofKind }) {
    for (const role of [...ofKind('Role'), ...ofKind('ClusterRole')]) {
      for (const rule of asObjects(role.body.rules)) yield* wildcards(role, rule);
    }
    for (const binding of [...ofKind('RoleBinding'), ...ofKind('ClusterRoleBinding')]) {
      const role = asText(at(binding.body, 'roleRef', 'name')) ?? '';
      if (!SWEEPING_ROLES.has(role)) continue;
      yield {
        resource: binding.address,
        problem: `binds ${role}, which holds every right`,
        remedy: 'bind a role that lists what is needed one by one',
      };
    }
  },
};

function* wildcards({ address, kind, name }: KubernetesObject, rule: JsonObject): Iterable<Remark> {
  const lists = LISTS.filter((list) => asTexts(rule[list]).some((item) => item.includes('*')));
  if (lists.length === 0) return;
  const shown = LISTS.filter((list) => asTexts(rule[list]).length > 0).map(
    (list) =>
      `${list} ${asTexts(rule[list])
        .map((item) => item || '""')
        .join(', ')}`,
  );
  yield {
    resource: address,
    problem: `${kind} ${name} holds * in ${lists.join(' and ')}: ${shown.join('; ')}`,
    remedy: 'list what is needed one by one',
  };
}

/** A token that may do nothing is still a name to the API server, and one more thing to steal. */
export const tokenAutomount: Rule = {
  id: 'token-automount',
  severity: 'error',
  meaning: 'A pod holds a token only where its account has rights.',
  *judge({ access, pods }) {
    for (const pod of pods) {
      const account = accountOf(pod);
      if (!access.mountsToken(pod) || access.isBound(account)) continue;
      yield {
        resource: pod.address,
        problem: `the pods of ${pod.owner} mount the token of the account ${account}, which has no rights`,
        remedy: 'set automountServiceAccountToken to false, or bind the role that it needs',
      };
    }
  },
};
