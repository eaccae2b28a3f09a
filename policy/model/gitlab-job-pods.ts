import { parse } from 'smol-toml';
import { overlay } from './chart-summary.ts';
import {
  asList,
  asNumber,
  asObject,
  asObjects,
  asText,
  asTexts,
  at,
  type JsonObject,
} from './json.ts';
import { readBlock } from './kubernetes-blocks.ts';
import type { KubernetesObject } from './kubernetes-object.ts';
import { type Pod, readPod } from './pod.ts';

// What a GitLab runner manager makes of its config.toml for each job. The names of the settings are those of the Kubernetes
// executor: https://docs.gitlab.com/runner/executors/kubernetes/

/** A config.toml that cannot be read as such. */
export class UnreadableConfig extends Error {}

/** What jobs may choose for themselves, as patterns; undefined where they may not. */
export interface JobChoice {
  readonly account: string | undefined;
  readonly namespace: string | undefined;
}

/** The jobs of one runner entry. */
export interface RunnerJobs {
  readonly pod: Pod;
  readonly choice: JobChoice;
}

/** The manager whose jobs are asked for. */
export interface RunnerManager {
  /** The object that runs the managers, for addresses. */
  readonly object: KubernetesObject;
  readonly values: JsonObject;
  readonly namespace: string;
  /** Managers at most. */
  readonly count: number | undefined;
}

/**
 * The job pods of a runner.
 *
 * @throws UnreadableConfig for a config.toml that is no TOML.
 */
export function gitlabJobs(manager: RunnerManager): RunnerJobs[] {
  const config = readConfig(asText(at(manager.values, 'runners', 'config')) ?? '');
  return asObjects(config.runners).map((runner) => readJobs(manager, runner));
}

function readConfig(text: string): JsonObject {
  try {
    // The chart runs the text through its template engine, which turns this back into braces.
    return parse(text.replaceAll('{{ "{{" }}', '{{')) as JsonObject;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UnreadableConfig(message.split('\n')[0]);
  }
}

function readJobs(manager: RunnerManager, runner: JsonObject): RunnerJobs {
  const { object, values } = manager;
  const settings = asObject(runner.kubernetes);
  const namespace = asText(settings.namespace) ?? manager.namespace;
  const pod = readPod({
    object,
    template: {
      metadata: { labels: settings.pod_labels, annotations: settings.pod_annotations },
      spec: patched(jobSpec(runner, settings), settings),
    },
    purpose: 'job',
    count: { min: 0, max: mostJobs(manager, runner) },
    owner: `jobs of ${asText(values.fullnameOverride) ?? object.name}`,
    namespace,
    labels: { 'job.runner.gitlab.com/pod': 'any', 'manager.runner.gitlab.com/id-short': 'any' },
  });
  return {
    pod,
    choice: {
      account: pattern(settings.service_account_overwrite_allowed),
      namespace: pattern(settings.namespace_overwrite_allowed),
    },
  };
}

function pattern(value: unknown): string | undefined {
  const text = asText(value);
  return text === '' ? undefined : text;
}

/** Each manager runs as many jobs as it may at a time; a limit of the runner entry may lower that. */
function mostJobs({ values, count }: RunnerManager, runner: JsonObject): number | undefined {
  if (count === undefined) return undefined;
  const concurrent = asNumber(values.concurrent) ?? 0;
  const limit = asNumber(runner.limit) ?? 0;
  return count * (limit > 0 ? Math.min(limit, concurrent) : concurrent);
}

