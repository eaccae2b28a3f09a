import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../console/failure.ts';
import {
  asObject,
  asObjects,
  asText,
  asTexts,
  at,
  isObject,
  type JsonObject,
} from '../../policy/model/json.ts';
import { objectTitle } from '../../policy/model/kubernetes-object.ts';
import { complaintOf, jsonIn, type TofuResult } from '../tofu/run-tofu.ts';
import { ABSENT, type Deviation, differences, fieldOf, HIDDEN, shown } from './deviation.ts';
import type { KnownRelease } from './release-drift.ts';

/** What tofu says of a stack that is compared with its state and the cluster. */
export interface PlannedDrift {
  readonly deviations: readonly Deviation[];
  /** The Helm releases that the state holds, in which tofu sees nothing. */
  readonly releases: readonly KnownRelease[];
  /** How many resources the state holds. */
  readonly resources: number;
}

/** So long another apply is waited for. */
const LOCK_TIMEOUT = '-lock-timeout=20s';

/**
 * Lets tofu compare a stack with what is there, and applies nothing. The plan is kept in a folder of its own, and removed.
 *
 * @param tofu runs it in the folder of the stack
 */
export async function plannedDrift(
  tofu: (args: readonly string[]) => Promise<TofuResult>,
): Promise<PlannedDrift> {
  const scratch = mkdtempSync(join(tmpdir(), 'flywheel-drift-'));
  const file = join(scratch, 'plan');
  try {
    const planned = await tofu(['plan', '-input=false', '-no-color', LOCK_TIMEOUT, `-out=${file}`]);
    if (planned.code !== 0) throw new Failure(`tofu cannot plan: ${complaintOf(planned)}`);
    const read = await tofu(['show', '-json', '-no-color', file]);
    if (read.code !== 0 || jsonIn(read) === undefined)
      throw new Failure(`tofu cannot read its own plan: ${complaintOf(read)}`);
    return driftIn(jsonIn(read));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** What a plan says, as `tofu show -json` prints it. */
export function driftIn(plan: unknown): PlannedDrift {
  const state = asObjects(at(plan, 'prior_state', 'values', 'root_module', 'resources'));
  const managed = state.filter(({ mode }) => mode === 'managed');
  const changes = asObjects(at(plan, 'resource_changes'));
  return {
    resources: managed.length,
    releases: managed.filter(({ type }) => type === 'helm_release').map(releaseOf),
    deviations: changes.filter(({ mode }) => mode === 'managed').flatMap(deviationsOf),
  };
}

function releaseOf({ address, values }: JsonObject): KnownRelease {
  return {
    address: asText(address) ?? '',
    name: asText(at(values, 'name')) ?? '',
    namespace: asText(at(values, 'namespace')) ?? '',
  };
}

function deviationsOf(resource: JsonObject): Deviation[] {
  const change = asObject(resource.change);
  const actions = asTexts(change.actions);
  if (actions.every((action) => action === 'no-op' || action === 'read')) return [];
  const object = titleOf(resource, asObject(change.before ?? change.after));
  const by = asText(resource.address) ?? '';
  if (!isObject(change.before)) {
    return [{ object, by, field: '', declared: 'there', live: ABSENT }];
  }
  if (!isObject(change.after)) {
    return [{ object, by, field: '', declared: ABSENT, live: 'there' }];
  }
  const sensitive = [change.before_sensitive, change.after_sensitive];
  return differences(change.after, change.before)
    .filter(({ path }) => !isMarked(change.after_unknown, path))
    .map(({ path, declared, live }) => {
      const isHidden = isSecret(resource) || sensitive.some((marks) => isMarked(marks, path));
      const value = (given: unknown) => (isHidden && given !== undefined ? HIDDEN : shown(given));
      return { object, by, field: fieldOf(path), declared: value(declared), live: value(live) };
    });
}

function isSecret({ type }: JsonObject): boolean {
  return /^kubernetes_secret(_v1)?(_data)?$/.test(asText(type) ?? '');
}

/**
 * Tofu marks a field, or everything below one, with `true`; what lies below a marked field is marked, and what holds one. It
 * counts the items of a list, which go by their names here: a mark on one is a mark on all.
 */
function isMarked(marks: unknown, path: readonly string[]): boolean {
  if (marks === true) return true;
  const [key, ...rest] = path;
  if (key === undefined) return holdsMark(marks);
  if (!Array.isArray(marks)) return isObject(marks) && isMarked(marks[key], rest);
  return /^\d+$/.test(key)
    ? isMarked(marks[Number(key)], rest)
    : marks.some((item) => isMarked(item, rest));
}

function holdsMark(marks: unknown): boolean {
  if (marks === true) return true;
  return typeof marks === 'object' && marks !== null && Object.values(marks).some(holdsMark);
}

/** `kubernetes_deployment_v1` is a Deployment to whoever looks at the cluster. */
function titleOf({ type }: JsonObject, values: JsonObject): string {
  const [metadata] = asObjects(values.metadata);
  const name = asText(metadata?.name) ?? asText(values.name) ?? '';
  const namespace = asText(metadata?.namespace) ?? asText(values.namespace) ?? '';
  const kind = (asText(type) ?? '')
    .replace(/^kubernetes_|_v\d+(beta\d+)?$/g, '')
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
  return objectTitle({ kind, namespace, name });
}
