import { asNumber, asText, at } from './json.ts';
import { type KubernetesObject, specOf } from './kubernetes-object.ts';
import { type Pod, readPod } from './pod.ts';

/** Bounds that an autoscaler sets, by what it scales. */
type Scaling = ReadonlyMap<string, { readonly min: number; readonly max: number }>;

const REPLICATED = new Set(['Deployment', 'StatefulSet', 'ReplicaSet']);

/** The pods that Kubernetes itself makes of an object: none for most kinds. */
export function workloadPods(object: KubernetesObject, scaling: Scaling): Pod[] {
  const { kind } = object;
  if (REPLICATED.has(kind)) {
    const template = specOf(object, 'template');
    return [readPod({ object, template, purpose: 'service', count: replicas(object, scaling) })];
  }
  if (kind === 'DaemonSet') {
    const template = specOf(object, 'template');
    return [readPod({ object, template, purpose: 'service', count: { min: 1, max: undefined } })];
  }
  if (kind === 'Job') {
    const parallel = asNumber(specOf(object, 'parallelism')) ?? 1;
    const template = specOf(object, 'template');
    return [readPod({ object, template, purpose: 'task', count: { min: 0, max: parallel } })];
  }
  if (kind === 'CronJob') {
    const template = specOf(object, 'jobTemplate', 'spec', 'template');
    return [readPod({ object, template, purpose: 'task', count: scheduled(object) })];
  }
  if (kind === 'Pod') {
    return [
      readPod({ object, template: object.body, purpose: 'service', count: { min: 1, max: 1 } }),
    ];
  }
  return [];
}

/** The bounds of every autoscaler, by what it scales. */
export function scalingOf(autoscalers: readonly KubernetesObject[]): Scaling {
  return new Map(
    autoscalers.map((object) => {
      const target = specOf(object, 'scaleTargetRef');
      const key = scaledKey(
        object.namespace,
        asText(at(target, 'kind')),
        asText(at(target, 'name')),
      );
      const min = asNumber(specOf(object, 'minReplicas')) ?? 1;
      return [key, { min, max: asNumber(specOf(object, 'maxReplicas')) ?? min }];
    }),
  );
}

function replicas(object: KubernetesObject, scaling: Scaling): Pod['count'] {
  const scaled = scaling.get(scaledKey(object.namespace, object.kind, object.name));
  if (scaled !== undefined) return scaled;
  const fixed = asNumber(specOf(object, 'replicas')) ?? 1;
  return { min: fixed, max: fixed };
}

function scaledKey(namespace: string, kind = '', name = ''): string {
  return `${namespace}/${kind}/${name}`;
}

/** One run at a time unless several may overlap, which nothing limits. */
function scheduled(object: KubernetesObject): Pod['count'] {
  const overlap = (asText(specOf(object, 'concurrencyPolicy')) ?? 'Allow') === 'Allow';
  const parallel = asNumber(specOf(object, 'jobTemplate', 'spec', 'parallelism')) ?? 1;
  return { min: 0, max: overlap ? undefined : parallel };
}
