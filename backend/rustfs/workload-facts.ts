import {
  asNumber,
  asObjects,
  asText,
  asTexts,
  at,
  type JsonObject,
} from '../../policy/model/json.ts';

/** A workload that runs a store. */
export interface WorkloadFacts {
  readonly kind: 'Deployment' | 'StatefulSet';
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Replicas that are wanted, and that are ready. */
  readonly desired: number;
  readonly ready: number;
  readonly container: string;
  readonly image: string;
  /** What it keeps on disk, as the program is told; a drive each. */
  readonly volumes: readonly string[];
  /** Drives of a set that may be lost, where the program is told; by itself it decides by their number. */
  readonly parity?: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** A pod of it. */
export interface PodFacts {
  readonly name: string;
  readonly uid: string;
  readonly node: string | undefined;
  readonly phase: string;
  readonly ready: boolean;
  readonly restarts: number;
  readonly startedAt: string | undefined;
  /** Why its container ended last, where it has. */
  readonly lastEnd: string | undefined;
  /** What really runs, by its digest. */
  readonly imageId: string | undefined;
  readonly claims: readonly string[];
}

/** A claim of it, with the volume behind. */
export interface ClaimFacts {
  readonly name: string;
  readonly phase: string;
  readonly storageClass: string | undefined;
  readonly accessModes: readonly string[];
  readonly size: string | undefined;
  /** The nodes to which the volume is tied; empty where it can go anywhere, or where nobody could look. */
  readonly nodes: readonly string[];
}

/** A Job beside it: of its buckets, of its lifecycle. */
export interface JobFacts {
  readonly name: string;
  readonly outcome: 'active' | 'complete' | 'failed' | 'waiting';
  readonly at: string | undefined;
}

/** An event about it. */
export interface EventFacts {
  readonly at: string;
  readonly type: string;
  readonly reason: string;
  readonly about: string;
  readonly message: string;
  readonly count: number;
}

/** What the object says of a workload; the container is the one that is told of volumes, else the first. */
export function workloadFacts(kind: WorkloadFacts['kind'], object: JsonObject): WorkloadFacts {
  const containers = asObjects(at(object, 'spec', 'template', 'spec', 'containers'));
  const container = containers.find((each) => volumesOf(each).length > 0) ?? containers[0];
  const labels = at(object, 'spec', 'selector', 'matchLabels');
  return {
    kind,
    namespace: text(object, 'metadata', 'namespace'),
    name: text(object, 'metadata', 'name'),
    uid: text(object, 'metadata', 'uid'),
    desired: asNumber(at(object, 'spec', 'replicas')) ?? 1,
    ready: asNumber(at(object, 'status', 'readyReplicas')) ?? 0,
    container: asText(container?.name) ?? '',
    image: asText(container?.image) ?? '',
    volumes: container === undefined ? [] : volumesOf(container),
    ...parityOf(container),
    labels: Object.fromEntries(
      Object.entries(labels ?? {}).map(([name, value]) => [name, String(value)]),
    ),
  };
}

function volumesOf(container: JsonObject): string[] {
  return (variableOf(container, 'RUSTFS_VOLUMES') ?? '').split(/[\s,]+/).filter(Boolean);
}

function parityOf(container: JsonObject | undefined): { parity?: number } {
  const [, parity] =
    /^EC:(\d+)$/.exec(variableOf(container, 'RUSTFS_STORAGE_CLASS_STANDARD') ?? '') ?? [];
  return parity === undefined ? {} : { parity: Number(parity) };
}

function variableOf(container: JsonObject | undefined, wanted: string): string | undefined {
  return asText(asObjects(container?.env).find(({ name }) => name === wanted)?.value);
}

/** What the object says of a pod. */
export function podFacts(object: JsonObject, container: string): PodFacts {
  const status = asObjects(at(object, 'status', 'containerStatuses')).find(
    ({ name }) => name === container,
  );
  const conditions = asObjects(at(object, 'status', 'conditions'));
  const last = at(status, 'lastState', 'terminated');
  return {
    name: text(object, 'metadata', 'name'),
    uid: text(object, 'metadata', 'uid'),
    node: asText(at(object, 'spec', 'nodeName')),
    phase: text(object, 'status', 'phase'),
    ready: conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    restarts: asNumber(at(status, 'restartCount')) ?? 0,
    startedAt: asText(at(status, 'state', 'running', 'startedAt')),
    lastEnd: endText(last),
    imageId: asText(at(status, 'imageID')),
    claims: asObjects(at(object, 'spec', 'volumes')).flatMap(
      (volume) => asText(at(volume, 'persistentVolumeClaim', 'claimName')) ?? [],
    ),
  };
}

function endText(terminated: unknown): string | undefined {
  const reason = asText(at(terminated, 'reason'));
  if (reason === undefined) return undefined;
  return `${reason}, exit code ${at(terminated, 'exitCode')}, at ${at(terminated, 'finishedAt')}`;
}

/** What the objects say of a claim and its volume. */
export function claimFacts(claim: JsonObject, volume: JsonObject | undefined): ClaimFacts {
  const terms = asObjects(at(volume, 'spec', 'nodeAffinity', 'required', 'nodeSelectorTerms'));
  return {
    name: text(claim, 'metadata', 'name'),
    phase: text(claim, 'status', 'phase'),
    storageClass: asText(at(claim, 'spec', 'storageClassName')),
    accessModes: asTexts(at(claim, 'spec', 'accessModes')),
    size: asText(at(claim, 'spec', 'resources', 'requests', 'storage')),
    nodes: terms.flatMap(({ matchExpressions }) =>
      asObjects(matchExpressions).flatMap(({ values }) => asTexts(values)),
    ),
  };
}

/** What the object says of a Job. */
export function jobFacts(object: JsonObject): JobFacts {
  const conditions = asObjects(at(object, 'status', 'conditions'));
  const has = (type: string) =>
    conditions.find((each) => each.type === type && each.status === 'True');
  const ended = has('Complete') ?? has('Failed');
  const active = (asNumber(at(object, 'status', 'active')) ?? 0) > 0;
  const outcomes = { Complete: 'complete', Failed: 'failed' } as const;
  return {
    name: text(object, 'metadata', 'name'),
    outcome:
      ended === undefined
        ? active
          ? 'active'
          : 'waiting'
        : outcomes[ended.type === 'Complete' ? 'Complete' : 'Failed'],
    at: asText(ended?.lastTransitionTime) ?? asText(at(object, 'status', 'startTime')),
  };
}

/** What the object says of an event. */
export function eventFacts(object: JsonObject): EventFacts {
  const about = [text(object, 'involvedObject', 'kind'), text(object, 'involvedObject', 'name')];
  return {
    at:
      asText(object.lastTimestamp) ??
      asText(object.eventTime) ??
      text(object, 'metadata', 'creationTimestamp'),
    type: asText(object.type) ?? '',
    reason: asText(object.reason) ?? '',
    about: about.join('/'),
    message: asText(object.message) ?? '',
    count: asNumber(object.count) ?? 1,
  };
}

function text(object: JsonObject, ...path: readonly string[]): string {
  return asText(at(object, ...path)) ?? '';
}
