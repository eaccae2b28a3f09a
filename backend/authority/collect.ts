import { randomBytes } from 'node:crypto';
import type { Settings } from '../../config/settings.ts';
import { STACK_NAMES, type StackState } from '../stack-state.ts';
import type { Store } from '../store/store-client.ts';
import type { Witness } from '../witness/witness.ts';
import type { Answer, Evidence } from './evidence.ts';
import { Interview, isDone } from './interview.ts';

/** What a deep check is about. */
export interface Subject {
  readonly state: StackState;
  readonly settings: Pick<Settings, 'objectStore' | 'state'>;
  /** As tofu will reach it: the same endpoint, the same identity. */
  readonly store: Store;
  readonly witness: Witness;
  /** The run is declared to be the first: there is to be no state. */
  readonly firstRun: boolean;
  /** Looks at the store from the side of the cluster. @default - not looked at */
  readonly lookAtCluster?: () => Promise<Evidence['cluster']>;
  /** How long one request may take, in milliseconds. @default 20000 */
  readonly requestMs?: number;
}

const REQUEST_MS = 20_000;
/** Keys of checks, and of nothing else. */
const CANARY_PREFIX = '.flywheel-canary/';
const JSON_TYPE = { 'content-type': 'application/json' };
const IF_ABSENT = { ...JSON_TYPE, 'if-none-match': '*' };

/**
 * Looks at everything that a deep check judges, and judges nothing. It writes nothing but objects of its own, which it
 * removes, and sends at most 25 requests.
 */
export async function collect(subject: Subject): Promise<Evidence> {
  const { state, settings, store, firstRun, requestMs = REQUEST_MS } = subject;
  const { stack, bucket, key, lockKey } = state;
  const canary = `${CANARY_PREFIX}${stack}/${randomBytes(8).toString('hex')}/terraform.tfstate`;
  const interview = new Interview({ store, bucket, requestMs });
  const [remembered, cluster] = await Promise.all([
    recallAll(subject),
    subject.lookAtCluster?.() ?? { notSeen: 'the cluster was not looked at' },
  ]);
  await askOfState(interview, state);
  const leftovers = await askCanaries(interview, canary);
  await interview.ask('state-again', { method: 'GET', key }, 'state');
  return {
    kind: 'state-authority',
    format: 1,
    at: new Date().toISOString(),
    stack,
    bucket,
    key,
    lockKey,
    storeInCluster:
      settings.state.store === 'object-store' && settings.objectStore.kind === 'rustfs',
    firstRun,
    ...remembered,
    canaryKey: canary,
    canaryLockKey: lockOf(canary),
    steps: interview.steps,
    ...(interview.stopped === undefined ? {} : { stopped: interview.stopped }),
    leftovers,
    cluster,
  };
}

async function recallAll({
  state,
  witness,
}: Subject): Promise<Pick<Evidence, 'memory' | 'others'>> {
  const memory = await witness.recall(state.stack);
  const others: { stack: string; lineage: string }[] = [];
  for (const stack of STACK_NAMES.filter((name) => name !== state.stack)) {
    const other = await witness.recall(stack);
    if (other.kind === 'remembers') others.push({ stack, lineage: other.mark.lineage });
  }
  return { memory, others };
}

async function askOfState(interview: Interview, { key, lockKey, bucket }: StackState) {
  const listing = { 'list-type': '2', prefix: key, 'max-keys': '100' };
  await interview.ask('buckets', { method: 'GET', bucket: '' }, 'buckets');
  await interview.ask('bucket', { method: 'HEAD', bucket });
  await interview.ask('state', { method: 'GET', key }, 'state');
  await interview.ask('state-head', { method: 'HEAD', key });
  await interview.ask('state-listing', { method: 'GET', query: listing }, 'listing');
  await interview.ask('lock', { method: 'GET', key: lockKey }, 'holder');
}

/**
 * Does with objects of its own what an apply does with a state: takes a lock, reads and writes under it, gives it back.
 *
 * @returns the keys that may still be there
 */
async function askCanaries(interview: Interview, key: string): Promise<string[]> {
  if (interview.stopped !== undefined || hasLostBucket(interview)) return [];
  const lock = lockOf(key);
  const listing = { 'list-type': '2', prefix: key, 'max-keys': '10' };
  const write = { method: 'PUT', key, headers: JSON_TYPE } as const;
  await interview.ask('lock-take', takes(lock));
  await interview.ask('canary-write', { ...write, body: canaryBody(4096) });
  await interview.ask('canary-read', { method: 'GET', key });
  // The second is shorter: what is left of the first behind it is seen.
  await interview.ask('canary-overwrite', { ...write, body: canaryBody(512) });
  await interview.ask('lock-take-held', takes(lock));
  await interview.ask('lock-read', { method: 'GET', key: lock });
  await interview.ask('lock-release', { method: 'DELETE', key: lock });
  await interview.ask('canary-read-again', { method: 'GET', key });
  await interview.ask('canary-listing', { method: 'GET', query: listing }, 'listing');
  await interview.ask('canary-delete', { method: 'DELETE', key });
  await interview.ask('canary-read-gone', { method: 'GET', key });
  await Promise.all([
    interview.ask('lock-race-one', takes(lock)),
    interview.ask('lock-race-other', takes(lock)),
  ]);
  await interview.ask('lock-read-winner', { method: 'GET', key: lock });
  await interview.ask('lock-release-winner', { method: 'DELETE', key: lock });
  return leftOf(interview, key);
}

/** Removes once more what was not seen to go. */
async function leftOf(interview: Interview, key: string): Promise<string[]> {
  const { steps } = interview;
  const mayStay = [
    ...(steps['canary-read-gone']?.answer?.status === 404 ? [] : [key]),
    ...(wasDone(steps['lock-release-winner']?.answer) ? [] : [lockOf(key)]),
  ];
  const left: string[] = [];
  for (const each of mayStay) if (!(await interview.remove(each))) left.push(each);
  return left;
}

function wasDone(answer: Answer | undefined): boolean {
  return answer !== undefined && isDone(answer);
}

function takes(key: string) {
  return { method: 'PUT', key, headers: IF_ABSENT, body: canaryBody(128) } as const;
}

/** Nothing is written to a bucket that the store has lost: it would only blur what there is to see. */
function hasLostBucket({ steps, bucket }: Interview): boolean {
  const isLost = (answer: Answer | undefined) => answer?.code === 'NoSuchBucket';
  const names = steps.buckets?.answer?.names;
  return (
    steps.bucket?.answer?.status === 404 ||
    isLost(steps.state?.answer) ||
    isLost(steps['state-listing']?.answer) ||
    (names !== undefined && !names.includes(bucket))
  );
}

function lockOf(key: string): string {
  return `${key}.tflock`;
}

/** Bytes that were never there before, as JSON. */
function canaryBody(bytes: number): Buffer {
  return Buffer.from(JSON.stringify({ canary: randomBytes(bytes / 2).toString('hex') }));
}
