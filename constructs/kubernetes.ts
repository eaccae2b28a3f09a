import type { ClusterRoleBindingV1Config } from '@cdktf/provider-kubernetes/lib/cluster-role-binding-v1/index.js';
import type { ClusterRoleV1Config } from '@cdktf/provider-kubernetes/lib/cluster-role-v1/index.js';
import type { ConfigMapV1Config } from '@cdktf/provider-kubernetes/lib/config-map-v1/index.js';
import type { CronJobV1Config } from '@cdktf/provider-kubernetes/lib/cron-job-v1/index.js';
import type { DeploymentV1Config } from '@cdktf/provider-kubernetes/lib/deployment-v1/index.js';
import type { HorizontalPodAutoscalerV2Config } from '@cdktf/provider-kubernetes/lib/horizontal-pod-autoscaler-v2/index.js';
import type { IngressV1Config } from '@cdktf/provider-kubernetes/lib/ingress-v1/index.js';
import type { JobV1Config } from '@cdktf/provider-kubernetes/lib/job-v1/index.js';
import type { LimitRangeV1Config } from '@cdktf/provider-kubernetes/lib/limit-range-v1/index.js';
import type { NetworkPolicyV1Config } from '@cdktf/provider-kubernetes/lib/network-policy-v1/index.js';
import type { PodDisruptionBudgetV1Config } from '@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1/index.js';
import type { PriorityClassV1Config } from '@cdktf/provider-kubernetes/lib/priority-class-v1/index.js';
import type { ResourceQuotaV1Config } from '@cdktf/provider-kubernetes/lib/resource-quota-v1/index.js';
import type { RoleBindingV1Config } from '@cdktf/provider-kubernetes/lib/role-binding-v1/index.js';
import type { RoleV1Config } from '@cdktf/provider-kubernetes/lib/role-v1/index.js';
import type { ServiceAccountV1Config } from '@cdktf/provider-kubernetes/lib/service-account-v1/index.js';
import type { ServiceV1Config } from '@cdktf/provider-kubernetes/lib/service-v1/index.js';
import type { StatefulSetV1Config } from '@cdktf/provider-kubernetes/lib/stateful-set-v1/index.js';
import type { StorageClassV1Config } from '@cdktf/provider-kubernetes/lib/storage-class-v1/index.js';
import type { Binding } from './binding.ts';

function kubernetes<Config>(name: string): Binding<Config> {
  return { provider: 'kubernetes', type: `kubernetes_${name}` };
}

/** The Kubernetes objects that the stacks define, each with the arguments of its binding. */
export const CLUSTER_ROLE = kubernetes<ClusterRoleV1Config>('cluster_role_v1');
export const CLUSTER_ROLE_BINDING =
  kubernetes<ClusterRoleBindingV1Config>('cluster_role_binding_v1');
export const CONFIG_MAP = kubernetes<ConfigMapV1Config>('config_map_v1');
export const CRON_JOB = kubernetes<CronJobV1Config>('cron_job_v1');
export const DEPLOYMENT = kubernetes<DeploymentV1Config>('deployment_v1');
export const HORIZONTAL_POD_AUTOSCALER = kubernetes<HorizontalPodAutoscalerV2Config>(
  'horizontal_pod_autoscaler_v2',
);
export const INGRESS = kubernetes<IngressV1Config>('ingress_v1');
export const JOB = kubernetes<JobV1Config>('job_v1');
export const LIMIT_RANGE = kubernetes<LimitRangeV1Config>('limit_range_v1');
export const NETWORK_POLICY = kubernetes<NetworkPolicyV1Config>('network_policy_v1');
export const POD_DISRUPTION_BUDGET = kubernetes<PodDisruptionBudgetV1Config>(
  'pod_disruption_budget_v1',
);
export const PRIORITY_CLASS = kubernetes<PriorityClassV1Config>('priority_class_v1');
export const RESOURCE_QUOTA = kubernetes<ResourceQuotaV1Config>('resource_quota_v1');
export const ROLE = kubernetes<RoleV1Config>('role_v1');
export const ROLE_BINDING = kubernetes<RoleBindingV1Config>('role_binding_v1');
export const SERVICE = kubernetes<ServiceV1Config>('service_v1');
export const SERVICE_ACCOUNT = kubernetes<ServiceAccountV1Config>('service_account_v1');
export const STATEFUL_SET = kubernetes<StatefulSetV1Config>('stateful_set_v1');
export const STORAGE_CLASS = kubernetes<StorageClassV1Config>('storage_class_v1');
