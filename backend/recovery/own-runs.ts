import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { StackState } from '../stack-state.ts';
import { notesText, type RunNote, readNotes } from '../witness/run-note.ts';
import { writeDurably } from './durable.ts';
import { recoveryFolder } from './errored-state.ts';

const SUFFIX = '.run';

/** What this memory knows of a run by its id: that it was begun from here, and has ended with nothing left. */
export type OwnRun = 'begun' | 'ended';

/**
 * Keeps that a run begins. It lies with what waits to be recovered, and goes with it into a bundle: where that is brought to, the
 * run is known as well.
 *
 * @throws Failure when it cannot be kept
 */
export function keepBegun(state: StackState, note: RunNote): void {
  writeDurably(begunFile(state, note.run), notesText(state.stack, [note]) ?? '');
}

/**
 * Keeps that a run has ended and nothing of it waits, for a later one that finds its note.
 *
 * @throws Failure when it cannot be kept
 */
export function keepEnded(state: StackState, run: string): void {
  writeDurably(endedFile(state, run), '');
  rmSync(begunFile(state, run), { force: true });
}

/** Forgets a run whose note is gone. */
export function forgetRun(state: StackState, run: string): void {
  rmSync(begunFile(state, run), { force: true });
  rmSync(endedFile(state, run), { force: true });
}

/** What is known here of a run; undefined for one of another memory. */
export function ownRun(state: StackState, run: string): OwnRun | undefined {
  if (existsSync(endedFile(state, run))) return 'ended';
  return existsSync(begunFile(state, run)) ? 'begun' : undefined;
}

/** The runs that were begun from here and not forgotten. */
export function begunRuns(state: StackState): RunNote[] {
  const folder = recoveryFolder(state);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(SUFFIX))
    .flatMap((name) => readNotes(state.stack, readFileSync(join(folder, name), 'utf8')) ?? []);
}

function begunFile(state: StackState, run: string): string {
  return join(recoveryFolder(state), `${run}${SUFFIX}`);
}

function endedFile({ memory }: StackState, run: string): string {
  return join(memory, 'ended-runs', run);
}
