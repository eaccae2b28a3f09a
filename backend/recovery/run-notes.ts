import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { StackState } from '../stack-state.ts';
import { type Posted, type RunBoard, unreadable } from '../witness/run-board.ts';
import type { RunNote, Waiting } from '../witness/run-note.ts';
import { startedAt } from './living-process.ts';
import { begunRuns, forgetRun, keepBegun, keepEnded, ownRun } from './own-runs.ts';
import { waitsHere } from './pending.ts';
import { goesOnHere, noteLines, waitsElsewhere } from './run-note-text.ts';
import type { LockInfo } from './store-lock.ts';

/** What the notes of a stack stand on. */
export interface RunNotesOptions {
  readonly state: StackState;
  readonly board: RunBoard;
  readonly by: string;
  /** The run recovers what others must wait for. */
  readonly recovers: boolean;
  /** Tells a person what is not as it should be, and stops nothing. */
  tell(line: string): void;
  /** Who holds the lock of the state. Asked only where a note is found. */
  lock(): Promise<LockInfo | undefined>;
}

/** A run whose note was left. */
export interface AnnouncedRun {
  /** Says how it ended. Without anything that waits, its note goes; never throws for a cluster that does not take it. */
  end(waits: readonly Waiting[]): Promise<void>;
}

const UNSEEN: AnnouncedRun = { end: async () => {} };

/**
 * What waits to be recovered, known beyond the machine where it lies: a run that may write a state leaves a note in the cluster,
 * and takes it away when nothing is left. Without a cluster at hand nothing of this is done.
 */
export class RunNotes {
  private readonly options: RunNotesOptions;

  constructor(options: RunNotesOptions) {
    this.options = options;
  }

  /**
   * Refuses to go on where a run that is not known here goes on, or has left something. Notes of runs of this memory that have
   * ended and left nothing are taken away.
   *
   * @throws Failure with the code 4, and 1 where a note cannot be read
   */
  async requireNothingElsewhere(): Promise<void> {
    const { state } = this.options;
    const notes = await this.look();
    if (notes.length === 0) return;
    const lock = await this.lockIfTold();
    const over = notes.filter((note) => this.isOver(note) || isUnlocked(note, lock));
    if (over.length > 0) await this.tryToClear(over);
    const rest = notes.filter((note) => !over.includes(note));
    if (rest.length > 0) throw waitsElsewhere(state.stack, rest, lock?.held);
  }

