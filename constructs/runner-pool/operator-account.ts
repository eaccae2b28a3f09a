import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { OPERATOR_RIGHTS } from '../../config/operator-rights.ts';
import { Resource } from '../binding.ts';
import { stateFact } from '../facts.ts';
import { CLUSTER_ROLE, CLUSTER_ROLE_BINDING } from '../kubernetes.ts';
import type { ManagedNamespace } from '../namespace/managed-namespace.ts';
import { Account, roleRule } from '../workload/account.ts';

const ACCOUNT = 'flywheel-operator';

/** Settings of an {@link OperatorAccount}. */
export interface OperatorAccountProps {
  /** The namespace of the operator lane and of nothing else. */
  readonly namespace: ManagedNamespace;
  /** The name of the lane; role and binding bear it, because they belong to the whole cluster. */
  readonly lane: string;
  readonly partOf: string;
}

/**
 * The account under which jobs apply the stacks.
 *
 * No other pod can take it: an account serves pods of its own namespace only, and there nobody makes pods but the runner
 * of the lane.
 */
export class OperatorAccount extends Construct {
  readonly name = ACCOUNT;

  /** What has to exist before a job can run under the account. */
  readonly resources: ITerraformDependable[];

  constructor(scope: Construct, id: string, props: OperatorAccountProps) {
    super(scope, id);
    const { namespace, lane, partOf } = props;
    const labels = {
      'app.kubernetes.io/component': 'operator-lane',
      'app.kubernetes.io/part-of': partOf,
    };
    const account = new Account(this, 'account', { namespace, name: ACCOUNT, labels });
    const role = new Resource(this, 'role', CLUSTER_ROLE, {
      metadata: { name: lane, labels },
      rule: OPERATOR_RIGHTS.map(roleRule),
    });
    const binding = new Resource(this, 'binding', CLUSTER_ROLE_BINDING, {
      metadata: { name: lane, labels },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: lane },
      subject: [{ kind: 'ServiceAccount', name: ACCOUNT, namespace: namespace.name }],
      dependsOn: [role, ...account.resources],
    });
    this.resources = [...account.resources, binding];
    stateFact(this, 'weakening', {
      workload: `${namespace.name}/${ACCOUNT}`,
      what: 'rights over the whole cluster',
      reason: 'jobs of the operator lane apply the stacks',
    });
  }
}
