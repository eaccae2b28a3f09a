import {
  account,
  CONTAINER_SECURITY_API,
  DIGEST,
  IMAGE,
  JOB_LABELS,
  type Json,
  manifests,
  namespace,
  POD_SECURITY_API,
  policies,
  RESOURCES,
  secret,
  stack,
} from './parts.ts';

/** A controller in a namespace of its own, and a scale set whose runners hold no token. */
export function github(): Json {
  return stack('github', {
    output: {
      required_secrets: {
        value: [
          secret('runners', 'github-app', 'github-app', [
            'github_app_id',
            'github_app_installation_id',
            'github_app_private_key',
          ]),
        ],
      },
    },
    resource: {
      helm_release: {
        'controllers-namespace': manifests(
          'namespace-controllers',
          namespace('controllers', 'controllers', 'restricted'),
        ),
        'runners-namespace': manifests(
          'namespace-runners',
          namespace('runners', 'jobs', 'baseline'),
        ),
        controller: controllerRelease(),
        'scale-set': scaleSetRelease(),
      },
      kubernetes_network_policy_v1: {
        ...policies('controllers', {
          controller: { 'app.kubernetes.io/component': 'controller-manager' },
          listeners: { 'app.kubernetes.io/component': 'runner-scale-set-listener' },
        }),
        ...policies('runners', { jobs: JOB_LABELS }),
      },
      kubernetes_service_account_v1: { job: account('runners', 'set-job') },
    },
  });
}

function controllerRelease(): Json {
  return {
    chart: 'gha-runner-scale-set-controller',
    repository: 'oci://charts.example',
    version: '0.14.2',
    name: 'controller',
    namespace: 'controllers',
    values: [
      JSON.stringify({
        replicaCount: 1,
        image: { repository: 'registry.example/controller', tag: `1.0.0@${DIGEST}` },
        serviceAccount: { create: true, name: 'controller' },
        podSecurityContext: POD_SECURITY_API,
        securityContext: CONTAINER_SECURITY_API,
        resources: RESOURCES,
      }),
    ],
  };
}

function scaleSetRelease(): Json {
  return {
    chart: 'gha-runner-scale-set',
    repository: 'oci://charts.example',
    version: '0.14.2',
    name: 'set',
    namespace: 'runners',
    values: [
      JSON.stringify({
        githubConfigUrl: 'https://github.com/example',
        githubConfigSecret: 'github-app',
        minRunners: 0,
        maxRunners: 3,
        controllerServiceAccount: { namespace: 'controllers', name: 'controller' },
        listenerTemplate: {
          spec: {
            securityContext: POD_SECURITY_API,
            containers: [
              { name: 'listener', securityContext: CONTAINER_SECURITY_API, resources: RESOURCES },
            ],
          },
        },
        template: {
          metadata: { labels: JOB_LABELS },
          spec: {
            serviceAccountName: 'set-job',
            automountServiceAccountToken: false,
            containers: [
              {
                name: 'runner',
                image: IMAGE,
                resources: RESOURCES,
                env: [
                  { name: 'ATTIC_SERVER', value: 'http://api.apps.svc.cluster.local' },
                  {
                    name: 'NIX_CONFIG',
                    value: 'substituters = http://api.apps.svc.cluster.local/main',
                  },
                ],
              },
            ],
          },
        },
      }),
    ],
  };
}
