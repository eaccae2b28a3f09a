import type { FaultExample } from './fault-example.ts';

export const CHART_FAULTS: readonly FaultExample[] = [
  {
    rule: 'chart-summary',
    fault: 'a version of a chart that nobody has looked at',
    change: (draft) => {
      draft.stack('gitlab').resource.helm_release.docker.version = '0.87.0';
    },
    finds: [
      {
        resource: 'gitlab: helm_release.docker',
        problem: 'nothing is known of what the chart gitlab-runner 0.87.0 renders',
      },
    ],
  },
  {
    rule: 'chart-summary',
    fault: 'a value whose effect nobody knows',
    change: (draft) => {
      draft.values('docker').extraObjects = [{ kind: 'ClusterRoleBinding' }];
    },
    finds: [
      {
        resource: 'gitlab: helm_release.docker',
        problem:
          'the summary of gitlab-runner 0.86.0 does not know what these values change: extraObjects',
      },
    ],
  },
  {
    rule: 'chart-summary',
    fault: 'a combination of values that was never rendered',
    change: (draft) => {
      draft.values('controller').replicaCount = 3;
    },
    finds: [
      {
        resource: 'github: helm_release.controller',
        problem:
          'the summary of gha-runner-scale-set-controller 0.14.2 has no variant for flags.watchSingleNamespace left out, metrics left out, replicaCount 3, serviceAccount.create true',
      },
    ],
  },
  {
    rule: 'chart-summary',
    fault: 'values that reach the chart in another way',
    change: (draft) => {
      draft.stack('gitlab').resource.helm_release.docker.set = [{ name: 'replicas', value: '9' }];
    },
    finds: [
      { resource: 'gitlab: helm_release.docker', problem: 'values given by set are not judged' },
    ],
  },
  {
    rule: 'chart-summary',
    fault: 'values that are not JSON',
    change: (draft) => {
      draft.stack('gitlab').resource.helm_release.docker.values = ['replicas: 1'];
    },
    finds: [
      {
        resource: 'gitlab: helm_release.docker',
        problem: 'its values are not JSON, so nobody has judged them',
      },
    ],
  },
  {
    rule: 'chart-summary',
    fault: 'a config.toml that is no TOML (W-B17)',
    change: (draft) => {
      draft.values('docker').runners.config = '[[runners]\nname = ';
    },
    finds: [
      {
        resource: 'gitlab: helm_release.docker',
        problem:
          'its config.toml cannot be read: Invalid TOML document: expected end of table array declaration',
      },
    ],
  },
];
