import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { Resource } from '../binding.ts';
import { ROLE, ROLE_BINDING, SERVICE_ACCOUNT } from '../kubernetes.ts';
import type { ManagedNamespace } from '../namespace/managed-namespace.ts';

/** What an account may do, listed one by one; `*` is refused by the policy. */
export interface RoleRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** Settings of an {@link Account}. */
export interface AccountProps {
  readonly namespace: ManagedNamespace;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Rights in the namespace of the account. @default - none */
  readonly rules?: readonly RoleRule[] | undefined;
}

/** A service account whose token is mounted nowhere by itself, with its rights in its own namespace. */
export class Account extends Construct {
  /** What has to exist before a pod can run under the account. */
  readonly resources: ITerraformDependable[];

  constructor(scope: Construct, id: string, props: AccountProps) {
    super(scope, id);
    const { name, namespace, rules } = props;
    const metadata = { name, namespace: namespace.name, labels: { ...props.labels } };
    const dependsOn = [namespace.release];
    const account = new Resource(this, 'Resource', SERVICE_ACCOUNT, {
      metadata,
      automountServiceAccountToken: false,
      dependsOn,
    });
    this.resources = [account];
    if (rules === undefined || rules.length === 0) return;
    const role = new Resource(this, 'role', ROLE, {
      metadata,
      rule: rules.map(roleRule),
      dependsOn,
    });
    const binding = new Resource(this, 'role-binding', ROLE_BINDING, {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subject: [{ kind: 'ServiceAccount', name, namespace: namespace.name }],
      dependsOn: [role],
    });
    this.resources.push(binding);
  }
}

/** A rule as the Kubernetes provider takes it. */
export function roleRule(rule: RoleRule) {
  return {
    apiGroups: [...rule.apiGroups],
    resources: [...rule.resources],
    verbs: [...rule.verbs],
    ...(rule.resourceNames === undefined ? {} : { resourceNames: [...rule.resourceNames] }),
  };
}
