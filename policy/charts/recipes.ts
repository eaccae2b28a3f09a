import type { FullName, ShapeValue } from '../model/chart-summary.ts';
import type { JsonObject } from '../model/json.ts';
import type { OverlaidPart } from './parametrize.ts';

/** How the summary of a chart is made, whatever its version. */
export interface ChartRecipe {
  readonly chart: string;
  /** Values that stand in the rendered objects as they are. */
  readonly copied: readonly string[];
  /** Values that change nothing which a summary holds. Each is left out once, and the summary must stay the same. */
  readonly silent: readonly string[];
  readonly shape: readonly ShapeValue[];
  readonly fullName: FullName;
  /** What the chart puts in place of a copied value that is empty. */
  readonly fallbacks: Readonly<Record<string, string>>;
  readonly overlaid: readonly OverlaidPart[];
  /** Values that are easy to find again in what is rendered. */
  readonly sample: JsonObject;
  /** For each variant what is laid over the sample, one after the other; null takes a value out of it. */
  readonly variants: readonly (readonly JsonObject[])[];
  /** The same, rendered only to prove that the summary gives what the chart does. */
  readonly checks: readonly (readonly JsonObject[])[];
}

const SECURITY = {
  podSecurityContext: { runAsNonRoot: true, runAsUser: 64_001, seccompProfile: { type: 'Probe' } },
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['PROBE'] } },
};
const RESOURCES = {
  requests: { cpu: '111m', memory: '111Mi' },
  limits: { cpu: '222m', memory: '222Mi' },
};
const PULL_SECRETS = [{ name: 'sample-pull-secret' }];
const RULES = [{ apiGroups: ['probe'], resources: ['probes'], verbs: ['probe'] }];
const IMAGE = {
  repository: 'registry.example/probe/image',
  tag: 'v99.88.77',
  pullPolicy: 'SamplePolicy',
};

const RUNNER = {
  name: 'runner',
  image: 'registry.example/probe/runner:v1',
  command: ['/home/runner/run.sh'],
  env: [{ name: 'SAMPLE', value: 'sample' }],
  resources: RESOURCES,
  volumeMounts: [{ name: 'sample', mountPath: '/sample' }],
};

const TEMPLATE = {
  metadata: { labels: { 'example.org/sample': 'sample-label' } },
  spec: {
    serviceAccountName: 'sample-runner-account',
    automountServiceAccountToken: false,
    containers: [RUNNER],
    initContainers: [{ name: 'sample-init', image: 'registry.example/probe/init:v1' }],
    volumes: [{ name: 'sample', emptyDir: {} }],
  },
};

const CLAIM = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '77Gi' } } };
const CONTAINER_MODES = [
  {},
  { containerMode: { type: 'dind' } },
  {
    containerMode: {
      type: 'kubernetes',
      kubernetesModeWorkVolumeClaim: CLAIM,
      kubernetesModeAdditionalRoleRules: RULES,
    },
  },
  { containerMode: { type: 'kubernetes-novolume', kubernetesModeAdditionalRoleRules: RULES } },
];
const OWN_ACCOUNT = {
  template: { spec: { serviceAccountName: null, automountServiceAccountToken: null } },
};

