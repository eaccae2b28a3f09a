import { readFileSync } from 'node:fs';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import type { StackState } from '../stack-state.ts';
import { isState, readState, type StateFacts } from '../state/state-document.ts';
import type { Store } from '../store/store-client.ts';
import { markOf } from '../witness/state-mark.ts';
import type { Memory, Witness } from '../witness/witness.ts';
import type { Confirm } from './confirm.ts';
import { keepEvidence } from './evidence.ts';
import { instancesOf, parsedState } from './state-difference.ts';
import { underLock } from './store-lock.ts';
import { readTwice, type StoredObject, writeProved } from './stored-object.ts';

/** What an acceptance stands on. Tofu has no part in it: the gateway would refuse what is to be accepted. */
export interface AcceptSubject {
  readonly state: StackState;
  readonly store: Store;
  readonly witness: Witness;
  readonly printer: Printer;
  readonly confirm: Confirm;
  /** Who does this, as the witness and the lock are to say. */
  readonly by: string;
}

/** Which state is to be the truth from now on. */
export interface NewTruth {
  readonly serial: number;
  readonly lineage: string;
  /**
   * Where its bytes are: `store` for those that are there already, `empty` for a new state without resources that goes on
   * from the one that was lost, or a file with a backup.
   */
  readonly source: 'empty' | 'store' | { readonly file: string };
}

/** What there is before anything is accepted. */
interface Found {
  readonly object: StoredObject | undefined;
  readonly memory: Memory;
}

/** The bytes that are to be the truth, and whether they have to be written. */
interface Chosen {
  readonly bytes: Buffer;
  readonly facts: StateFacts;
  readonly write: boolean;
}

/**
 * Makes a state the new truth after a loss or a rollback: the one that is in the store, a backup, or an empty one. What there
 * was is kept as evidence first; then the name of the stack has to be typed.
 *
 * @returns 0 when it is the truth now, 1 when it was not confirmed
 * @throws Failure when it is not the state that was named, or something could not be proved; the witness is changed last
 */
export async function acceptState(subject: AcceptSubject, truth: NewTruth): Promise<ExitCode> {
  const { state, store, witness, printer, confirm, by } = subject;
  const { bucket, key, stack } = state;
  const place = { store, bucket, key };
  const found: Found = { object: await readTwice(place), memory: await witness.recall(stack) };
  const chosen = choose(found, truth, state);
  const folder = keepEvidence(state, { ...found, by, truth });
  for (const line of consequences(found, chosen)) printer.result(line);
  printer.result(`what there was is kept in ${folder}`);
  if (!(await confirm.named(stack))) return EXIT.unknown;
  const purpose = { operation: 'tofu-state-accept', info: `serial ${truth.serial}`, who: by };
  await underLock(store, state, purpose, async () => {
    requireUnchanged(found.object, await readTwice(place), stack);
    if (chosen.write) await writeProved(place, chosen.bytes, conditionOn(found.object));
    await witness.accept(stack, markOf(chosen.facts, by));
  });
  printer.result(
    `${stack}: serial ${truth.serial} of lineage ${truth.lineage} is the truth from now on`,
  );
  printer.result(`now look at it before anything is applied: just tofu-plan ${stack}`);
  return EXIT.good;
}

function choose(found: Found, truth: NewTruth, state: StackState): Chosen {
  if (truth.source === 'store') return chosenInStore(found, truth, state);
  if (truth.source === 'empty') return chosenEmpty(found, truth, state);
  return chosenInFile(truth.source.file, truth);
}

function chosenInStore({ object }: Found, truth: NewTruth, state: StackState): Chosen {
  if (object === undefined) {
    throw new Failure(
      `there is no state of ${state.stack} in the store to accept\n    restore one: --from <file>; or begin with an empty one, and take in what there is by just tofu-state-adopt ${state.stack}: --empty`,
      EXIT.bad,
    );
  }
  return {
    bytes: object.body,
    facts: factsOf(object.body, 'what is in the store', truth),
    write: false,
  };
}

