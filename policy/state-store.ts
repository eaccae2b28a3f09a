import { nameOf } from './model/chart-summary.ts';
import {
  asObject,
  asObjects,
  asText,
  asTextMap,
  at,
  isObject,
  type JsonObject,
  sameJson,
} from './model/json.ts';
import { KUBERNETES_KINDS, readBlock } from './model/kubernetes-blocks.ts';

/** The annotation on the workload that holds the state of the stacks. */
const STATE_STORE = 'flywheel/state-store';

/** The workload that holds the state, and its volume claims, in the shape of the API. */
export interface StateStore {
  readonly workload: JsonObject;
  readonly claims: readonly JsonObject[];
}

/** What a change does to the store. */
export interface StateStoreChange {
  readonly effect: 'removes' | 'replaces' | 'restarts' | 'changes';
  /** Each difference, such as "image a -> b". */
  readonly what: readonly string[];
}

/**
 * The attributes of a resource of the Kubernetes provider in the shape of the API, as they stand in a stack or in
 * `change.before` and `change.after` of a plan.
 */
export function workloadOf(type: string, attributes: unknown): JsonObject | undefined {
  const known = Object.hasOwn(KUBERNETES_KINDS, type) ? KUBERNETES_KINDS[type] : undefined;
  if (known === undefined || !isObject(attributes)) return undefined;
  return { apiVersion: known.apiVersion, kind: known.kind, ...readBlock(known.fields, attributes) };
}

/** True for the workload that holds the state. */
export function holdsState(workload: unknown): boolean {
  return asTextMap(at(workload, 'metadata', 'annotations'))[STATE_STORE] === 'true';
}

/** What the step from one store to the next does; undefined where nothing of it changes. */
export function stateStoreChange(
  before: StateStore,
  after: StateStore | undefined,
): StateStoreChange | undefined {
  const name = fullName(before.workload);
  if (after === undefined) return { effect: 'removes', what: [name] };
  const identity = changes('', name, fullName(after.workload));
  if (identity.length > 0) return { effect: 'replaces', what: identity };
  const pod = templateChanges(before.workload, after.workload);
  const other = [
    ...changes('replicas', replicasOf(before.workload), replicasOf(after.workload)),
    ...changes('volume claim', namedClaims(before.claims), namedClaims(after.claims)),
  ];
  const what = [...pod, ...other];
  if (what.length === 0) return undefined;
  return { effect: pod.length > 0 ? 'restarts' : 'changes', what };
}

/** Anything in the template of its pods that differs makes Kubernetes replace the pod. */
function templateChanges(before: JsonObject, after: JsonObject): string[] {
  const [left, right] = [before, after].map((workload) => at(workload, 'spec', 'template'));
  const [one, other] = [left, right].map((template) =>
    asObjects(at(template, 'spec', 'containers')),
  );
  // With one container everybody knows which one is meant.
  const alone = one?.length === 1 && other?.length === 1 && one[0]?.name === other[0]?.name;
  return [
    ...(alone ? changes('', one?.[0], other?.[0]) : changes('container', one, other)),
    ...changes('', withoutContainers(at(left, 'spec')), withoutContainers(at(right, 'spec'))),
    ...changes('', at(left, 'metadata'), at(right, 'metadata')),
  ];
}

function withoutContainers(spec: unknown): JsonObject {
  const { containers: _, ...rest } = asObject(spec);
  return rest;
}

function replicasOf(workload: JsonObject): unknown {
  return at(workload, 'spec', 'replicas');
}

function namedClaims(claims: readonly JsonObject[]): unknown {
  return claims.map((claim) => ({ name: at(claim, 'metadata', 'name'), ...asObject(claim.spec) }));
}

/** Every difference between two values, each with the way to it: "resources limits memory 1Gi -> 2Gi". */
function changes(path: string, before: unknown, after: unknown): string[] {
  if (sameJson(before, after)) return [];
  if (isNamedList(before) && isNamedList(after)) return memberChanges(path, before, after);
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => changes(join(path, key), before[key], after[key]));
  }
  return [join(path, `${show(before)} -> ${show(after)}`)];
}

function memberChanges(
  path: string,
  before: readonly JsonObject[],
  after: readonly JsonObject[],
): string[] {
  const index = (list: readonly JsonObject[]) => new Map(list.map((item) => [nameOf(item), item]));
  const [left, right] = [index(before), index(after)];
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((name) => {
    const [from, to] = [left.get(name), right.get(name)];
    if (from === undefined) return [join(path, `${name} added`)];
    if (to === undefined) return [join(path, `${name} removed`)];
    return changes(join(path, String(name)), from, to);
  });
}

function isNamedList(value: unknown): value is readonly JsonObject[] {
  return Array.isArray(value) && value.every((item) => isObject(item) && 'name' in item);
}

function join(path: string, step: string): string {
  return path === '' ? step : `${path} ${step}`;
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  return asText(value) ?? JSON.stringify(value);
}

function fullName(workload: JsonObject): string {
  const { namespace, name } = asTextMap(workload.metadata);
  return `${asText(workload.kind)} ${namespace}/${name}`;
}
