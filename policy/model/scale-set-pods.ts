import { overlay } from './chart-summary.ts';
import { asNumber, asObject, asObjects, asText, asTextMap, at, type JsonObject } from './json.ts';
import { type KubernetesObject, specOf } from './kubernetes-object.ts';
import { type Pod, readPod, volumesOf } from './pod.ts';

// What the controller of the GitHub runners makes of a scale set. No chart renders these pods, so they follow its source:
// https://github.com/actions/actions-runner-controller, controllers/actions.github.com/resourcebuilder.go

const PART_OF = 'app.kubernetes.io/part-of';
const COMPONENT = 'app.kubernetes.io/component';

/** Fields of a listener's template that the controller does not take over. */
const OWN_OF_LISTENER = new Set([
  'containers',
  'serviceAccountName',
  'automountServiceAccountToken',
]);

/** Where the controller of a scale set runs, and from which image. */
export interface ScaleSetController {
  readonly namespace: string;
  readonly image: string;
}

/** The runners of a scale set, their job containers, and the listener. */
export function scaleSetPods(
  object: KubernetesObject,
  controller: ScaleSetController,
  configMaps: readonly KubernetesObject[],
): Pod[] {
  const runner = runnerPod(object);
  return [runner, ...jobContainerPods(object, runner, configMaps), listenerPod(object, controller)];
}

function runnerPod(object: KubernetesObject): Pod {
  return readPod({
    object,
    template: specOf(object, 'template'),
    purpose: 'job',
    count: {
      min: asNumber(specOf(object, 'minRunners')) ?? 0,
      max: asNumber(specOf(object, 'maxRunners')),
    },
    owner: `runners of ${object.name}`,
    labels: madeFrom(object, 'runner'),
  });
}

/** Where job containers are pods of their own, each runner makes one beside itself, after a template if it has one. */
function jobContainerPods(
  object: KubernetesObject,
  runner: Pod,
  configMaps: readonly KubernetesObject[],
): Pod[] {
  const environment = runner.containers.flatMap((container) => container.environment);
  if (!environment.some(({ name }) => name === 'ACTIONS_RUNNER_CONTAINER_HOOKS')) return [];
  const given = environment.find(({ name }) => name === 'ACTIONS_RUNNER_CONTAINER_HOOK_TEMPLATE');
  const template = hookTemplate(runner, given?.value ?? '', configMaps);
  return [
    readPod({
      object,
      template: overlay({ spec: { containers: [{ name: '$job' }] } }, template ?? {}),
      purpose: 'job',
      count: { min: 0, max: runner.count.max },
      owner: `job containers of ${object.name}`,
      labels: { 'runner-pod': `${object.name}-runner` },
    }),
  ];
}

/** The file that the hook reads its template from, where it lies in a ConfigMap of the stacks. */
function hookTemplate(runner: Pod, path: string, configMaps: readonly KubernetesObject[]): unknown {
  const mounts = runner.containers.flatMap(({ mounts: own }) => own);
  const mount = mounts.find((candidate) => path.startsWith(`${candidate.path}/`));
  const volume = volumesOf(runner).find(({ name }) => name === mount?.volume);
  const name = asText(at(volume, 'configMap', 'name'));
  const files = configMaps.find(
    (object) => object.name === name && object.namespace === runner.namespace,
  );
  const text = asTextMap(files?.body.data)[path.slice((mount?.path.length ?? 0) + 1)];
  return text === undefined ? undefined : parseJson(text);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function listenerPod(object: KubernetesObject, controller: ScaleSetController): Pod {
  return readPod({
    object,
    template: {
      metadata: specOf(object, 'listenerTemplate', 'metadata'),
      spec: listenerSpec(object, controller.image),
    },
    purpose: 'service',
    count: { min: 1, max: 1 },
    owner: `listener of ${object.name}`,
    namespace: controller.namespace,
    labels: madeFrom(object, 'runner-scale-set-listener'),
  });
}

function listenerSpec(object: KubernetesObject, image: string): JsonObject {
  const given = asObject(specOf(object, 'listenerTemplate', 'spec'));
  const account = `${object.name}-listener`;
  const base = {
    name: 'listener',
    ...(image === '' ? {} : { image }),
    volumeMounts: [{ name: 'listener-config', mountPath: '/etc/gha-listener', readOnly: true }],
  };
  const containers = asObjects(given.containers);
  const own = containers.find(({ name }) => name === 'listener') ?? {};
  const fields = Object.entries(given).filter(([name]) => !OWN_OF_LISTENER.has(name));
  return {
    ...Object.fromEntries(fields),
    serviceAccountName: account,
    containers: [overlay(base, own), ...containers.filter(({ name }) => name !== 'listener')],
    volumes: [
      { name: 'listener-config', secret: { secretName: account } },
      ...asObjects(given.volumes),
    ],
  };
}

function madeFrom(object: KubernetesObject, component: string): Record<string, string> {
  return {
    ...object.labels,
    'actions.github.com/scale-set-name': object.name,
    'actions.github.com/scale-set-namespace': object.namespace,
    [PART_OF]: 'gha-runner-scale-set',
    [COMPONENT]: component,
  };
}

/** The image from which a controller makes its listeners: its own. */
export function controllerImage(controllers: readonly Pod[], namespace: string): string {
  const variable = controllers
    .filter((pod) => pod.namespace === namespace)
    .flatMap(({ containers }) => containers.flatMap(({ environment }) => environment))
    .find(({ name }) => name === 'CONTROLLER_MANAGER_CONTAINER_IMAGE');
  return variable?.value ?? '';
}

/** The namespace of the controller that a scale set is bound to; its own where none is named. */
export function controllerNamespace(values: unknown, fallback: string): string {
  return asText(at(values, 'controllerServiceAccount', 'namespace')) ?? fallback;
}
