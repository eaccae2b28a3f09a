import type { Image } from '../../values/image.ts';
import { resourceMap } from '../../values/resources.ts';
import { MANAGER } from './pod-sizes.ts';

/** The account of the GitLab Runner image of Alpine. */
const UID = 100;
const GID = 65_533;

/** Port on which a manager answers with metrics. */
export const MANAGER_METRICS_PORT = 9252;

/** Beyond the longest job: its pod is removed and its last words reach GitLab. */
const DRAIN_MARGIN_SEC = 600;

/** After a stop by force, the time in which aborted jobs tell GitLab so and their pods are removed. */
const FORCED_STOP_SEC = 60;

/**
 * The chart takes any process named `gitlab-runner` for a manager that is ready, also one that still tries to register
 * and pauses 5 s between two attempts. Only a registered one is there at thirty looks in a row, so that a manager with a
 * wrong token or a wrong image never takes the place of one that works.
 */
const READINESS = {
  initialDelaySeconds: 10,
  periodSeconds: 4,
  successThreshold: 30,
  failureThreshold: 3,
};

/**
 * `verify` fails while GitLab is down, and a restart would help nobody: ten minutes pass before one is tried.
 */
const LIVENESS_FAILURES = 10;

/**
 * Tells the manager to take no more jobs, and waits for it to end.
 *
 * The stop signal that follows a hook aborts all jobs unless the image says otherwise, so the hook must not return
 * before the manager has gone; it ends with the container. Process 1 is dumb-init, which passes every signal on to the
 * group of the runner; both belong to the user that runs the hook.
 */
const DRAIN = ['/bin/sh', '-c', 'kill -QUIT 1 && while true; do sleep 1; done'];

/**
 * What the manager does with the Kubernetes API, verb by verb, in its own namespace.
 *
 * The list follows the executor's own, for the feature flags that are set here: attach starts a script, exec reads its
 * output, a log is read where a job asks to see its services. Services are made for terminals only, which are off.
 *
 * @see https://docs.gitlab.com/runner/executors/kubernetes/#configure-runner-api-permissions
 */
export const MANAGER_RULES = [
  { apiGroups: [''], resources: ['pods'], verbs: ['create', 'delete', 'get', 'list', 'watch'] },
  { apiGroups: [''], resources: ['pods/attach', 'pods/exec'], verbs: ['create', 'get'] },
  { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
  { apiGroups: [''], resources: ['secrets'], verbs: ['create', 'delete', 'get', 'update'] },
  { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['get'] },
  { apiGroups: [''], resources: ['events'], verbs: ['list', 'watch'] },
] as const;

/** What the chart has to know of a pool. */
export interface GitlabValues {
  readonly name: string;
  readonly url: string;
  readonly image: Image;
  /** The `config.toml` template. */
  readonly config: string;
  /** Name of the Secret with the token. */
  readonly tokenSecret: string;
  readonly managers: number;
  readonly concurrent: number;
  /** The longest job, in seconds. */
  readonly timeoutSec: number;
  readonly priorityClass: string;
  readonly metrics: boolean;
  readonly pullSecret: string | undefined;
  /** Labels by which managers keep apart from each other. */
  readonly selector: Readonly<Record<string, string>>;
}

/** How long a manager that is told to stop may go on with the jobs it has. */
export function drainSec(timeoutSec: number): number {
  return timeoutSec + DRAIN_MARGIN_SEC;
}

/**
 * The values of the chart `gitlab-runner`.
 *
 * Tags, `locked`, `runUntagged`, `protected` and `maximumTimeout` are missing on purpose: with a `glrt-` token they belong
 * to GitLab, and the runner refuses to register with them. Nothing here is a secret.
 *
 * @see https://docs.gitlab.com/runner/install/kubernetes/
 */
export function gitlabValues(pool: GitlabValues): Record<string, unknown> {
  const { image, pullSecret } = pool;
  return {
    fullnameOverride: pool.name,
    gitlabUrl: pool.url,
    image: { registry: image.registry, image: image.repository, tag: image.tagAndDigest },
    imagePullPolicy: 'IfNotPresent',
    ...(pullSecret === undefined ? {} : { imagePullSecrets: [{ name: pullSecret }] }),
    runners: {
      name: pool.name,
      executor: 'kubernetes',
      secret: pool.tokenSecret,
      config: escapeHelmTemplate(pool.config),
    },
    rbac: { create: true, rules: MANAGER_RULES },
    serviceAccount: { create: true, name: pool.name },
    automountServiceAccountToken: true,
    replicas: pool.managers,
    revisionHistoryLimit: 3,
    concurrent: pool.concurrent,
    ...lifecycle(pool),
    ...hardening(),
    resources: { requests: resourceMap(MANAGER.requests), limits: resourceMap(MANAGER.limits) },
    priorityClassName: pool.priorityClass,
    metrics: { enabled: pool.metrics, port: MANAGER_METRICS_PORT, portName: 'metrics' },
    ...(pool.managers > 1 ? { topologySpreadConstraints: spread(pool.selector) } : {}),
  };
}

function lifecycle({ timeoutSec }: GitlabValues) {
  return {
    // One more before one less: the new manager is ready before the old one is told to stop.
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    terminationGracePeriodSeconds: drainSec(timeoutSec),
    shutdown_timeout: FORCED_STOP_SEC,
    unregisterRunners: false,
    deploymentLifecycle: { preStop: { exec: { command: DRAIN } } },
    readinessProbe: READINESS,
    livenessProbe: { failureThreshold: LIVENESS_FAILURES },
    probeTimeoutSeconds: 10,
  };
}

/** A manager meets the Pod Security Standard `restricted`, although its namespace demands less for the jobs' sake. */
function hardening() {
  return {
    podSecurityContext: {
      runAsNonRoot: true,
      runAsUser: UID,
      runAsGroup: GID,
      fsGroup: GID,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
    },
    volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }],
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
  };
}

function spread(selector: Readonly<Record<string, string>>) {
  return [
    {
      maxSkew: 1,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: { ...selector } },
    },
  ];
}

/** The chart runs the text through Helm's template engine, so its braces have to be braces again afterwards. */
export function escapeHelmTemplate(text: string): string {
  return text.replaceAll('{{', '{{ "{{" }}');
}
