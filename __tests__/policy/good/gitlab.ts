import { stringify } from 'smol-toml';
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

/** One manager whose jobs run in a namespace of their own trust level, and the lane that applies the stacks. */
export function gitlab(): Json {
  return stack('gitlab', {
    output: {
      required_secrets: {
        value: [
          secret('jobs', 'docker-token', 'runner-token', [
            'runner-token',
            'runner-registration-token',
          ]),
          secret('lane', 'lane-token', 'runner-token', [
            'runner-token',
            'runner-registration-token',
          ]),
        ],
      },
    },
    resource: {
      helm_release: {
        'jobs-namespace': manifests('namespace-jobs', namespace('jobs', 'jobs', 'baseline')),
        'lane-namespace': manifests('namespace-lane', namespace('lane', 'operator', 'baseline')),
        docker: gitlabRelease('docker', 'jobs', false),
        lane: gitlabRelease('lane', 'lane', true),
      },
      kubernetes_limit_range_v1: {
        jobs: {
          metadata: { name: 'containers', namespace: 'jobs' },
          spec: {
            limit: [
              {
                type: 'Container',
                default: { cpu: '200m', memory: '256Mi' },
                default_request: { cpu: '100m', memory: '128Mi' },
                max: { cpu: '2', memory: '2Gi' },
              },
            ],
          },
        },
      },
      kubernetes_network_policy_v1: {
        ...policies('jobs', { managers: { app: 'docker' }, jobs: JOB_LABELS }),
        ...policies('lane', { managers: { app: 'lane' }, jobs: JOB_LABELS }),
      },
      kubernetes_resource_quota_v1: {
        jobs: {
          metadata: { name: 'pods', namespace: 'jobs' },
          spec: {
            hard: {
              'requests.cpu': '2',
              'requests.memory': '3Gi',
              'limits.cpu': '8',
              'limits.memory': '10Gi',
              pods: '5',
            },
          },
        },
      },
      kubernetes_service_account_v1: {
        job: account('jobs', 'docker-job'),
        'lane-job': account('lane', 'lane-job'),
      },
      kubernetes_cluster_role_v1: {
        lane: {
          metadata: { name: 'lane' },
          rule: [
            { api_groups: [''], resources: ['namespaces'], verbs: ['create', 'get', 'patch'] },
          ],
        },
      },
      kubernetes_cluster_role_binding_v1: {
        lane: {
          metadata: { name: 'lane' },
          role_ref: { api_group: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'lane' },
          subject: [{ kind: 'ServiceAccount', name: 'lane-job', namespace: 'lane' }],
        },
      },
    },
  });
}

/** What a manager does with the Kubernetes API. */
const MANAGER_RULES = [
  { apiGroups: [''], resources: ['pods'], verbs: ['create', 'delete', 'get'] },
  { apiGroups: [''], resources: ['secrets'], verbs: ['create', 'delete', 'get'] },
];

/** The settings of the jobs of a pool, as they stand in its config.toml. */
function runnerConfig(name: string, home: string, token: boolean, more: Json = {}): string {
  const { runner, ...kubernetes } = more;
  return stringify({
    runners: [
      {
        name,
        executor: 'kubernetes',
        environment: ['BAZEL_REMOTE_CACHE=http://store.apps.svc.cluster.local:9000'],
        ...runner,
        kubernetes: {
          namespace: home,
          image: IMAGE,
          helper_image: IMAGE,
          service_account: `${name}-job`,
          automount_service_account_token: token,
          cpu_request: '200m',
          cpu_limit: '1',
          memory_request: '256Mi',
          memory_limit: '1Gi',
          helper_cpu_request: '100m',
          helper_cpu_limit: '500m',
          helper_memory_request: '128Mi',
          helper_memory_limit: '256Mi',
          pod_labels: JOB_LABELS,
          ...kubernetes,
        },
      },
    ],
  });
}

function gitlabRelease(name: string, home: string, token: boolean): Json {
  return {
    chart: 'gitlab-runner',
    repository: 'https://charts.gitlab.io',
    version: '0.86.0',
    name,
    namespace: home,
    values: [
      JSON.stringify({
        fullnameOverride: name,
        gitlabUrl: 'https://gitlab.com',
        image: { registry: 'registry.example', image: 'runner', tag: `1.0.0@${DIGEST}` },
        runners: {
          secret: `${name}-token`,
          executor: 'kubernetes',
          config: runnerConfig(name, home, token),
        },
        rbac: { create: true, rules: MANAGER_RULES },
        serviceAccount: { create: true, name },
        automountServiceAccountToken: true,
        replicas: 1,
        concurrent: 4,
        podSecurityContext: POD_SECURITY_API,
        securityContext: CONTAINER_SECURITY_API,
        resources: RESOURCES,
      }),
    ],
  };
}
