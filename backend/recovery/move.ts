import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import type { StackState } from '../stack-state.ts';
import { isState, readState, type StateFacts } from '../state/state-document.ts';
import type { Store } from '../store/store-client.ts';
import { markOf, standingOf } from '../witness/state-mark.ts';
import type { Witness } from '../witness/witness.ts';
import { localStore, type MovedState, markMoved, markReturned, movedState } from './state-home.ts';
import { heldBy, lockOf, returnLock, takeLock, underLock } from './store-lock.ts';
import { readTwice, removeProved, type StoredObject, writeProved } from './stored-object.ts';

/** What a move stands on. */
export interface MoveSubject {
  readonly state: StackState;
  /** The one that the settings name. */
  readonly store: Store;
  readonly witness: Witness;
  readonly printer: Printer;
  /** Who does this, as the witness and the lock are to say. */
  readonly by: string;
}

/** A state that was read whole, and what it says of itself. */
interface ReadState {
  readonly object: StoredObject;
  readonly facts: StateFacts;
}

/**
 * Moves a state out of its store, to this machine: for a stack that is about to take that store away. The lock in the store is kept,
 * so that nobody goes on with what was left there.
 *
 * @returns 0 when it is here, proved by hash, serial, lineage and number of resources
 * @throws Failure when that could not be proved; then it is still where it was
 */
export async function moveToLocal(subject: MoveSubject): Promise<ExitCode> {
  const { state, store, witness, printer, by } = subject;
  const before = movedState(state);
  if (before !== undefined) {
    printer.result(`the state of ${state.stack} is on this machine since ${before.at}`);
    return EXIT.good;
  }
  const lock = await takeLock(store, state, {
    operation: 'tofu-state-move',
    info: `the state is with ${by}; just tofu-state-move ${state.stack} --to s3 there brings it back`,
    who: by,
  });
  let read: ReadState;
  try {
    read = await provedState(subject, store);
    const local = localStore(state);
    // What an interrupted move has left was never the state.
    await removeProved(placeIn(local, state));
    await writeProved(placeIn(local, state), read.object.body, NEW);
    requireSame(read, await provedState(subject, local), state);
    await witness.advance(state.stack, markOf(read.facts, by));
    markMoved(state, { at: new Date().toISOString(), by, lockId: lock.info.id });
  } catch (error) {
    await lock.release().catch(() => {});
    throw error;
  }
  printer.result(`the state of ${state.stack} is on this machine: ${said(read.facts)}`);
  printer.result(
    `in the store its lock ${lock.info.id} stays, so that nobody goes on with what is left there`,
  );
  printer.result(`just tofu-state-move ${state.stack} --to s3 brings it back`);
  return EXIT.good;
}

/**
 * Moves a state back to its store, the same one or one made anew.
 *
 * @returns 0 when it is there, proved by hash, serial, lineage and number of resources
 * @throws Failure when that could not be proved; then it is still on this machine
 */
export async function moveToStore(subject: MoveSubject): Promise<ExitCode> {
  const { state, store, witness, printer, by } = subject;
  const moved = movedState(state);
  if (moved === undefined) {
    printer.result(`the state of ${state.stack} is in ${state.bucket}/${state.key} already`);
    return EXIT.good;
  }
  const local = localStore(state);
  const purpose = { operation: 'tofu-state-move', info: 'back to the store', who: by };
  const { facts, lockId } = await underLock(local, state, purpose, async () => {
    const held = await holdLock(subject, moved);
    const read = await provedState(subject, local);
    await writeOver(subject, read);
    requireSame(read, await provedState(subject, store), state);
    await witness.advance(state.stack, markOf(read.facts, by));
    return { facts: read.facts, lockId: held };
  });
  const copy = markReturned(state);
  printer.result(`the state of ${state.stack} is in ${state.bucket}/${state.key}: ${said(facts)}`);
  printer.result(`a copy of it is ${copy}`);
  await returnLock(store, state, lockId);
  // With its lock a store may lose what it has kept.
  await requireStillThere(subject, facts);
  return EXIT.good;
}

const NEW = { 'if-none-match': '*' };

/** The lock that the move left; in a store that was made anew there is none, and it is taken. */
async function holdLock({ store, state, by }: MoveSubject, moved: MovedState): Promise<string> {
  const holder = await lockOf(store, state);
  if (holder === undefined) {
    const purpose = { operation: 'tofu-state-move', info: 'back to the store', who: by };
    const { info } = await takeLock(store, state, purpose);
    markMoved(state, { ...moved, lockId: info.id });
    return info.id;
  }
  if (holder.id !== moved.lockId) throw heldBy(state, holder);
  return holder.id;
}

