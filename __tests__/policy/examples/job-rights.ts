import type { Json } from '../good/parts.ts';
import type { Draft } from '../good-cluster.ts';

/** A rule of a role. */
export function right(group: string, resource: string, ...verbs: string[]): Json {
  return { api_groups: [group], resources: [resource], verbs };
}

/** Lets the jobs of the runner hold their token, and binds a role to their account; in all namespaces where none is named. */
export function jobsMay(draft: Draft, namespace: string | undefined, ...rules: Json[]): void {
  mountToken(draft);
  if (namespace !== undefined) {
    grant(draft, 'jobs-may', namespace, rules, 'jobs', 'docker-job');
    return;
  }
  const { resource } = draft.stack('gitlab');
  resource.kubernetes_cluster_role_v1['jobs-may'] = { metadata: { name: 'jobs-may' }, rule: rules };
  resource.kubernetes_cluster_role_binding_v1['jobs-may'] = {
    metadata: { name: 'jobs-may' },
    role_ref: { kind: 'ClusterRole', name: 'jobs-may' },
    subject: [{ kind: 'ServiceAccount', name: 'docker-job', namespace: 'jobs' }],
  };
}

/** Lets the jobs of the runner hold the token of their account. */
export function mountToken(draft: Draft): void {
  const { runners } = draft.values('docker');
  runners.config = runners.config.replace(
    'automount_service_account_token = false',
    'automount_service_account_token = true',
  );
}

/** Binds a role of its own to an account, in one namespace. */
export function grant(
  draft: Draft,
  id: string,
  namespace: string,
  rules: Json,
  home: string,
  account: string,
): void {
  const { resource } = draft.stack('gitlab');
  resource.kubernetes_role_v1 ??= {};
  resource.kubernetes_role_binding_v1 ??= {};
  resource.kubernetes_role_v1[id] = { metadata: { name: id, namespace }, rule: rules };
  resource.kubernetes_role_binding_v1[id] = {
    metadata: { name: id, namespace },
    role_ref: { kind: 'Role', name: id },
    subject: [{ kind: 'ServiceAccount', name: account, namespace: home }],
  };
}
