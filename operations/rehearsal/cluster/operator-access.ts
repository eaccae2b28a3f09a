import { OPERATOR_RIGHTS } from '../../../config/operator-rights.ts';
import type { DeclaredObject } from './api.ts';
import { OPERATOR_USER } from './credentials.ts';

/** The role of the operator with the rights of the operator lane and no other, bound to the one user that has it. */
export function operatorObjects(): DeclaredObject[] {
  const group = 'rbac.authorization.k8s.io';
  const metadata = { name: OPERATOR_USER };
  return [
    {
      path: `/apis/${group}/v1/clusterroles`,
      object: { apiVersion: `${group}/v1`, kind: 'ClusterRole', metadata, rules: OPERATOR_RIGHTS },
    },
    {
      path: `/apis/${group}/v1/clusterrolebindings`,
      object: {
        apiVersion: `${group}/v1`,
        kind: 'ClusterRoleBinding',
        metadata,
        roleRef: { apiGroup: group, kind: 'ClusterRole', name: OPERATOR_USER },
        subjects: [{ apiGroup: group, kind: 'User', name: OPERATOR_USER }],
      },
    },
  ];
}
