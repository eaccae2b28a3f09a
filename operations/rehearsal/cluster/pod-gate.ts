import type { V1Container, V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import type { Api } from './api.ts';
import type { World } from './informers.ts';
import { type Existing, type MissingReference, missingReferences } from './references.ts';
import { eachApart } from './rounds.ts';
import { GATE_CONDITION } from './stages.ts';

/** The world as what pods may name. */
function existingIn(world: World): Existing {
  return {
    secret: (namespace, name) => keysOf(world.secrets.get(name, namespace)),
    configMap(namespace, name) {
      const found = world.configMaps.get(name, namespace);
      return keysOf(found && { data: { ...found.data, ...found.binaryData } });
    },
    claim(namespace, name) {
      const found = world.claims.get(name, namespace);
      return found && (found.status?.phase ?? 'Pending');
    },
    serviceAccount: (namespace, name) => world.serviceAccounts.get(name, namespace) !== undefined,
    priorityClass: (name) => world.priorityClasses.get(name) !== undefined,
  };
}

function keysOf(found: { readonly data?: object } | undefined): Set<string> | undefined {
  return found && new Set(Object.keys(found.data ?? {}));
}

/**
 * Plays the part of a kubelet that refuses: a scheduled pod whose references are all there gets the condition that lets kwok
 * run it, any other says which container waits for what, and is looked at again after every change.
 */
export async function gatePods(api: Api, world: World): Promise<void> {
  const existing = existingIn(world);
  await eachApart(world.pods.list().filter(isWaiting), async (pod) => {
    const change = statusChange(pod, missingReferences(pod, existing));
    if (change === undefined) return;
    const { namespace, name } = pod.metadata ?? {};
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/status`;
    await api.patch(path, { status: change }, 'strategic-merge');
  });
}

function isWaiting({ metadata, spec, status }: V1Pod): boolean {
  return (
    spec?.nodeName !== undefined &&
    metadata?.deletionTimestamp === undefined &&
    status?.phase === 'Pending' &&
    conditionOf(status.conditions)?.status !== 'True'
  );
}

function conditionOf(conditions: NonNullable<V1Pod['status']>['conditions']) {
  return (conditions ?? []).find(({ type }) => type === GATE_CONDITION);
}

/** What to write into the status of a pod, or undefined when it stands there already. */
export function statusChange(pod: V1Pod, missing: readonly MissingReference[]): object | undefined {
  const message = missing.map((each) => each.message).join('; ');
  const before = conditionOf(pod.status?.conditions);
  if (missing.length > 0 && before?.message === message) return undefined;
  const lastTransitionTime = new Date().toISOString();
  if (missing.length === 0) {
    return {
      conditions: [{ type: GATE_CONDITION, status: 'True', lastTransitionTime, message: '' }],
    };
  }
  const names = (pod.spec?.containers ?? []).map(({ name }) => name).join(' ');
  const notReady = {
    status: 'False',
    reason: 'ContainersNotReady',
    message: `containers with unready status: [${names}]`,
    lastTransitionTime,
  };
  return {
    phase: 'Pending',
    conditions: [
      { type: GATE_CONDITION, status: 'False', reason: 'Missing', message, lastTransitionTime },
      { type: 'ContainersReady', ...notReady },
      { type: 'Ready', ...notReady },
    ],
    ...containerStatuses(pod, missing),
  };
}

/** Init containers run one after the other, so the first that cannot start holds up all that come after it. */
function containerStatuses(pod: V1Pod, missing: readonly MissingReference[]) {
  const forAll = missing.find(({ container }) => container === undefined);
  const of = (container: string) => forAll ?? missing.find((each) => each.container === container);
  const inits = pod.spec?.initContainers ?? [];
  const blocked = inits.findIndex(({ name }) => of(name) !== undefined);
  const initializing = { reason: 'PodInitializing', message: '' };
  return {
    ...(inits.length === 0
      ? {}
      : {
          initContainerStatuses: inits.map((container, index) =>
            waiting(container, index === blocked ? of(container.name) : initializing),
          ),
        }),
    containerStatuses: (pod.spec?.containers ?? []).map((container) =>
      waiting(container, blocked === -1 ? (of(container.name) ?? CREATING) : initializing),
    ),
  };
}

const CREATING = { reason: 'ContainerCreating', message: '' };

function waiting(
  { name, image }: V1Container,
  why: { readonly reason: string; readonly message: string } = CREATING,
): V1ContainerStatus {
  return {
    name,
    image: image ?? '',
    imageID: '',
    ready: false,
    started: false,
    restartCount: 0,
    state: {
      waiting: { reason: why.reason, ...(why.message === '' ? {} : { message: why.message }) },
    },
  };
}
