import type { FaultExample } from './fault-example.ts';

export const NETWORK_FAULTS: readonly FaultExample[] = [
  {
    rule: 'network-policy',
    fault: 'a namespace that denies nothing by default (W-C10)',
    change: (draft) => {
      delete draft.stack('services').resource.kubernetes_network_policy_v1['apps-default-deny'];
    },
    finds: [
      {
        resource: 'services: helm_release.apps-namespace Namespace/apps',
        problem: 'apps has no policy that denies Ingress and Egress by default',
      },
    ],
  },
  {
    rule: 'network-policy',
    fault: 'a default that lets pods call anything',
    change: (draft) => {
      const policy =
        draft.stack('services').resource.kubernetes_network_policy_v1['apps-default-deny'];
      policy.spec.policy_types = ['Ingress'];
    },
    finds: [
      {
        resource: 'services: helm_release.apps-namespace Namespace/apps',
        problem: 'apps has no policy that denies Egress by default',
      },
    ],
  },
  {
    rule: 'network-policy',
    fault: 'a pod that no policy but the default chooses',
    change: (draft) => {
      delete draft.stack('services').resource.kubernetes_network_policy_v1['apps-api'];
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'no network policy of apps but the default chooses the pods of Deployment api, so they reach nothing, the cluster DNS included',
      },
    ],
  },
  {
    rule: 'network-policy',
    fault: 'jobs whose labels no policy chooses',
    change: (draft) => {
      const { runners } = draft.values('docker');
      runners.config = runners.config.replace(
        '"flywheel/role" = "job"',
        '"flywheel/role" = "work"',
      );
    },
    finds: [
      {
        resource: 'gitlab: helm_release.docker Deployment/docker',
        problem:
          'no network policy of jobs but the default chooses the pods of jobs of docker, so they reach nothing, the cluster DNS included',
      },
    ],
  },
];