/** The recipe of every chart that the stacks use. */
export const RECIPES: readonly ChartRecipe[] = [
  {
    chart: 'cloudnative-pg',
    fullName: { chart: 'cloudnative-pg', unless: 'contains' },
    copied: [
      'config.data',
      'containerSecurityContext',
      'image.repository',
      'image.tag',
      'imagePullSecrets',
      'podSecurityContext',
      'replicaCount',
      'resources',
    ],
    silent: ['image.pullPolicy', 'monitoring.podMonitorAdditionalLabels'],
    shape: [{ path: 'monitoring.podMonitorEnabled', by: 'value' }],
    fallbacks: { 'image.tag': '{{ .Chart.AppVersion }}' },
    overlaid: [],
    sample: {
      image: IMAGE,
      imagePullSecrets: PULL_SECRETS,
      resources: RESOURCES,
      podSecurityContext: SECURITY.podSecurityContext,
      containerSecurityContext: SECURITY.securityContext,
      replicaCount: 7919,
      config: { data: { SAMPLE: 'sample' } },
      monitoring: { podMonitorEnabled: true, podMonitorAdditionalLabels: { sample: 'sample' } },
    },
    variants: [[], [{ monitoring: { podMonitorEnabled: false } }]],
    checks: [
      [{ image: { tag: null }, imagePullSecrets: null, resources: null, replicaCount: null }],
    ],
  },
  {
    chart: 'gha-runner-scale-set',
    fullName: { chart: 'gha-rs', unless: 'contains' },
    copied: [
      'containerMode.kubernetesModeAdditionalRoleRules',
      'containerMode.kubernetesModeWorkVolumeClaim',
      'controllerServiceAccount.name',
      'controllerServiceAccount.namespace',
      'githubConfigSecret',
      'listenerTemplate',
      'maxRunners',
      'minRunners',
      'runnerScaleSetName',
      'template.metadata.labels',
      'template.spec',
      'template.spec.containers[runner].image',
    ],
    silent: ['githubConfigUrl', 'runnerGroup'],
    shape: [
      { path: 'containerMode.type', by: 'value' },
      { path: 'template.spec.serviceAccountName', by: 'presence' },
    ],
    fallbacks: { runnerScaleSetName: '{{ .Release.Name }}' },
    overlaid: [
      { kind: 'AutoscalingRunnerSet', at: ['spec', 'template', 'spec'], from: 'template.spec' },
    ],
    sample: {
      githubConfigUrl: 'https://github.com/example',
      githubConfigSecret: 'sample-app-secret',
      runnerScaleSetName: 'sample-scale-set',
      runnerGroup: 'sample-group',
      minRunners: 7919,
      maxRunners: 7927,
      controllerServiceAccount: { namespace: 'sample-controllers', name: 'sample-controller' },
      listenerTemplate: { spec: { containers: [{ name: 'listener', resources: RESOURCES }] } },
      template: TEMPLATE,
    },
    variants: combinations([CONTAINER_MODES, [{}, OWN_ACCOUNT]]),
    checks: [
      [{ runnerScaleSetName: null, listenerTemplate: null, runnerGroup: null }],
      [{ template: { spec: { initContainers: null, volumes: null } } }],
    ],
  },
  {
    chart: 'gha-runner-scale-set-controller',
    fullName: { chart: 'gha-rs-controller', unless: 'contains' },
    copied: [
      'flags.healthProbeBindAddress',
      'flags.logFormat',
      'flags.logLevel',
      'flags.watchSingleNamespace',
      'image.repository',
      'image.tag',
      'imagePullSecrets',
      'imagePullSecrets.0.name',
      'podSecurityContext',
      'priorityClassName',
      'resources',
      'securityContext',
      'serviceAccount.name',
    ],
    silent: ['image.pullPolicy'],
    shape: [
      { path: 'flags.watchSingleNamespace', by: 'presence' },
      { path: 'metrics', by: 'value' },
      { path: 'replicaCount', by: 'value' },
      { path: 'serviceAccount.create', by: 'value' },
    ],
    fallbacks: {
      'image.tag': '{{ .Chart.AppVersion }}',
      'serviceAccount.name': '{{ .Release.FullName }}',
    },
    overlaid: [],
    sample: {
      replicaCount: 1,
      image: IMAGE,
      serviceAccount: { create: true, name: 'sample-account' },
      ...SECURITY,
      resources: RESOURCES,
      priorityClassName: 'sample-priority',
      imagePullSecrets: PULL_SECRETS,
      flags: {
        logLevel: 'sample-level',
        logFormat: 'sample-format',
        healthProbeBindAddress: ':18081',
      },
    },
    variants: combinations([
      [
        {},
        {
          metrics: {
            controllerManagerAddr: ':8080',
            listenerAddr: ':8080',
            listenerEndpoint: '/metrics',
          },
        },
      ],
      [{}, { flags: { watchSingleNamespace: 'sample-watched' } }],
    ]),
    checks: [
      [{ serviceAccount: { name: null }, image: { tag: null }, priorityClassName: null }],
      [{ resources: null, imagePullSecrets: null, flags: { healthProbeBindAddress: null } }],
    ],
  },
  {
    chart: 'gitlab-runner',
    fullName: { chart: 'gitlab-runner', unless: 'begins' },
    copied: [
      'automountServiceAccountToken',
      'fullnameOverride',
      'gitlabUrl',
      'image.image',
      'image.registry',
      'image.tag',
      'imagePullSecrets',
      'metrics.port',
      'metrics.portName',
      'podSecurityContext',
      'priorityClassName',
      'rbac.rules',
      'replicas',
      'resources',
      'runners.executor',
      'runners.secret',
      'securityContext',
      'serviceAccount.name',
      'volumeMounts',
      'volumes',
    ],
    silent: [
      'concurrent',
      'deploymentLifecycle',
      'imagePullPolicy',
      'livenessProbe',
      'metrics.enabled',
      'probeTimeoutSeconds',
      'readinessProbe',
      'revisionHistoryLimit',
      'runners.config',
      'runners.name',
      'shutdown_timeout',
      'strategy',
      'terminationGracePeriodSeconds',
      'topologySpreadConstraints',
      'unregisterRunners',
    ],
    shape: [
      { path: 'rbac.clusterWideAccess', by: 'value' },
      { path: 'rbac.create', by: 'value' },
      { path: 'rbac.rules', by: 'presence' },
      { path: 'serviceAccount.create', by: 'value' },
    ],
    fallbacks: {
      'image.tag': 'alpine-v{{ .Chart.AppVersion }}',
      fullnameOverride: '{{ .Release.FullName }}',
      'serviceAccount.name': '{{ .Values.fullnameOverride }}',
    },
    overlaid: [],
    sample: {
      fullnameOverride: 'sample-fullname',
      gitlabUrl: 'https://gitlab.example',
      image: { registry: 'registry.example', image: 'probe/runner', tag: 'v99.88.77' },
      imagePullSecrets: PULL_SECRETS,
      runners: {
        name: 'sample-runner',
        executor: 'kubernetes-sample',
        secret: 'sample-token-secret',
        config: '[[runners]]\n  [runners.kubernetes]\n    namespace = "sample"\n',
      },
      rbac: { create: true, clusterWideAccess: false, rules: RULES },
      serviceAccount: { create: true, name: 'sample-account' },
      automountServiceAccountToken: true,
      replicas: 7919,
      concurrent: 7,
      deploymentLifecycle: { preStop: { exec: { command: ['sample'] } } },
      imagePullPolicy: 'SamplePolicy',
      livenessProbe: { failureThreshold: 7 },
      probeTimeoutSeconds: 7,
      readinessProbe: { successThreshold: 7 },
      revisionHistoryLimit: 7,
      shutdown_timeout: 7,
      strategy: { type: 'Recreate' },
      terminationGracePeriodSeconds: 7,
      topologySpreadConstraints: [{ maxSkew: 7 }],
      unregisterRunners: false,
      metrics: { enabled: true, port: 19_252, portName: 'sample-port' },
      priorityClassName: 'sample-priority',
      ...SECURITY,
      resources: RESOURCES,
      volumes: [{ name: 'sample', emptyDir: { sizeLimit: '77Mi' } }],
      volumeMounts: [{ name: 'sample', mountPath: '/sample' }],
    },
    variants: combinations([
      [{}, { serviceAccount: { create: false } }],
      [{}, { rbac: { rules: [] } }, { rbac: { create: false } }],
      [{}, { rbac: { clusterWideAccess: true } }],
    ]),
    checks: [
      [{ fullnameOverride: null, imagePullSecrets: null, priorityClassName: null }],
      [{ volumes: null, volumeMounts: null, metrics: null, image: { tag: null } }],
    ],
  },
  {
    chart: 'plugin-barman-cloud',
    fullName: { chart: 'plugin-barman-cloud', unless: 'contains' },
    copied: [
      'containerSecurityContext',
      'image.registry',
      'image.repository',
      'image.tag',
      'imagePullSecrets',
      'podSecurityContext',
      'replicaCount',
      'resources',
      'sidecarImage.registry',
      'sidecarImage.repository',
      'sidecarImage.tag',
    ],
    silent: ['image.pullPolicy'],
    shape: [],
    fallbacks: {
      'image.tag': '{{ .Chart.AppVersion }}',
      'sidecarImage.tag': '{{ .Chart.AppVersion }}',
    },
    overlaid: [],
    sample: {
      image: { registry: 'registry.example', ...IMAGE, repository: 'probe/plugin' },
      sidecarImage: { registry: 'sidecars.example', repository: 'probe/sidecar', tag: 'v11.22.33' },
      imagePullSecrets: PULL_SECRETS,
      resources: RESOURCES,
      podSecurityContext: SECURITY.podSecurityContext,
      containerSecurityContext: SECURITY.securityContext,
      replicaCount: 7919,
    },
    variants: [[]],
    checks: [[{ image: { tag: null }, sidecarImage: { tag: null }, imagePullSecrets: null }]],
  },
];

/** Every choice of one from each list. */
function combinations(choices: readonly (readonly JsonObject[])[]): JsonObject[][] {
  return choices.reduce<JsonObject[][]>(
    (made, options) => made.flatMap((done) => options.map((option) => [...done, option])),
    [[]],
  );
}
