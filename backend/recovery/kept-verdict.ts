import { isState, type StateFacts } from '../state/state-document.ts';
import type { Clearance, KeptState } from './errored-state.ts';
import { differenceOf, holdSame, parsedState, type StateDifference } from './state-difference.ts';
import type { StoredState } from './stored-state.ts';

/** How a state that was kept stands to the one in the store, and what follows. */
export type KeptVerdict =
  | { readonly kind: 'push'; readonly clearance: 'pushed'; readonly lines: readonly string[] }
  | { readonly kind: 'clear'; readonly clearance: Clearance; readonly lines: readonly string[] }
  | {
      readonly kind: 'conflict';
      readonly lines: readonly string[];
      /** What a person can do, with the commands. */
      readonly ways: (stack: string) => readonly string[];
    };

type Present = Extract<StoredState, { kind: 'state' }>;

/** Compares serial, lineage and resources. Only what surely loses nothing is pushed or cleared. */
export function judgeKept(kept: KeptState, stored: StoredState): KeptVerdict {
  const { read } = kept;
  if (!isState(read)) {
    const lines = [`${kept.file} is no state: the body ${read.because}`];
    return { kind: 'conflict', lines, ways: waysOfUnreadable };
  }
  const mine = parsedState(kept.bytes());
  const heads = headLines(kept, read, stored);
  if (stored.kind === 'none') return { kind: 'push', clearance: 'pushed', lines: heads };
  const difference = mine === undefined ? undefined : differenceOf(mine, stored.document);
  const lines = [...heads, ...differenceLines(difference)];
  if (stored.lineage !== read.lineage) return { kind: 'conflict', lines, ways: waysOfLineage };
  if (read.serial > stored.serial) return { kind: 'push', clearance: 'pushed', lines };
  return laterStore(read, stored, difference, lines);
}

/** The store has the same serial, or a higher one. */
function laterStore(
  read: StateFacts,
  stored: Present,
  difference: StateDifference | undefined,
  lines: readonly string[],
): KeptVerdict {
  if (difference === undefined) return { kind: 'conflict', lines, ways: waysOfFork };
  if (holdSame(difference)) {
    const why = 'the store holds the same already';
    return { kind: 'clear', clearance: 'there already', lines: [...lines, why] };
  }
  if (stored.serial > read.serial && difference.onlyFirst.length === 0) {
    const why = 'the store has gone on, and knows every resource of the state that was kept';
    return { kind: 'clear', clearance: 'superseded', lines: [...lines, why] };
  }
  return { kind: 'conflict', lines, ways: waysOfFork };
}

function headLines(kept: KeptState, read: StateFacts, stored: StoredState): string[] {
  const inStore =
    stored.kind === 'none' ? 'no state' : `serial ${stored.serial} of lineage ${stored.lineage}`;
  return [
    `kept      serial ${read.serial} of lineage ${read.lineage}, SHA-256 ${kept.hash}, since ${kept.at}`,
    `in store  ${inStore}`,
  ];
}

function differenceLines(difference: StateDifference | undefined): string[] {
  if (difference === undefined) return ['what they hold is encrypted, and was not compared'];
  const { onlyFirst, onlySecond, changed, outputs } = difference;
  const rows = [
    ['only in the kept one', onlyFirst],
    ['only in the store', onlySecond],
    ['not the same', changed],
    ['outputs that are not the same', outputs],
  ] as const;
  return rows.flatMap(([title, names]) =>
    names.length === 0 ? [] : [`${title}: ${names.length}`, ...names.map((name) => `    ${name}`)],
  );
}

function waysOfUnreadable(stack: string): string[] {
  return [
    'it cannot be pushed; look at it, and mend it or give it up:',
    `    just tofu-state-recover ${stack} --discard`,
  ];
}

function waysOfLineage(stack: string): string[] {
  return [
    'they are two histories, and nothing was pushed. Either the store has the right one:',
    `    just tofu-state-recover ${stack} --discard`,
    'or the kept one is right, and becomes the truth with its serial and lineage:',
    `    just tofu-state-accept ${stack} --serial N --lineage L --from <the kept file>`,
  ];
}

function waysOfFork(stack: string): string[] {
  return [
    'somebody has written another state meanwhile, and nothing was pushed. What only the kept one knows is taken in by',
    `    just tofu-state-adopt ${stack}`,
    'and after that, or if nothing of it is wanted, it is given up by',
    `    just tofu-state-recover ${stack} --discard`,
  ];
}
