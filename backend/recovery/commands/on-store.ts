import { readSettings, settingsFile } from '../../../config/read-settings.ts';
import type { Settings } from '../../../config/settings.ts';
import type { Printer } from '../../../console/printer.ts';
import { type StackState, stackState } from '../../stack-state.ts';
import type { Store } from '../../store/store-client.ts';
import { takeRunLock } from '../../tofu/run-lock.ts';
import { openWitness, type StateWitness } from '../../witness/open-witness.ts';
import { whoRuns } from '../../witness/who-runs.ts';
import { openHome } from '../open-home.ts';
import { RunNotes } from '../run-notes.ts';
import { localHome } from '../state-home.ts';
import { lockOf } from '../store-lock.ts';

/** A stack with its store, for what is done to its state without tofu. */
export interface OnStore {
  readonly state: StackState;
  readonly store: Store;
  readonly witness: StateWitness;
  readonly printer: Printer;
  readonly by: string;
  /** What runs tell each other beyond their machines. */
  readonly runs: RunNotes;
}

/** How the store of a stack is opened. */
export interface OnStoreHow {
  readonly recipe: string;
  readonly stack: string;
  readonly printer: Printer;
  readonly environment: NodeJS.ProcessEnv;
  /** The store that the settings name, although the state was moved out of it. @default false */
  readonly declared?: boolean;
  /** The work recovers what others must wait for. @default false */
  readonly recovers?: boolean;
}

/** Opens the store and the witness of a stack, does the work, and closes them. One run of a stack at a time, as with tofu. */
export async function onStore<T>(how: OnStoreHow, work: (on: OnStore) => Promise<T>): Promise<T> {
  const { stack, environment, declared = false } = how;
  const settings = readSettings(settingsFile(environment));
  const state = stackState(stack, settings, environment);
  const moved = declared ? undefined : localHome(state);
  const home = await openHome(moved, settings, environment);
  try {
    return await withHome(how, { settings, state, store: home.store }, work);
  } finally {
    await home.close();
  }
}

async function withHome<T>(
  { recipe, stack, printer, environment, recovers = false }: OnStoreHow,
  { settings, state, store }: Pick<OnStore, 'state' | 'store'> & { readonly settings: Settings },
  work: (on: OnStore) => Promise<T>,
): Promise<T> {
  const lock = takeRunLock(state.work, `${recipe} ${stack}`);
  try {
    const witness = await openWitness(state, { settings, environment });
    const by = whoRuns(environment);
    const runs = new RunNotes({
      state,
      board: witness.board,
      by,
      recovers,
      tell: (line) => printer.problem(line),
      lock: () => lockOf(store, state),
    });
    const done = await work({ state, store, witness, printer, by, runs });
    for (const note of witness.notes) printer.problem(note);
    return done;
  } finally {
    lock.release();
  }
}
