import { stringify } from 'smol-toml';
import { defined } from '../../values/defined.ts';
import type { Image } from '../../values/image.ts';
import type { ResourceAmounts, Resources } from '../../values/resources.ts';
import { type Placement, tolerationMap } from './placement.ts';

/** Seconds that a pod may take from its creation until it runs: a cold node pulls an image of several gigabytes. */
const POLL_TIMEOUT_SEC = 600;
const POLL_INTERVAL_SEC = 3;

/** Seconds between the order to a job's processes to stop and their end, when the job is cancelled or over. */
const STOP_GRACE_SEC = 30;

/**
 * How often a pod that does not fit into the quota is asked for again. The pauses grow to 2 s, so this is half an hour,
 * the time in which other jobs end; then the job fails and says why.
 */
const QUOTA_ATTEMPTS = 900;

/**
 * Requests for jobs at a time. GitLab holds a request open until there is a job, up to a minute; with one request only,
 * the next job waits for it.
 */
const MAX_REQUESTS = 4;

/**
 * Feature flags, each against a failure that users meet:
 *
 * - the pod ends with the time limit of its job even when the manager is gone;
 * - events of the pod stand in the job's log, so "waiting" says for what;
 * - a cache archive that is broken is not unpacked by half.
 *
 * @see https://docs.gitlab.com/runner/configuration/feature-flags/
 */
const FEATURE_FLAGS = {
  FF_CLEAN_UP_FAILED_CACHE_EXTRACT: true,
  FF_PRINT_POD_EVENTS: true,
  FF_USE_POD_ACTIVE_DEADLINE_SECONDS: true,
} as const;

/** What a GitLab runner has to know to make the pods of its jobs. */
export interface RunnerConfig {
  readonly name: string;
  readonly namespace: string;
  /** Jobs at a time. */
  readonly concurrent: number;
  /** The image of a job that names none. */
  readonly image: Image;
  readonly helperImage: Image;
  /** Containers with the run of the node. */
  readonly privileged: boolean;
  readonly serviceAccount: string;
  /** Mount the token of the account into the job. */
  readonly token: boolean;
  readonly priorityClass: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly job: Resources;
  readonly helper: Resources;
  readonly service: Resources;
  readonly placement: Placement;
  /** Empty volumes in memory, by name, with the place where every container of the job sees them. */
  readonly memoryVolumes: Readonly<Record<string, string>>;
  /** The extended resource of which a job takes one. */
  readonly device: string | undefined;
  readonly pullSecret: string | undefined;
}

/**
 * The `config.toml` template of one runner. Address and token are not in it: the chart brings them in when it registers.
 *
 * What a job may not choose itself (namespace, account, labels, resources) is simply not said to be overwritable. A
 * serializer writes it, which puts plain keys before tables: GitLab Runner reads a plain key after a table as part of
 * that table.
 *
 * @see https://docs.gitlab.com/runner/executors/kubernetes/
 */
export function renderConfigToml(config: RunnerConfig): string {
  const runner = {
    name: config.name,
    executor: 'kubernetes',
    request_concurrency: Math.min(config.concurrent, MAX_REQUESTS),
    environment: Object.entries(config.environment).map(([name, value]) => `${name}=${value}`),
    feature_flags: {
      ...FEATURE_FLAGS,
      ...(config.device === undefined ? {} : { FF_USE_ADVANCED_POD_SPEC_CONFIGURATION: true }),
    },
    kubernetes: kubernetesTable(config),
  };
  return stringify({ runners: [runner] });
}

function kubernetesTable(config: RunnerConfig) {
  const { placement, pullSecret } = config;
  return defined<unknown>({
    namespace: config.namespace,
    image: String(config.image),
    helper_image: String(config.helperImage),
    image_pull_secrets: pullSecret === undefined ? undefined : [pullSecret],
    privileged: config.privileged,
    service_account: config.serviceAccount,
    automount_service_account_token: config.token,
    priority_class_name: config.priorityClass,
    poll_timeout: POLL_TIMEOUT_SEC,
    poll_interval: POLL_INTERVAL_SEC,
    pod_termination_grace_period_seconds: STOP_GRACE_SEC,
    cleanup_grace_period_seconds: STOP_GRACE_SEC,
    ...amounts('', config.job),
    ...amounts('helper_', config.helper),
    ...amounts('service_', config.service),
    pod_labels: { ...config.labels },
    node_selector: unlessEmpty(placement.nodeSelector),
    node_tolerations: unlessEmpty(tolerationMap(placement)),
    retry_limits: { 'exceeded quota': QUOTA_ATTEMPTS },
    pod_security_context: config.privileged
      ? undefined
      : { seccomp_profile: { type: 'RuntimeDefault' } },
    volumes: memoryVolumes(config.memoryVolumes),
    pod_spec: config.device === undefined ? undefined : [deviceRequest(config.device)],
  });
}

function amounts(prefix: '' | 'helper_' | 'service_', { requests, limits }: Resources) {
  const of = (part: 'request' | 'limit', given: ResourceAmounts) => ({
    [`${prefix}cpu_${part}`]: String(given.cpu),
    [`${prefix}memory_${part}`]: String(given.memory),
    ...(given.ephemeral === undefined
      ? {}
      : { [`${prefix}ephemeral_storage_${part}`]: String(given.ephemeral) }),
  });
  return { ...of('request', requests), ...of('limit', limits) };
}

function unlessEmpty<T>(record: Readonly<Record<string, T>>): Record<string, T> | undefined {
  return Object.keys(record).length === 0 ? undefined : { ...record };
}

function memoryVolumes(volumes: Readonly<Record<string, string>>) {
  const emptyDirs = Object.entries(volumes).map(([name, path]) => ({
    name,
    mount_path: path,
    medium: 'Memory',
  }));
  return emptyDirs.length === 0 ? undefined : { empty_dir: emptyDirs };
}

/** GitLab Runner has no key for extended resources, so the pod it makes is patched. */
function deviceRequest(device: string) {
  const one = { [device]: '1' };
  const build = { name: 'build', resources: { requests: one, limits: one } };
  return {
    name: 'device',
    patch_type: 'strategic',
    patch: JSON.stringify({ containers: [build] }),
  };
}