/** What was left in the store is written over only if it is what was moved, or older. */
async function writeOver({ store, state }: MoveSubject, read: ReadState): Promise<void> {
  const place = placeIn(store, state);
  const left = await readTwice(place);
  if (left === undefined) return await writeProved(place, read.object.body, NEW);
  if (left.body.equals(read.object.body)) return;
  const facts = readState(left.body);
  const standing = isState(facts) ? standingOf(read.facts, facts) : undefined;
  if (standing !== 'newer') {
    throw new Failure(
      `${state.bucket}/${state.key} is not what was left there when the state of ${state.stack} was moved: ${isState(facts) ? said(facts) : `the body ${facts.because}`}\n    on this machine is ${said(read.facts)}; nothing was written\n    find out who wrote there; just tofu-state-accept ${state.stack} makes one of them the truth`,
      EXIT.bad,
    );
  }
  const { etag } = left.headers;
  await writeProved(place, read.object.body, etag === undefined ? {} : { 'if-match': etag });
}

async function provedState({ state, witness }: MoveSubject, store: Store): Promise<ReadState> {
  const object = await readTwice(placeIn(store, state));
  const facts = object === undefined ? undefined : readState(object.body);
  const memory = await witness.recall(state.stack);
  if (object === undefined || facts === undefined) {
    throw new Failure(
      memory.kind === 'remembers'
        ? `there is no state of ${state.stack}, and serial ${memory.mark.serial} of it is remembered: it is hidden or lost`
        : `there is no state of ${state.stack} to move`,
      memory.kind === 'remembers' ? EXIT.bad : EXIT.unknown,
    );
  }
  if (!isState(facts)) {
    throw new Failure(`the state of ${state.stack} is none: the body ${facts.because}`, EXIT.bad);
  }
  requireStanding(state, facts, memory);
  return { object, facts };
}

function requireStanding(
  { stack }: StackState,
  facts: StateFacts,
  memory: Awaited<ReturnType<Witness['recall']>>,
): void {
  if (memory.kind === 'contradiction') throw new Failure(memory.because, EXIT.bad);
  if (memory.kind !== 'remembers') return;
  const standing = standingOf(facts, memory.mark);
  if (standing === 'same') return;
  if (standing === 'newer') {
    // It may be right, or emptied: that is proved by reading it through the gateway, and remembered then.
    throw new Failure(
      `the state of ${stack} is newer than the one that is remembered: ${said(facts)}\n    nothing was moved; run just tofu-plan ${stack}, which proves it, and then this again`,
    );
  }
  throw new Failure(
    `the state of ${stack} is ${standing}: ${said(facts)}, and remembered is serial ${memory.mark.serial} of lineage ${memory.mark.lineage}\n    nothing was moved; run just tofu-state-authority-deep-check ${stack}`,
    EXIT.bad,
  );
}

/** Somebody may have gone on since the lock is free; gone back nobody may have. */
async function requireStillThere({ state, store }: MoveSubject, moved: StateFacts): Promise<void> {
  const object = await readTwice(placeIn(store, state));
  const facts = object === undefined ? undefined : readState(object.body);
  const standing = facts !== undefined && isState(facts) ? standingOf(facts, moved) : undefined;
  if (standing === 'same' || standing === 'newer') return;
  throw new Failure(
    `the store had the state of ${state.stack}, and has it no longer since its lock was returned\n    restore it from the copy: just tofu-state-accept ${state.stack} --serial ${moved.serial} --lineage ${moved.lineage} --from <the copy>`,
    EXIT.bad,
  );
}

/** The same hash makes everything else the same; all are compared, so that a defect of one is seen. */
function requireSame(from: ReadState, to: ReadState, { stack }: StackState): void {
  const parts = ['hash', 'serial', 'lineage', 'instances'] as const;
  const differing = parts.filter((part) => from.facts[part] !== to.facts[part]);
  if (differing.length === 0) return;
  throw new Failure(
    `the state of ${stack} is not the same in both places: ${differing.join(', ')}\n    it is still where it was`,
    EXIT.bad,
  );
}

function placeIn(store: Store, { bucket, key }: StackState) {
  return { store, bucket, key };
}

function said({ serial, lineage, instances, hash }: StateFacts): string {
  const count = instances === undefined ? 'encrypted' : `${instances} resources`;
  return `serial ${serial} of lineage ${lineage}, ${count}, SHA-256 ${hash}`;
}