  /**
   * Leaves a note before a run that may write the state.
   *
   * @param what the run does, such as `apply`
   * @throws Failure with the code 4 when another run was faster
   */
  async announce(what: string): Promise<AnnouncedRun> {
    const { state, board, by, recovers } = this.options;
    if (!(await board.isAtHand())) return UNSEEN;
    const started = startedAt(process.pid);
    const note: RunNote = {
      run: randomUUID(),
      what,
      by,
      at: new Date().toISOString(),
      host: hostname(),
      pid: process.pid,
      ...(started === undefined ? {} : { started }),
      memory: state.memory,
      waits: [],
    };
    try {
      keepBegun(state, note);
      await board.change((notes) => {
        const others = notes.filter((one) => !this.isOver(one));
        if (others.length > 0 && !recovers) throw waitsElsewhere(state.stack, others, undefined);
        return [...others, note];
      });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.exitCode === EXIT.pending) {
        forgetRun(state, note.run);
        throw error;
      }
      this.options.tell(
        `what this run might leave is known on this machine alone: ${error.message}`,
      );
    }
    return { end: (waits) => this.end(note, waits) };
  }

  /** The notes of all runs; those that go on in another process of this machine refuse what recovers. */
  async requireQuiet(): Promise<readonly RunNote[]> {
    const { state } = this.options;
    const notes = await this.look();
    const living = notes.filter((note) => goesOnHere(note) && ownRun(state, note.run) !== 'ended');
    if (living.length > 0) throw waitsElsewhere(state.stack, living, undefined);
    return notes;
  }

  /** Those of some notes that no run of this memory has left. */
  ofOthers(notes: readonly RunNote[]): RunNote[] {
    return notes.filter(({ run }) => ownRun(this.options.state, run) === undefined);
  }

  /** Why somebody who has nothing to recover here does not go on either. */
  async elsewhere(notes: readonly RunNote[]): Promise<Failure> {
    const lock = await this.lockIfTold();
    return waitsElsewhere(this.options.state.stack, notes, lock?.held);
  }

  /**
   * Takes notes away because nothing of their runs waits any more.
   *
   * @returns false where the cluster does not take it; then that is told, and remembered here for the next run
   */
  async clear(notes: readonly RunNote[]): Promise<boolean> {
    return notes.length === 0 || (await this.tryToClear(notes));
  }

  /** What was seen of other runs on the way, for one that only reads. Asks nobody. */
  seenLines(): string[] {
    const { state, board } = this.options;
    const posted = board.seen();
    if (posted.kind !== 'read') return [];
    const others = posted.notes.filter((note) => !this.isOver(note));
    return others.map((note) => `${state.stack}: ${noteLines(note).join('\n')}`);
  }

  private async look(): Promise<readonly RunNote[]> {
    const { state, board, recovers, tell } = this.options;
    const posted: Posted = await board.look();
    if (posted.kind === 'read') {
      this.forgetGone(posted.notes);
      return posted.notes;
    }
    if (posted.kind === 'unreadable' && !recovers) throw unreadable(state.stack, posted.because);
    if (posted.kind !== 'not-at-hand') {
      tell(`whether another run has left something is not known: ${posted.because}`);
    }
    return [];
  }

  private async end(note: RunNote, waits: readonly Waiting[]): Promise<void> {
    if (waits.length === 0) {
      await this.tryToClear([note]);
      return;
    }
    try {
      await this.options.board.change((notes) => [
        ...notes.filter(({ run }) => run !== note.run),
        { ...note, waits },
      ]);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.options.tell(`what waits here is not told in the cluster: ${error.message}`);
    }
  }

  private async tryToClear(gone: readonly RunNote[]): Promise<boolean> {
    const { state, board, tell } = this.options;
    const runs = new Set(gone.map(({ run }) => run));
    try {
      await board.change((notes) => notes.filter(({ run }) => !runs.has(run)));
      for (const run of runs) forgetRun(state, run);
      return true;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      for (const run of runs) keepEnded(state, run);
      tell(
        `the note that ${state.stack} is worked on could not be taken away: ${error.message}\n    the next run of ${state.stack} on this machine takes it away; from another one: just tofu-state-recover ${state.stack} --discard`,
      );
      return false;
    }
  }

  /** True for a run of this memory that has ended, and of which nothing waits here. */
  private isOver(note: RunNote): boolean {
    const { state } = this.options;
    const own = ownRun(state, note.run);
    if (own === 'ended') return true;
    if (own === undefined || goesOnHere(note)) return false;
    // What it said that waits has to be seen to be recovered; only a lock tells of itself.
    const isTold = note.waits.every(({ kind }) => kind === 'lock');
    return isTold && !waitsHere(state);
  }

  /** Whose note is gone was cleared by somebody else. */
  private forgetGone(notes: readonly RunNote[]): void {
    const { state } = this.options;
    const posted = new Set(notes.map(({ run }) => run));
    for (const note of begunRuns(state)) {
      if (!posted.has(note.run) && !goesOnHere(note)) forgetRun(state, note.run);
    }
  }

  private async lockIfTold(): Promise<KnownLock | undefined> {
    try {
      return { held: await this.options.lock() };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return undefined;
    }
  }
}

/** What the store says of the lock; undefined where it does not say. */
interface KnownLock {
  readonly held: LockInfo | undefined;
}

/** True for a run that has left nothing but its lock, when that is gone. */
function isUnlocked({ waits }: RunNote, lock: KnownLock | undefined): boolean {
  if (lock === undefined || waits.length === 0) return false;
  return waits.every(({ kind, where }) => kind === 'lock' && where !== lock.held?.id);
}
