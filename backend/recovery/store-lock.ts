import { randomUUID } from 'node:crypto';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import { asText, at } from '../../policy/model/json.ts';
import type { StackState } from '../stack-state.ts';
import type { Store } from '../store/store-client.ts';
import { type ObjectPlace, readTwice, removeProved, writeProved } from './stored-object.ts';

/** A lock as tofu writes it, so that tofu tells who holds it. */
export interface LockInfo {
  readonly id: string;
  readonly who: string;
  /** In ISO 8601. */
  readonly created: string;
  readonly operation: string;
  readonly info: string;
}

/** Who takes a lock, and what for. */
export type LockPurpose = Pick<LockInfo, 'info' | 'operation' | 'who'>;

/** A lock that is held; it is returned by its holder only. */
export interface HeldLock {
  readonly info: LockInfo;
  /** @throws Failure when it is not proved to be gone, or is no longer ours */
  release(): Promise<void>;
}

/** Who holds the lock of a stack; undefined when nobody does. */
export async function lockOf(store: Store, state: StackState): Promise<LockInfo | undefined> {
  const object = await readTwice(placeOf(store, state));
  return object === undefined ? undefined : infoIn(object.body);
}

/**
 * Takes the lock of a stack as tofu takes it, for what is written to the store without tofu.
 *
 * @throws Failure with the code 4 that names the holder when somebody else holds it
 */
export async function takeLock(
  store: Store,
  state: StackState,
  purpose: LockPurpose,
): Promise<HeldLock> {
  const holder = await lockOf(store, state);
  if (holder !== undefined) throw heldBy(state, holder);
  const info: LockInfo = { id: randomUUID(), created: new Date().toISOString(), ...purpose };
  const place = placeOf(store, state);
  const body = Buffer.from(JSON.stringify(asTofu(info, state)));
  await writeProved(place, body, { 'if-none-match': '*' });
  return {
    info,
    release: async () => {
      await requireOurs(store, state, info.id);
      await removeProved(place);
    },
  };
}

/**
 * Does something while the lock of a stack is held. Where the work failed, its failure is told, and not that of the lock.
 *
 * @throws Failure as {@link takeLock}, and when the lock is not proved to be gone
 */
export async function underLock<T>(
  store: Store,
  state: StackState,
  purpose: LockPurpose,
  work: () => Promise<T>,
): Promise<T> {
  const lock = await takeLock(store, state, purpose);
  let done: T;
  try {
    done = await work();
  } catch (error) {
    await lock.release().catch(() => {});
    throw error;
  }
  await lock.release();
  return done;
}

/**
 * Returns a lock that an earlier run has left on purpose.
 *
 * @throws Failure when it is not there, is another one, or is not proved to be gone
 */
export async function returnLock(store: Store, state: StackState, id: string): Promise<void> {
  await requireOurs(store, state, id);
  await removeProved(placeOf(store, state));
}

/** Why nothing is done: somebody holds the lock. */
export function heldBy({ stack }: StackState, { id, who, created, operation }: LockInfo): Failure {
  return new Failure(
    `${stack} is locked by ${who} for ${operation} since ${created} (${ageOf(created)})\n    if nothing runs there any more: just tofu-unlock ${stack} ${id}`,
    EXIT.pending,
  );
}

async function requireOurs(store: Store, state: StackState, id: string): Promise<void> {
  const now = await lockOf(store, state);
  if (now?.id === id) return;
  const instead = now === undefined ? 'there is none' : `it is that of ${now.who}`;
  throw new Failure(
    `the lock ${id} of ${state.stack} was to be returned, and ${instead}\n    run just tofu-state-authority-deep-check ${state.stack}`,
    EXIT.bad,
  );
}

function placeOf(store: Store, { bucket, lockKey }: StackState): ObjectPlace {
  return { store, bucket, key: lockKey };
}

function asTofu({ id, who, created, operation, info }: LockInfo, { bucket, key }: StackState) {
  const path = `${bucket}/${key}`;
  // The names are those of tofu.
  return Object.fromEntries([
    ['ID', id],
    ['Operation', operation],
    ['Info', info],
    ['Who', who],
    ['Version', 'flywheel'],
    ['Created', created],
    ['Path', path],
  ]);
}

function infoIn(body: Buffer): LockInfo {
  const value = parse(body);
  const text = (name: string) => asText(at(value, name)) ?? '';
  return {
    id: text('ID') || 'unreadable',
    who: text('Who') || 'somebody',
    created: text('Created') || 'an unknown time',
    operation: text('Operation') || 'something',
    info: text('Info'),
  };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function ageOf(created: string): string {
  const minutes = Math.round((Date.now() - Date.parse(created)) / 60_000);
  if (Number.isNaN(minutes)) return 'its age is not known';
  if (minutes < 120) return `${minutes} minutes ago`;
  return minutes < 2880
    ? `${Math.round(minutes / 60)} hours ago`
    : `${Math.round(minutes / 1440)} days ago`;
}
