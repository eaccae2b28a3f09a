import type { RenderedRelease } from './chart-objects.ts';
import type { JsonObject } from './json.ts';
import { type KubernetesObject, readObject } from './kubernetes-object.ts';
import { controllerNamespace } from './scale-set-pods.ts';

// Accounts and rights that controllers in the cluster hand out while they run. They stand in no chart and no stack, and yet a
// search for ways between accounts has to know them.

interface Grant {
  readonly account: string;
  readonly accountNamespace: string;
  readonly roleNamespace: string;
  readonly rules: readonly JsonObject[];
}

/** The accounts of GitHub listeners and of PostgreSQL instances, with their rights. */
export function runtimeAccess(
  objects: readonly KubernetesObject[],
  rendered: readonly RenderedRelease[],
): KubernetesObject[] {
  const listeners = rendered.flatMap(({ objects: own, values, release }) =>
    own
      .filter(({ kind }) => kind === 'AutoscalingRunnerSet')
      .flatMap((set) =>
        grant(set, listenerGrant(set, controllerNamespace(values, release.namespace))),
      ),
  );
  const instances = objects
    .filter(
      ({ kind, apiVersion }) => kind === 'Cluster' && apiVersion.startsWith('postgresql.cnpg.io/'),
    )
    .flatMap((cluster) => grant(cluster, instanceGrant(cluster)));
  return [...listeners, ...instances];
}

/** @see https://github.com/actions/actions-runner-controller, rulesForListenerRole */
function listenerGrant({ name, namespace }: KubernetesObject, controller: string): Grant {
  return {
    account: `${name}-listener`,
    accountNamespace: controller,
    roleNamespace: namespace,
    rules: [
      { apiGroups: ['actions.github.com'], resources: ['ephemeralrunnersets'], verbs: ['patch'] },
      {
        apiGroups: ['actions.github.com'],
        resources: ['ephemeralrunners', 'ephemeralrunners/status'],
        verbs: ['patch'],
      },
    ],
  };
}

/** @see https://github.com/cloudnative-pg/cloudnative-pg, pkg/specs/roles.go */
function instanceGrant({ name, namespace }: KubernetesObject): Grant {
  return {
    account: name,
    accountNamespace: namespace,
    roleNamespace: namespace,
    rules: [
      {
        apiGroups: [''],
        resources: ['secrets'],
        verbs: ['get', 'watch'],
        resourceNames: ['app', 'ca', 'replication', 'server', 'superuser'].map(
          (part) => `${name}-${part}`,
        ),
      },
    ],
  };
}

function grant(owner: KubernetesObject, given: Grant): KubernetesObject[] {
  const { account, accountNamespace, roleNamespace, rules } = given;
  const metadata = { name: account, namespace: roleNamespace };
  const objects = [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: account, namespace: accountNamespace },
    },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { kind: 'Role', name: account },
      subjects: [{ kind: 'ServiceAccount', name: account, namespace: accountNamespace }],
    },
  ];
  const { stack, address, origin } = owner;
  return objects.map((body) =>
    readObject(body, { stack, address, origin, namespace: roleNamespace }),
  );
}
