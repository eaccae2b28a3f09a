import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../console/failure.ts';
import { asText, at } from '../../policy/model/json.ts';
import type { StackState } from '../stack-state.ts';
import type { Store } from '../store/store-client.ts';
import { syncFolder, writeDurably } from './durable.ts';
import { FolderStore } from './folder-store.ts';

/** A state that was moved out of its store. */
export interface MovedState {
  /** When, in ISO 8601. */
  readonly at: string;
  readonly by: string;
  /** The lock in the store that keeps everybody else from the state that was left there; none where it has begun here. */
  readonly lockId?: string | undefined;
}

/**
 * The store of a state that was moved to this machine; undefined for one that is where the settings say. Everything that works on
 * a state uses this one in its place: gateway, witness and locks stay as they are.
 *
 * @throws Failure when it is not known where the state is
 */
export function localHome(state: StackState): Store | undefined {
  return movedState(state) === undefined ? undefined : localStore(state);
}

/** What is known of a move; undefined where the state is where the settings say. */
export function movedState(state: StackState): MovedState | undefined {
  const file = markerOf(state);
  if (!existsSync(file)) return undefined;
  const marker = parse(file);
  const [when, by, lockId] = [at(marker, 'at'), at(marker, 'by'), at(marker, 'lockId')].map(asText);
  if (when !== undefined && by !== undefined) return { at: when, by, lockId };
  throw new Failure(
    `${file} is to say where the state of ${state.stack} is, and cannot be read\n    the state is in ${folderOf(state)} if it was moved, and in ${state.bucket}/${state.key} if not`,
  );
}

/** The store on this machine, whether it is in use or not. */
export function localStore(state: StackState): Store {
  return new FolderStore(folderOf(state), state.bucket);
}

/** From now on the state is on this machine. */
export function markMoved(state: StackState, moved: MovedState): void {
  writeDurably(markerOf(state), `${JSON.stringify(moved)}\n`);
}

/**
 * From now on the state is where the settings say.
 *
 * @returns the file with a copy of what was here: the store may lose it yet
 */
export function markReturned(state: StackState): string {
  const local = join(state.memory, 'local');
  const aside = join(local, 'returned.tfstate');
  writeDurably(aside, readFileSync(join(folderOf(state), encodeURIComponent(state.key))));
  rmSync(markerOf(state), { force: true });
  syncFolder(local);
  rmSync(folderOf(state), { recursive: true, force: true });
  return aside;
}

function folderOf({ memory }: StackState): string {
  return join(memory, 'local', 'objects');
}

function markerOf({ memory }: StackState): string {
  return join(memory, 'local', 'moved.json');
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
