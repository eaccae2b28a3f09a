import { readSettings, settingsFile } from '../../config/read-settings.ts';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import type { Printer } from '../../console/printer.ts';
import { lookArguments } from '../../operations/stack-argument.ts';
import { noteLines } from '../recovery/run-note-text.ts';
import { stackState } from '../stack-state.ts';
import { type HalfReport, lookAtWitness } from './open-witness.ts';
import type { Told } from './run-board.ts';
import type { StateMark } from './state-mark.ts';
import type { Memory } from './witness.ts';
import type { HalfMemory } from './witness-half.ts';

/**
 * Says what the witness remembers of a stack, half by half, and changes nothing.
 *
 * @returns 0 when it remembers a state or has never seen one, 1 when that is not known, 2 when its halves contradict each other
 */
export async function showWitness(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const { name, json } = lookArguments(args, 'whose witness is asked');
  const settings = readSettings(settingsFile(environment));
  const state = stackState(name, settings, environment);
  const witness = lookAtWitness(state, { settings, environment });
  const { memory, halves } = await witness.inspect(state.stack);
  const runs = witness.board.seen();
  if (json) {
    printer.result(JSON.stringify({ stack: state.stack, memory, halves, runs }, undefined, 2));
  } else {
    print(state.stack, { memory, halves }, printer);
    for (const line of runLines(runs)) printer.problem(`${state.stack}: ${line}`);
  }
  return EXIT_CODES[memory.kind];
}

const EXIT_CODES = {
  remembers: EXIT.good,
  'never-seen': EXIT.good,
  unknown: EXIT.unknown,
  contradiction: EXIT.bad,
} as const satisfies Record<Memory['kind'], ExitCode>;

function print(
  stack: string,
  { memory, halves }: { readonly memory: Memory; readonly halves: readonly HalfReport[] },
  printer: Printer,
): void {
  const width = Math.max(...halves.map(({ name }) => name.length));
  const lead = ' '.repeat(width + 2);
  for (const half of halves) {
    printer.result(`${half.name.padEnd(width)}  ${half.place}`);
    for (const line of halfLines(half.memory)) printer.result(`${lead}${line}`);
  }
  const isProblem = memory.kind === 'contradiction' || memory.kind === 'unknown';
  const line = `${stack}: ${conclusionOf(memory)}`;
  if (!isProblem) {
    printer.result(line);
    return;
  }
  printer.problem(line);
  if (memory.kind === 'contradiction') {
    printer.problem(
      `    find out which history is the true one, and then: just tofu-state-accept ${stack} --serial N --lineage L`,
    );
  }
}

/** What runs have left that have not ended, or of which something waits. */
function runLines(told: Told): string[] {
  if (told.kind !== 'read') return [told.because];
  return told.notes.map((note) => noteLines(note).join('\n'));
}

function halfLines(memory: HalfMemory): string[] {
  if (memory.kind === 'never-seen') return ['has never seen a state of this stack'];
  if (memory.kind !== 'remembers') return [`not known: ${memory.because}`];
  const { mark, accepted } = memory.record;
  return [
    ...markLines(mark),
    ...(accepted === 0 ? [] : [`accepted  by hand over what was remembered (${accepted})`]),
  ];
}

function markLines({ lineage, serial, hash, at, by }: StateMark): string[] {
  return [
    `serial    ${serial}`,
    `lineage   ${lineage}`,
    `sha256    ${hash}`,
    `proved    ${at} by ${by}`,
  ];
}

function conclusionOf(memory: Memory): string {
  switch (memory.kind) {
    case 'remembers':
      return `serial ${memory.mark.serial} is the last that was proved`;
    case 'never-seen':
      return 'no state was ever proved';
    default:
      return `${memory.kind === 'unknown' ? 'not known' : 'contradiction'}: ${memory.because}`;
  }
}
