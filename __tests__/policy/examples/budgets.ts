import type { Json } from '../good/parts.ts';
import type { Draft } from '../good-cluster.ts';
import type { FaultExample } from './fault-example.ts';

export const BUDGET_FAULTS: readonly FaultExample[] = [
  {
    rule: 'disruption-budget',
    fault: 'a budget that keeps all of the pods there are (W-B29)',
    change: (draft) => {
      budget(draft).spec = {
        ...budget(draft).spec,
        max_unavailable: undefined,
        min_available: '2',
      };
    },
    finds: [
      {
        resource: 'services: kubernetes_pod_disruption_budget_v1.api',
        problem:
          'the budget api keeps 2 of the 2 pods that are there at least, so a node that runs one can never be drained',
      },
    ],
  },
  {
    rule: 'disruption-budget',
    fault: 'a budget in percent that rounds up to all of them',
    change: (draft) => {
      budget(draft).spec = {
        ...budget(draft).spec,
        max_unavailable: undefined,
        min_available: '51%',
      };
    },
    finds: [
      {
        resource: 'services: kubernetes_pod_disruption_budget_v1.api',
        problem:
          'the budget api keeps 2 of the 2 pods that are there at least, so a node that runs one can never be drained',
      },
    ],
  },
  {
    rule: 'disruption-budget',
    fault: 'a budget that lets none be gone',
    change: (draft) => {
      budget(draft).spec.max_unavailable = '0';
    },
    finds: [
      {
        resource: 'services: kubernetes_pod_disruption_budget_v1.api',
        problem:
          'the budget api keeps 2 of the 2 pods that are there at least, so a node that runs one can never be drained',
      },
    ],
  },
  {
    rule: 'disruption-budget',
    fault: 'a budget that counts on the replicas of an autoscaler at its most',
    change: (draft) => {
      budget(draft).spec = {
        ...budget(draft).spec,
        max_unavailable: undefined,
        min_available: '1',
      };
      draft.stack('services').resource.kubernetes_horizontal_pod_autoscaler_v2 = {
        api: {
          metadata: { name: 'api', namespace: 'apps' },
          spec: {
            min_replicas: 1,
            max_replicas: 5,
            scale_target_ref: { kind: 'Deployment', name: 'api' },
          },
        },
      };
    },
    finds: [
      {
        resource: 'services: kubernetes_pod_disruption_budget_v1.api',
        problem:
          'the budget api keeps 1 of the 1 pods that are there at least, so a node that runs one can never be drained',
      },
    ],
  },
  {
    rule: 'disruption-budget',
    fault: 'a budget that chooses no pods',
    change: (draft) => {
      budget(draft).spec.selector.match_labels.app = 'other';
    },
    finds: [
      {
        resource: 'services: kubernetes_pod_disruption_budget_v1.api',
        problem: 'the budget api chooses no pods of apps',
        severity: 'warning',
      },
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'Deployment api has 2 pods and no disruption budget, so drains may take all of them at once',
        severity: 'warning',
      },
    ],
  },
  {
    rule: 'disruption-budget',
    fault: 'the budget that a database makes for its one instance',
    change: (draft) => {
      delete draft.objects('database')[0].spec.enablePDB;
    },
    finds: [
      {
        resource: 'services: helm_release.database Cluster/db',
        problem:
          'the database db has one instance and leaves enablePDB on, so its node can never be drained',
      },
    ],
  },
];

function budget(draft: Draft): Json {
  return draft.stack('services').resource.kubernetes_pod_disruption_budget_v1.api;
}
