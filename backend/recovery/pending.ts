import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { StackState } from '../stack-state.ts';
import { isState } from '../state/state-document.ts';
import { type KeptState, keptStates } from './errored-state.ts';
import { creationsIn, type LeftJournal, pendingJournals } from './left-journal.ts';

/**
 * Refuses to go on where something of an earlier run has to be recovered first. All of it is named, with the command for each.
 *
 * @throws Failure with the code 4
 */
export function requireNothingPending(state: StackState): void {
  const { stack } = state;
  const lines = [
    ...keptStates(state).flatMap((kept) => keptLines(stack, kept)),
    ...pendingJournals(state).flatMap((journal) => journalLines(stack, journal)),
  ];
  if (lines.length === 0) return;
  throw new Failure(
    [`${stack} has to be recovered before anything else is done to it`, ...lines].join('\n'),
    EXIT.pending,
  );
}

/** True when something of an earlier run lies on this machine and has to be recovered. */
export function waitsHere(state: StackState): boolean {
  return keptStates(state).length + pendingJournals(state).length > 0;
}

function keptLines(stack: string, { file, hash, at, read }: KeptState): string[] {
  const says = isState(read)
    ? `serial ${read.serial} of lineage ${read.lineage}, ${countOf(read.instances)}`
    : `it cannot be read: the body ${read.because}`;
  return [
    `    a state that the store is not proved to have: ${says}`,
    `        it is ${file}, kept ${at}, SHA-256 ${hash}`,
    `        run just tofu-state-recover ${stack}`,
  ];
}

function journalLines(stack: string, { file, begun, writer, entries }: LeftJournal): string[] {
  const since = begun ?? 'an unknown time';
  if (writer !== undefined) {
    return [
      `    a run since ${since} that is still under way, in process ${writer}`,
      '        wait until it has ended, or interrupt it with Ctrl-C there',
    ];
  }
  const creations = creationsIn([{ file, begun, writer, entries }]);
  const made = creations.filter(({ how }) => how === 'made').length;
  const open = creations.filter(({ how }) => how === 'under way').length;
  const were = (count: number) => `${count} ${count === 1 ? 'was' : 'were'}`;
  return [
    `    a run of ${since} whose tofu was killed: ${made} resources were made, and ${were(open)} under way`,
    `        what was kept of them is ${file}`,
    `        run just tofu-state-adopt ${stack}`,
  ];
}

function countOf(instances: number | undefined): string {
  return instances === undefined ? 'encrypted' : `${instances} resources`;
}
