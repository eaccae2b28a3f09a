import type { Json } from '../good/parts.ts';
import type { Draft } from '../good-cluster.ts';
import type { FaultExample } from './fault-example.ts';

export const ENDPOINT_FAULTS: readonly FaultExample[] = [
  {
    rule: 'consumer-endpoint',
    fault: 'the address that a server listens on, given to a consumer (L12)',
    change: (draft) => variable(draft, 'S3_ENDPOINT', 'http://0.0.0.0:9000'),
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'S3_ENDPOINT of Deployment api, container api is given http://0.0.0.0:9000 to call, and that is where a server listens',
      },
    ],
  },
  {
    rule: 'consumer-endpoint',
    fault: 'the same without a scheme (L12)',
    change: (draft) => variable(draft, 'S3_ENDPOINT', '0.0.0.0:9000'),
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'S3_ENDPOINT of Deployment api, container api is given 0.0.0.0:9000 to call, and that is where a server listens',
      },
    ],
  },
  {
    rule: 'consumer-endpoint',
    fault: 'loopback where no container of the pod listens (L12)',
    change: (draft) => variable(draft, 'S3_ENDPOINT', 'http://127.0.0.1:9000'),
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'S3_ENDPOINT of Deployment api, container api is given http://127.0.0.1:9000 to call, and no container of its pod listens there',
      },
    ],
  },
  {
    rule: 'consumer-endpoint',
    fault: 'loopback in an argument',
    change: (draft) => {
      container(draft).args = ['--s3.endpoint=http://localhost:9000'];
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'an argument of Deployment api, container api is given http://localhost:9000 to call, and no container of its pod listens there',
      },
    ],
  },
  {
    rule: 'consumer-endpoint',
    fault: 'loopback in a configuration file',
    change: (draft) => {
      const { data } = draft.stack('services').resource.kubernetes_config_map_v1['api-config'];
      data['server.toml'] += '[storage]\nendpoint = "http://[::1]:9000"\n';
    },
    finds: [
      {
        resource: 'services: kubernetes_config_map_v1.api-config',
        problem:
          'server.toml of the ConfigMap api-config is given http://[::1]:9000 to call, and no container of its pod listens there',
      },
    ],
  },
  {
    rule: 'consumer-endpoint',
    fault: 'a Service that nobody defines (T3)',
    change: (draft) => variable(draft, 'S3_ENDPOINT', 'http://stores.apps.svc.cluster.local:9000'),
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'S3_ENDPOINT of Deployment api, container api is given http://stores.apps.svc.cluster.local:9000, and no stack defines a Service stores in apps',
      },
    ],
  },
  {
    rule: 'consumer-endpoint',
    fault: 'a port that the Service does not have (T3)',
    change: (draft) => variable(draft, 'S3_ENDPOINT', 'http://store.apps.svc.cluster.local'),
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'S3_ENDPOINT of Deployment api, container api is given http://store.apps.svc.cluster.local, and the Service store in apps has only the port 9000',
      },
    ],
  },
  {
    rule: 'consumer-endpoint',
    fault: 'the public name of a cache in a runner (D2)',
    change: (draft) => runnerVariable(draft, 0, 'https://cache.example.org'),
    finds: [
      {
        resource: 'github: helm_release.scale-set AutoscalingRunnerSet/set',
        problem:
          'ATTIC_SERVER of runners of set, container runner is given https://cache.example.org, the public name of a Service that pods reach by its cluster name',
      },
    ],
  },
  {
    rule: 'consumer-endpoint',
    fault: 'FlakeHub as a substituter (T6)',
    change: (draft) =>
      runnerVariable(draft, 1, 'substituters = https://flakehub.com/f/example/repository/1'),
    finds: [
      {
        resource: 'github: helm_release.scale-set AutoscalingRunnerSet/set',
        problem:
          'NIX_CONFIG of runners of set, container runner names https://flakehub.com, which publishes and never serves as a cache',
      },
    ],
  },
  {
    rule: 'consumer-endpoint',
    fault: 'a cluster name in what people read (D2)',
    change: (draft) => {
      draft.stack('services').output.url.value = 'http://api.apps.svc.cluster.local';
    },
    finds: [
      {
        resource: 'services: output.url',
        problem:
          'http://api.apps.svc.cluster.local resolves only in pods, and people read this output',
      },
    ],
  },
  {
    rule: 'consumer-endpoint',
    fault: 'a public name in an output for pods (D2)',
    change: (draft) => {
      draft.stack('services').output.url_for_pods.value = 'https://cache.example.org';
    },
    finds: [
      {
        resource: 'services: output.url_for_pods',
        problem:
          'https://cache.example.org is not the address for pods that the name of the output promises',
      },
    ],
  },
  {
    rule: 'consumer-endpoint',
    fault: 'loopback in what people read (L12)',
    change: (draft) => {
      draft.stack('services').output.url.value = 'http://localhost:8080';
    },
    finds: [
      {
        resource: 'services: output.url',
        problem: 'http://localhost:8080 is an address of whatever machine it is read on',
      },
    ],
  },
  {
    rule: 'consumer-endpoint',
    fault: 'a cluster name as a public name (D2)',
    change: (draft) => {
      draft.stack('services').resource.kubernetes_ingress_v1.api.spec.rule[0].host =
        'api.apps.svc.cluster.local';
    },
    finds: [
      {
        resource: 'services: kubernetes_ingress_v1.api',
        problem: 'the public name api.apps.svc.cluster.local resolves only in the cluster',
      },
    ],
  },
  {
    rule: 'consumer-endpoint',
    fault: 'loopback as the store of backups',
    change: (draft) => {
      draft.objects('database')[1].spec.configuration.endpointURL = 'http://127.0.0.1:9000';
    },
    finds: [
      {
        resource: 'services: helm_release.database ObjectStore/db-backup',
        problem:
          'spec.configuration.endpointURL is given http://127.0.0.1:9000 to call, and no container of its pod listens there',
      },
    ],
  },
];

function container(draft: Draft): Json {
  return draft.stack('services').resource.kubernetes_deployment_v1.api.spec.template.spec
    .container[0];
}

function variable(draft: Draft, name: string, value: string): void {
  container(draft).env.find((item: Json) => item.name === name).value = value;
}

function runnerVariable(draft: Draft, index: number, value: string): void {
  draft.values('scale-set').template.spec.containers[0].env[index].value = value;
}
