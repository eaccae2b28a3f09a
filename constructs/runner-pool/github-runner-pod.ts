import type { Image } from '../../values/image.ts';
import { type Resources, resourceMap } from '../../values/resources.ts';
import { type Placement, podTolerations } from './placement.ts';
import type { ContainerMode } from './pool.ts';

/** The user and group of the runner image. */
const UID = 1001;

/** The group that may use the Docker socket: `docker` in the runner image. */
const DOCKER_GID = '123';
const DOCKER_SOCKET = 'unix:///var/run/docker.sock';

/** The daemon has two minutes to come up, and the runner waits as long for it. */
const DOCKER_START_SEC = 120;
const DOCKER_PROBE_SEC = 5;

const RUNNER_HOME = '/home/runner';
const WORK = { name: 'work', mountPath: `${RUNNER_HOME}/_work` };
const DOCKER_RUN = { name: 'docker-socket', mountPath: '/var/run' };
const HOOK_TEMPLATE_FOLDER = '/home/runner/pod-template';
const HOOK_TEMPLATE_FILE = 'pod.yaml';

/** What the pod of a GitHub runner is made of. */
export interface RunnerPod {
  readonly containerMode: ContainerMode;
  readonly runnerImage: Image;
  /** What the runner itself gets, which in most modes is what the job gets. */
  readonly resources: Resources;
  readonly daemon: { readonly image: Image; readonly resources: Resources } | undefined;
  readonly device: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** The account of the job, or undefined where the chart makes one with the rights its mode needs. */
  readonly account: { readonly name: string; readonly token: boolean } | undefined;
  readonly priorityClass: string;
  readonly pullSecret: string | undefined;
  readonly placement: Placement;
  /** ConfigMap with the pod that jobs run in, for the modes in which the runner makes it. */
  readonly hookTemplate: string | undefined;
}

/** The pod template of a scale set: the runner, and in the mode dind the Docker daemon beside it. */
export function runnerPodTemplate(pod: RunnerPod) {
  return {
    metadata: { labels: { ...pod.labels } },
    spec: {
      ...podBasics(pod),
      ...(pod.daemon === undefined ? {} : dockerParts(pod, pod.daemon)),
      containers: [runnerContainer(pod)],
      ...volumesOf(pod),
    },
  };
}

function podBasics(pod: RunnerPod) {
  const { account, pullSecret, placement, containerMode } = pod;
  return {
    ...(account === undefined
      ? {}
      : { serviceAccountName: account.name, automountServiceAccountToken: account.token }),
    ...(pullSecret === undefined ? {} : { imagePullSecrets: [{ name: pullSecret }] }),
    priorityClassName: pod.priorityClass,
    enableServiceLinks: false,
    ...(pod.daemon === undefined
      ? {
          securityContext: {
            seccompProfile: { type: 'RuntimeDefault' },
            // The work volume of this mode is a disk of its own, which belongs to root until a group is given.
            ...(containerMode === 'kubernetes' ? { fsGroup: UID } : {}),
          },
        }
      : {}),
    nodeSelector: { 'kubernetes.io/os': 'linux', ...placement.nodeSelector },
    ...(placement.tolerations.length === 0 ? {} : { tolerations: podTolerations(placement) }),
  };
}

function runnerContainer(pod: RunnerPod) {
  const { daemon, hookTemplate, runnerImage } = pod;
  return {
    name: 'runner',
    image: String(runnerImage),
    imagePullPolicy: 'IfNotPresent',
    command: [`${RUNNER_HOME}/run.sh`],
    env: variables({
      ...pod.environment,
      ...(daemon === undefined
        ? {}
        : {
            DOCKER_HOST: DOCKER_SOCKET,
            RUNNER_WAIT_FOR_DOCKER_IN_SECONDS: String(DOCKER_START_SEC),
          }),
      ...(hookTemplate === undefined
        ? {}
        : {
            ACTIONS_RUNNER_CONTAINER_HOOK_TEMPLATE: `${HOOK_TEMPLATE_FOLDER}/${HOOK_TEMPLATE_FILE}`,
          }),
    }),
    resources: containerResources(pod.resources, pod.device),
    ...mountsOf(pod),
  };
}

