import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { asText, at } from '../../policy/model/json.ts';
import type { StackState } from '../stack-state.ts';
import { isState, type NoState, readState, type StateFacts } from '../state/state-document.ts';
import { sha256 } from '../store/signature.ts';
import { syncFolder, writeDurably } from './durable.ts';

/** A state that no store was proved to have kept. */
export interface KeptState {
  /** In the recovery folder, readable for its owner alone. */
  readonly file: string;
  /** SHA-256 of its bytes, in hexadecimal digits. */
  readonly hash: string;
  /** When it was kept, in ISO 8601. */
  readonly at: string;
  /** The file that tofu left, or undefined for what the store was given and not proved to have kept. */
  readonly from: string | undefined;
  readonly read: NoState | StateFacts;
  bytes(): Buffer;
}

/** What became of a state that was kept. */
export type Clearance = 'discarded' | 'pushed' | 'superseded' | 'there already';

/** The file that tofu leaves in the folder where it runs when it cannot write the state. */
const ERRORED_STATE = 'errored.tfstate';

/** Where the states of a stack wait to be recovered. */
export function recoveryFolder({ memory }: StackState): string {
  return join(memory, 'recovery');
}

/**
 * Keeps what tofu left in the folder of a stack, and what the store was given in vain, before anything else can happen to it.
 * What is kept already is not kept again, and what is cleared is removed from where tofu left it; so this may be asked at the end
 * of a run and at the beginning of the next.
 *
 * @param folder where tofu ran
 * @param unkept bytes that were to be written to the store and are not proved to be there
 * @returns the state with the highest serial of those that were kept now; undefined when there was nothing to keep
 * @throws Failure when it cannot be kept
 */
export function keepErroredState(
  state: StackState,
  folder: string,
  unkept?: Buffer,
): KeptState | undefined {
  const left = resolve(folder, ERRORED_STATE);
  const known = new Set(keptStates(state).map(({ hash }) => hash));
  const found = [
    ...(existsSync(left) ? [{ bytes: readFileSync(left), from: left }] : []),
    ...(unkept === undefined ? [] : [{ bytes: unkept, from: undefined }]),
  ];
  const kept = found
    .filter(({ bytes }, index) => {
      const hash = sha256(bytes);
      const isSecond = found.findIndex((one) => sha256(one.bytes) === hash) < index;
      return !known.has(hash) && !isSecond;
    })
    .map(({ bytes, from }) => keep(state, bytes, from));
  return kept.sort(byRank)[0];
}

/** The states of a stack that wait to be recovered, the one with the highest serial first. */
export function keptStates(state: StackState): KeptState[] {
  const folder = recoveryFolder(state);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.tfstate'))
    .map((name) => readKept(join(folder, name)))
    .sort(byRank);
}

/**
 * Takes a state out of those that wait. What a person discarded is put aside, so that a mistake can be mended; all others are
 * in the store.
 *
 * @returns where it is now; undefined when it is there no more
 */
export function clearKept(
  state: StackState,
  kept: KeptState,
  clearance: Clearance,
): string | undefined {
  const cleared = join(recoveryFolder(state), 'cleared');
  mkdirSync(cleared, { recursive: true, mode: 0o700 });
  const { hash, from, at: keptAt } = kept;
  const record = { hash, from, keptAt, clearance, at: new Date().toISOString() };
  writeDurably(join(cleared, `${basename(kept.file)}.json`), `${JSON.stringify(record)}\n`);
  const aside = clearance === 'discarded' ? join(cleared, basename(kept.file)) : undefined;
  if (aside === undefined) rmSync(kept.file);
  else renameSync(kept.file, aside);
  rmSync(`${kept.file}.json`, { force: true });
  if (from !== undefined && existsSync(from) && sha256(readFileSync(from)) === hash) rmSync(from);
  syncFolder(dirname(kept.file));
  return aside;
}

function keep(state: StackState, bytes: Buffer, from: string | undefined): KeptState {
  const hash = sha256(bytes);
  const at = new Date().toISOString();
  const name = `${at.replaceAll(/[-:]|\.\d+/g, '')}-${hash.slice(0, 12)}.tfstate`;
  const file = join(recoveryFolder(state), name);
  // The record first: a state without it is found as well, but a state has to be whole when its name is there.
  writeDurably(`${file}.json`, `${JSON.stringify({ hash, at, from })}\n`);
  writeDurably(file, bytes);
  return { file, hash, at, from, read: readState(bytes), bytes: () => readFileSync(file) };
}

function readKept(file: string): KeptState {
  const bytes = readFileSync(file);
  const record = existsSync(`${file}.json`) ? parse(`${file}.json`) : undefined;
  return {
    file,
    hash: sha256(bytes),
    at: asText(at(record, 'at')) ?? '',
    from: asText(at(record, 'from')),
    read: readState(bytes),
    bytes: () => readFileSync(file),
  };
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function byRank(one: KeptState, other: KeptState): number {
  const rank = ({ read }: KeptState) => (isState(read) ? read.serial : -1);
  return rank(other) - rank(one) || other.at.localeCompare(one.at);
}
