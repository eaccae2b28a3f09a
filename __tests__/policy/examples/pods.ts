import type { Json } from '../good/parts.ts';
import type { Draft } from '../good-cluster.ts';
import type { FaultExample } from './fault-example.ts';

export const POD_FAULTS: readonly FaultExample[] = [
  {
    rule: 'pod-security',
    fault: 'a pod of ours that may become root (W-C9)',
    change: (draft) => {
      delete podSpec(draft, 'api').security_context.run_as_non_root;
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'Deployment api: container api does not set runAsNonRoot; the namespace apps enforces restricted',
      },
    ],
  },
  {
    rule: 'pod-security',
    fault: 'a container of ours that keeps its capabilities',
    change: (draft) => {
      delete podSpec(draft, 'api').container[0].security_context.capabilities;
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'Deployment api: container api does not drop all capabilities; the namespace apps enforces restricted',
      },
    ],
  },
  {
    rule: 'pod-security',
    fault: 'a listener that its controller would make without a security context',
    change: (draft) => {
      delete draft.values('scale-set').listenerTemplate;
    },
    finds: [
      {
        resource: 'github: helm_release.scale-set AutoscalingRunnerSet/set',
        problem:
          'listener of set: container listener does not set allowPrivilegeEscalation to false; container listener does not set runAsNonRoot; container listener has no seccomp profile; container listener does not drop all capabilities; the namespace controllers enforces restricted',
      },
    ],
  },
  {
    rule: 'pod-security',
    fault: 'a manager below restricted, although its namespace lets jobs be',
    change: (draft) => {
      draft.values('docker').securityContext.allowPrivilegeEscalation = true;
    },
    finds: [
      {
        resource: 'gitlab: helm_release.docker Deployment/docker',
        problem:
          'Deployment docker: container docker does not set allowPrivilegeEscalation to false; every pod but those of jobs keeps to restricted',
      },
    ],
  },
  {
    rule: 'pod-security',
    fault: 'a pod of ours below baseline, whatever the reason',
    change: (draft) => {
      const [namespace] = draft.objects('apps-namespace');
      namespace.metadata.labels['pod-security.kubernetes.io/enforce'] = 'privileged';
      podSpec(draft, 'api').container[0].security_context.privileged = true;
      const { api } = draft.stack('services').resource.kubernetes_deployment_v1;
      api.metadata.annotations['flywheel/weakening'] = 'it needs the run of the node';
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'Deployment api: container api is privileged; a written reason lets it be below restricted, not below baseline',
      },
    ],
  },
  {
    rule: 'pod-security',
    fault: 'jobs that their namespace would refuse (W-A16)',
    change: (draft) => {
      const { runners } = draft.values('docker');
      runners.config = runners.config.replace(/^image = /m, 'privileged = true\nimage = ');
    },
    finds: [
      {
        resource: 'gitlab: helm_release.docker Deployment/docker',
        problem:
          'jobs of docker: container init-permissions is privileged; container build is privileged; container helper is privileged; the namespace jobs enforces baseline',
      },
    ],
  },
  {
    rule: 'pod-security',
    fault: 'the Docker daemon that a chart adds to its runners',
    change: (draft) => {
      draft.values('scale-set').containerMode = { type: 'dind' };
    },
    finds: [
      {
        resource: 'github: helm_release.scale-set AutoscalingRunnerSet/set',
        problem:
          'runners of set: container dind is privileged; the namespace runners enforces baseline',
      },
    ],
  },
  {
    rule: 'requests-and-limits',
    fault: 'a container without a limit of memory (L5)',
    change: (draft) => {
      delete podSpec(draft, 'api').container[0].resources.limits.memory;
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem: 'Deployment api, container api: no limit of memory',
      },
    ],
  },
  {
    rule: 'requests-and-limits',
    fault: 'a request above its limit (W-C7)',
    change: (draft) => {
      podSpec(draft, 'api').container[0].resources.requests.cpu = '300m';
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'Deployment api, container api: the request of 300m cpu is above its limit of 200m',
      },
    ],
  },
  {
    rule: 'requests-and-limits',
    fault: 'an amount that is none',
    change: (draft) => {
      podSpec(draft, 'api').container[0].resources.limits.cpu = '200 m';
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem: 'Deployment api, container api: the limit of cpu "200 m" is no amount',
      },
    ],
  },
  {
    rule: 'requests-and-limits',
    fault: 'jobs without limits where no limit range gives them any',
    change: (draft) => {
      delete draft.stack('gitlab').resource.kubernetes_limit_range_v1;
      const { runners } = draft.values('docker');
      runners.config = runners.config.replace(/^helper_memory_limit = .*$/m, '');
    },
    finds: [
      {
        resource: 'gitlab: helm_release.docker Deployment/docker',
        problem: 'jobs of docker, container init-permissions: no limit of memory',
      },
      {
        resource: 'gitlab: helm_release.docker Deployment/docker',
        problem: 'jobs of docker, container helper: no limit of memory',
      },
    ],
  },
  {
    rule: 'limit-range',
    fault: 'jobs that may ask for more than the limit range lets one have (W-C7)',
    change: (draft) => {
      draft.stack('gitlab').resource.kubernetes_limit_range_v1.jobs.spec.limit[0].max.memory =
        '512Mi';
    },
    finds: [
      {
        resource: 'gitlab: helm_release.docker Deployment/docker',
        problem:
          'jobs of docker, container build: the limit of 1Gi memory is above the maximum of 512Mi of gitlab: kubernetes_limit_range_v1.jobs',
      },
    ],
  },
  {
    rule: 'limit-range',
    fault: 'what a job may choose for itself above the limit range',
    change: (draft) => {
      const { runners } = draft.values('docker');
      runners.config = runners.config.replace(
        /^image = /m,
        'cpu_limit_overwrite_max_allowed = "4"\nimage = ',
      );
    },
    finds: [
      {
        resource: 'gitlab: helm_release.docker Deployment/docker',
        problem:
          'jobs of docker, container build: the limit of 4 cpu is above the maximum of 2 of gitlab: kubernetes_limit_range_v1.jobs',
      },
    ],
  },
];

function podSpec(draft: Draft, name: string): Json {
  return draft.stack('services').resource.kubernetes_deployment_v1[name].spec.template.spec;
}