function jobSpec(runner: JsonObject, settings: JsonObject): JsonObject {
  const volumes = volumesOf(settings);
  const mounts = volumes.map(({ mount }) => mount);
  const environment = asTexts(runner.environment).map(variable);
  const container = (name: string, image: unknown, prefix: string, context: string) => ({
    name,
    image: asText(image) ?? '',
    resources: {
      requests: amounts(settings, prefix, 'request'),
      limits: amounts(settings, prefix, 'limit'),
    },
    securityContext: securityContext(settings, settings[context]),
    volumeMounts: mounts,
    env: environment,
  });
  const helper = settings.helper_image;
  return {
    serviceAccountName: settings.service_account,
    automountServiceAccountToken: settings.automount_service_account_token,
    securityContext: readBlock({}, settings.pod_security_context),
    nodeSelector: settings.node_selector,
    tolerations: Object.keys(asObject(settings.node_tolerations)).map((key) => ({ key })),
    priorityClassName: settings.priority_class_name,
    initContainers: [
      container(
        'init-permissions',
        helper,
        'helper_',
        'init_permissions_container_security_context',
      ),
    ],
    containers: [
      container('build', settings.image, '', 'build_container_security_context'),
      container('helper', helper, 'helper_', 'helper_container_security_context'),
      ...asObjects(settings.services).map((service, index) => ({
        ...container(
          `svc-${index}`,
          service.name,
          'service_',
          'service_container_security_context',
        ),
        args: service.command,
      })),
    ],
    volumes: volumes.map(({ volume }) => volume),
  };
}

/** Patches that the manager lays over the pod before it creates it. */
function patched(spec: JsonObject, settings: JsonObject): JsonObject {
  return asObjects(settings.pod_spec).reduce(
    (pod, patch) => asObject(overlay(pod, readPatch(asText(patch.patch) ?? ''))),
    spec,
  );
}

function readPatch(text: string): JsonObject {
  try {
    return asObject(JSON.parse(text));
  } catch {
    throw new UnreadableConfig('a patch of pod_spec is not written as JSON');
  }
}

/** What a job may ask for at most counts, not what it gets when it asks for nothing. */
function amounts(settings: JsonObject, prefix: string, bound: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, resource] of [
    ['cpu', 'cpu'],
    ['memory', 'memory'],
    ['ephemeral_storage', 'ephemeral-storage'],
  ] as const) {
    const given =
      asText(settings[`${prefix}${name}_${bound}_overwrite_max_allowed`]) ||
      asText(settings[`${prefix}${name}_${bound}`]);
    if (given !== undefined && given !== '') found[resource] = given;
  }
  return found;
}

function securityContext(settings: JsonObject, own: unknown): JsonObject {
  const context = readBlock({}, own);
  const capabilities = asObject(context.capabilities);
  return {
    ...context,
    privileged: context.privileged ?? settings.privileged,
    allowPrivilegeEscalation:
      context.allowPrivilegeEscalation ?? settings.allow_privilege_escalation,
    capabilities: {
      add: capabilities.add ?? settings.cap_add,
      drop: capabilities.drop ?? ['NET_RAW', ...asList(settings.cap_drop)],
    },
  };
}

function variable(text: string) {
  const [name = '', ...value] = text.split('=');
  return { name, value: value.join('=') };
}

const VOLUME_KINDS: Readonly<Record<string, (volume: JsonObject) => JsonObject>> = {
  host_path: ({ host_path: path, mount_path: mount }) => ({ hostPath: { path: path ?? mount } }),
  pvc: ({ name }) => ({ persistentVolumeClaim: { claimName: name } }),
  config_map: ({ name }) => ({ configMap: { name } }),
  secret: ({ name, items }) => ({
    secret: {
      secretName: name,
      ...(items === undefined
        ? {}
        : { items: Object.keys(asObject(items)).map((key) => ({ key })) }),
    },
  }),
  empty_dir: ({ medium, size_limit: sizeLimit }) => ({ emptyDir: { medium, sizeLimit } }),
  csi: ({ driver }) => ({ csi: { driver } }),
  nfs: ({ server, path }) => ({ nfs: { server, path } }),
};

function volumesOf(settings: JsonObject) {
  const groups = asObject(settings.volumes);
  return Object.entries(VOLUME_KINDS).flatMap(([kind, make]) =>
    asObjects(groups[kind]).map((given) => ({
      volume: { name: given.name, ...make(given) },
      mount: {
        name: given.name,
        mountPath: given.mount_path,
        readOnly: given.read_only === true,
      },
    })),
  );
}
