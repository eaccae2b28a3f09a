// Removes the pods of jobs that nobody removed. Runs in the cluster with nothing but Node; see pod-cleanup.ts.

import { readFileSync } from 'node:fs';

const { env } = process;
const PAGE = 500;
const ages = {
  stuck: seconds('STUCK_SEC'),
  Succeeded: seconds('SUCCEEDED_SEC'),
  Failed: seconds('FAILED_SEC'),
  pending: seconds('PENDING_SEC'),
};
const pods = `${required('API_SERVER')}/api/v1/namespaces/${required('NAMESPACE')}/pods`;
const authorization = `Bearer ${readFileSync(required('TOKEN_FILE'), 'utf8').trim()}`;

try {
  const outcomes = await clean(Date.now());
  const failed = outcomes.filter(({ error }) => error !== undefined);
  for (const { name, reason, error } of outcomes) say(error ?? `removed ${name}: ${reason}`);
  say(`${outcomes.length - failed.length} pods removed, ${failed.length} not`);
  process.exitCode = failed.length === 0 ? 0 : 1;
} catch (error) {
  process.stderr.write(`the pods of ${env.NAMESPACE} could not be listed: ${explain(error)}\n`);
  process.exitCode = 1;
}

async function clean(now) {
  const outcomes = [];
  for await (const pod of listPods()) {
    const verdict = judge(pod, now);
    if (verdict !== undefined) outcomes.push(await remove(pod, verdict));
  }
  return outcomes;
}

async function* listPods() {
  let token = '';
  do {
    const query = new URLSearchParams({
      labelSelector: required('SELECTOR'),
      limit: String(PAGE),
      continue: token,
    });
    const response = await request(`${pods}?${query}`);
    if (!response.ok) throw new Error(await refusal(response));
    const { items, metadata } = await response.json();
    yield* items;
    token = metadata.continue ?? '';
  } while (token !== '');
}

/** Why the pod has to go, and whether by force; undefined where it may stay. */
function judge({ metadata, spec, status }, now) {
  if (metadata.deletionTimestamp !== undefined) {
    // The time stamp is the end of the grace, not its beginning.
    const late = secondsSince(metadata.deletionTimestamp, now);
    return late > ages.stuck
      ? { reason: `still there ${late} s after its grace`, force: true }
      : undefined;
  }
  if (isForsaken(metadata, spec, status)) {
    const age = secondsSince(metadata.creationTimestamp, now);
    return age > ages.pending ? { reason: `without a node for ${age} s`, force: false } : undefined;
  }
  const limit = Object.hasOwn(ages, status.phase) ? ages[status.phase] : undefined;
  if (limit === undefined) return undefined;
  const age = secondsSince(endOf(metadata, status), now);
  return age > limit ? { reason: `${status.phase} ${age} s ago`, force: false } : undefined;
}

/**
 * A pod that found no node and that nobody may be waiting for.
 *
 * On a node the time limit of the job ends it, image or no image; without one nothing does. A GitHub runner has an
 * owner, which would only make it again.
 */
function isForsaken(metadata, spec, status) {
  const owners = metadata.ownerReferences ?? [];
  return status.phase === 'Pending' && spec?.nodeName === undefined && owners.length === 0;
}

/** When the last container ended; a pod that never ran one is as old as itself. */
function endOf(metadata, status) {
  const ends = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
    .map(({ state }) => state?.terminated?.finishedAt)
    .filter((time) => typeof time === 'string');
  return ends.sort().at(-1) ?? metadata.creationTimestamp;
}

async function remove({ metadata }, { reason, force }) {
  const { name, uid, finalizers = [] } = metadata;
  const stays = (why) => ({ name, reason, error: `${name} stays: ${why}` });
  if (force && finalizers.length > 0) return stays(`held by ${finalizers.join(', ')}`);
  try {
    const response = await request(`${pods}/${name}`, {
      method: 'DELETE',
      headers: { 'content-type': 'application/json' },
      // The name may belong to another pod by now; the uid does not.
      body: JSON.stringify({ preconditions: { uid }, ...(force ? { gracePeriodSeconds: 0 } : {}) }),
    });
    const gone = response.ok || response.status === 404 || response.status === 409;
    return gone ? { name, reason } : stays(await refusal(response));
  } catch (error) {
    return stays(explain(error));
  }
}

function request(url, options = {}) {
  const headers = { authorization, accept: 'application/json', ...options.headers };
  return fetch(url, { ...options, headers, signal: AbortSignal.timeout(30_000) });
}

async function refusal(response) {
  const text = await response.text();
  try {
    return `${response.status} ${JSON.parse(text).message}`;
  } catch {
    return `${response.status} ${text.slice(0, 200)}`;
  }
}

function explain(error) {
  return error.cause === undefined ? error.message : `${error.message}: ${error.cause.message}`;
}

function say(line) {
  process.stdout.write(`${line}\n`);
}

function secondsSince(time, now) {
  return Math.floor((now - Date.parse(time)) / 1000);
}

function seconds(name) {
  const value = Number(required(name));
  if (!Number.isInteger(value) || value < 0)
    throw new Error(`${name} must be a number of seconds, got ${env[name]}`);
  return value;
}

function required(name) {
  const value = env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
}