function chosenInFile(file: string, truth: NewTruth): Chosen {
  const bytes = readBackup(file);
  return { bytes, facts: factsOf(bytes, file, truth), write: true };
}

/** An empty state goes on from the one that was lost: with its lineage, and a serial that nobody has seen. */
function chosenEmpty({ object, memory }: Found, truth: NewTruth, { stack }: StackState): Chosen {
  if (object !== undefined) {
    throw new Failure(
      `there is a state of ${stack} in the store, so an empty one is not written over it\n    leave out --empty to accept what is there`,
      EXIT.bad,
    );
  }
  const mark = memory.kind === 'remembers' ? memory.mark : undefined;
  if (mark !== undefined && (truth.lineage !== mark.lineage || truth.serial <= mark.serial)) {
    throw new Failure(
      `an empty state has to go on from the one that was lost: --lineage ${mark.lineage}, and a serial above ${mark.serial}`,
      EXIT.usage,
    );
  }
  const bytes = emptyState(truth);
  return { bytes, facts: factsOf(bytes, 'the empty state', truth), write: true };
}

function emptyState({ serial, lineage }: NewTruth): Buffer {
  const version = { version: 4, [TOFU_VERSION]: '1.12.0' };
  const state = { ...version, serial, lineage, outputs: {}, resources: [] };
  return Buffer.from(`${JSON.stringify(state, undefined, 2)}\n`);
}

/** The name that the format has for it. */
const TOFU_VERSION = 'terraform_version';

function factsOf(bytes: Buffer, what: string, { serial, lineage }: NewTruth): StateFacts {
  const read = readState(bytes);
  if (!isState(read)) throw new Failure(`${what} is no state: the body ${read.because}`, EXIT.bad);
  if (read.serial === serial && read.lineage === lineage) return read;
  throw new Failure(
    `${what} has serial ${read.serial} and lineage ${read.lineage}, not ${serial} and ${lineage}\n    nothing was changed; name the state that is meant`,
    EXIT.bad,
  );
}

function readBackup(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Failure(`${file} cannot be read: ${code ?? message}`, EXIT.usage);
  }
}

function consequences({ object, memory }: Found, { bytes, facts, write }: Chosen): string[] {
  const count = facts.instances === undefined ? 'encrypted' : `${facts.instances} resources`;
  const after = `serial ${facts.serial} of lineage ${facts.lineage}, ${count}, SHA-256 ${facts.hash}`;
  const addresses = instancesOf(parsedState(bytes)).map(({ address }) => `    ${address}`);
  return [
    `remembered  ${remembered(memory)}`,
    `in store    ${object === undefined ? 'no state' : shown(object.body)}`,
    `from now on ${after}${write ? ', which is written to the store' : ''}`,
    ...addresses,
    'what was made since, and is not among these, is in no state: just tofu-state-adopt finds what has a name',
  ];
}

function remembered(memory: Memory): string {
  if (memory.kind === 'remembers') {
    const { serial, lineage, at, by } = memory.mark;
    return `serial ${serial} of lineage ${lineage}, at ${at} by ${by}`;
  }
  return memory.kind === 'never-seen' ? 'nothing' : memory.because;
}

function shown(bytes: Buffer): string {
  const read = readState(bytes);
  if (!isState(read)) return `no state: the body ${read.because}`;
  return `serial ${read.serial} of lineage ${read.lineage}`;
}

/** While a person thought about it, somebody else may have written. */
function requireUnchanged(
  before: StoredObject | undefined,
  now: StoredObject | undefined,
  stack: string,
): void {
  const same =
    before === undefined || now === undefined ? before === now : before.body.equals(now.body);
  if (same) return;
  throw new Failure(
    `the state of ${stack} in the store has changed since it was shown; nothing was accepted\n    look at it again`,
    EXIT.bad,
  );
}

/** A store that knows no conditions passes over them; the lock is held in any case. */
function conditionOn(object: StoredObject | undefined): Readonly<Record<string, string>> {
  if (object === undefined) return { 'if-none-match': '*' };
  const { etag } = object.headers;
  return etag === undefined ? {} : { 'if-match': etag };
}
