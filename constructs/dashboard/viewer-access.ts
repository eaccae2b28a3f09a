import { Construct } from 'constructs';
import { Resource } from '../binding.ts';
import { ROLE, ROLE_BINDING } from '../kubernetes.ts';
import type { ManagedNamespace } from '../namespace/managed-namespace.ts';
import { type RoleRule, roleRule } from '../workload/account.ts';

const READ = ['get', 'list', 'watch'] as const;

/**
 * What the dashboard reads in a namespace of runners: pods and their events, what makes them, what scales them and how
 * much they use. No Secret, no log, nothing it could change.
 */
const RULES: readonly RoleRule[] = [
  { apiGroups: [''], resources: ['events', 'pods', 'resourcequotas'], verbs: READ },
  // In a Role, the one namespace the Role is in.
  { apiGroups: [''], resources: ['namespaces'], verbs: ['get'] },
  { apiGroups: ['apps'], resources: ['deployments', 'replicasets'], verbs: READ },
  { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: READ },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: READ },
  { apiGroups: ['metrics.k8s.io'], resources: ['pods'], verbs: ['get', 'list'] },
  {
    apiGroups: ['actions.github.com'],
    resources: ['autoscalingrunnersets', 'ephemeralrunners', 'ephemeralrunnersets'],
    verbs: READ,
  },
];

/** Whom the rights are given to. */
export interface Viewer {
  readonly account: string;
  readonly namespace: string;
}

/**
 * The right of the dashboard to look into one namespace.
 *
 * It is defined with the namespace and not with the dashboard, so there is no order between the stacks: a binding may
 * name an account that does not exist yet.
 */
export class ViewerAccess extends Construct {
  constructor(
    scope: Construct,
    id: string,
    props: { readonly namespace: ManagedNamespace; readonly viewer: Viewer },
  ) {
    super(scope, id);
    const { namespace, viewer } = props;
    const name = `${viewer.account}-viewer`;
    const metadata = { name, namespace: namespace.name };
    const role = new Resource(this, 'role', ROLE, {
      metadata,
      rule: RULES.map(roleRule),
      dependsOn: [namespace.release],
    });
    new Resource(this, 'binding', ROLE_BINDING, {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subject: [{ kind: 'ServiceAccount', name: viewer.account, namespace: viewer.namespace }],
      dependsOn: [role],
    });
  }
}