function mountsOf({ daemon, hookTemplate }: RunnerPod) {
  const volumeMounts = [
    ...(daemon === undefined ? [] : [WORK, DOCKER_RUN]),
    ...(hookTemplate === undefined
      ? []
      : [{ name: 'pod-template', mountPath: HOOK_TEMPLATE_FOLDER, readOnly: true }]),
  ];
  return volumeMounts.length === 0 ? {} : { volumeMounts };
}

/**
 * The parts that the chart's own mode dind would add, with the daemon at a digest of ours: the chart names `docker:dind`,
 * which is whatever is newest on the day of the pull, and lets nobody change it.
 *
 * @see https://docs.github.com/en/actions/how-tos/manage-runners/use-actions-runner-controller/deploy-runner-scale-sets
 */
function dockerParts(
  { runnerImage, resources }: RunnerPod,
  daemon: NonNullable<RunnerPod['daemon']>,
) {
  const externals = { name: 'externals', mountPath: `${RUNNER_HOME}/externals` };
  return {
    initContainers: [
      {
        name: 'copy-externals',
        image: String(runnerImage),
        imagePullPolicy: 'IfNotPresent',
        command: ['cp', '-r', `${RUNNER_HOME}/externals/.`, `${RUNNER_HOME}/copy/`],
        resources: containerResources(resources, undefined),
        volumeMounts: [{ name: 'externals', mountPath: `${RUNNER_HOME}/copy` }],
      },
      {
        name: 'dind',
        image: String(daemon.image),
        imagePullPolicy: 'IfNotPresent',
        args: ['dockerd', `--host=${DOCKER_SOCKET}`, `--group=${DOCKER_GID}`],
        resources: containerResources(daemon.resources, undefined),
        securityContext: { privileged: true },
        // A container that starts before the runner and stays beside it.
        restartPolicy: 'Always',
        startupProbe: {
          exec: { command: ['docker', 'info'] },
          periodSeconds: DOCKER_PROBE_SEC,
          timeoutSeconds: DOCKER_PROBE_SEC,
          failureThreshold: DOCKER_START_SEC / DOCKER_PROBE_SEC,
        },
        volumeMounts: [WORK, DOCKER_RUN, externals],
      },
    ],
  };
}

function volumesOf({ daemon, hookTemplate }: RunnerPod) {
  const volumes = [
    ...(daemon === undefined
      ? []
      : ['work', 'docker-socket', 'externals'].map((name) => ({ name, emptyDir: {} }))),
    ...(hookTemplate === undefined
      ? []
      : [{ name: 'pod-template', configMap: { name: hookTemplate } }]),
  ];
  return volumes.length === 0 ? {} : { volumes };
}

function variables(plain: Readonly<Record<string, string>>) {
  return Object.entries(plain).map(([name, value]) => ({ name, value }));
}

function containerResources({ requests, limits }: Resources, device: string | undefined) {
  const devices = device === undefined ? {} : { [device]: '1' };
  return {
    requests: { ...resourceMap(requests), ...devices },
    limits: { ...resourceMap(limits), ...devices },
  };
}

/**
 * The pod that the runner makes for a job in the modes kubernetes and kubernetes-novolume, as a file for its hook.
 *
 * Without it that pod has no limits, no label that any policy knows, and the account `default`. `$job` is the hook's
 * name for the container of the job itself.
 *
 * @see https://github.com/actions/runner-container-hooks/blob/main/docs/adrs/0096-hook-extensions.md
 */
export function hookTemplateFiles(
  pod: RunnerPod,
  job: {
    readonly resources: Resources;
    readonly device: string | undefined;
    readonly account: string;
  },
): Record<string, string> {
  const { environment, labels, priorityClass, pullSecret, placement } = pod;
  const template = {
    metadata: { labels: { ...labels } },
    spec: {
      serviceAccountName: job.account,
      automountServiceAccountToken: false,
      priorityClassName: priorityClass,
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      ...(pullSecret === undefined ? {} : { imagePullSecrets: [{ name: pullSecret }] }),
      ...(placement.tolerations.length === 0 ? {} : { tolerations: podTolerations(placement) }),
      containers: [
        {
          name: '$job',
          env: variables(environment),
          resources: containerResources(job.resources, job.device),
        },
      ],
    },
  };
  // JSON is YAML.
  return { [HOOK_TEMPLATE_FILE]: `${JSON.stringify(template, null, 2)}\n` };
}
