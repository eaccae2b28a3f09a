import { join } from 'node:path';
import { EXIT, type ExitCode } from '../../../console/exit-code.ts';
import { Failure } from '../../../console/failure.ts';
import type { Printer } from '../../../console/printer.ts';
import { runPreflight } from '../../preflight/command.ts';
import { ensure } from '../../secrets/command.ts';
import type { StackName } from '../../stack-order.ts';
import type { Ground } from './ground.ts';
import type { Watch } from './stack-run.ts';

/** What is done with a stack, in order. */
export const STAGES = ['secrets', 'preflight', 'init', 'plan', 'apply', 'plan again'] as const;

/** What came of one stack. */
export interface RehearsedStack {
  readonly stack: StackName;
  /** Seconds of each stage. */
  readonly seconds: Readonly<Record<(typeof STAGES)[number], number>>;
  /** How many resources were made. */
  readonly resources: number;
  /** True when a second plan finds nothing to do. */
  readonly settled: boolean;
}

/**
 * Takes one stack from nothing to applied, as an operator does: by the same commands, with no more rights.
 *
 * @throws Failure in the words of the stage that fails
 */
export async function rehearseStack(
  ground: Ground,
  stack: StackName,
  watch: Watch,
): Promise<RehearsedStack> {
  const { environment, folder } = ground;
  const run = ground.stacks[stack];
  const aside = new Map<string, number>();
  const command = async (step: string, work: (printer: Printer) => Promise<ExitCode>) => {
    watch.signal?.throwIfAborted();
    watch.onStep?.(stack, step);
    const startedAt = performance.now();
    await succeed(`${stack} ${step}`, work);
    aside.set(step, (performance.now() - startedAt) / 1000);
  };
  const given = [stack, '--from', join(folder, 'given')];
  await command('secrets', (printer) => ensure(given, printer, environment));
  await command('preflight', (printer) => runPreflight([stack], printer, environment));
  await run.init();
  const { added } = await run.apply();
  const settled = (await run.planAgain()) === EXIT.good;
  const taken = [
    ...aside,
    ...run.timings.map(({ step, seconds }): [string, number] => [step, seconds]),
  ];
  const seconds = Object.fromEntries(taken) as RehearsedStack['seconds'];
  return { stack, seconds, resources: added, settled };
}

/** Runs a command of ours; what it says is told only when it fails. */
async function succeed(
  title: string,
  work: (printer: Printer) => Promise<ExitCode>,
): Promise<void> {
  const problems: string[] = [];
  const code = await work({ result: () => {}, problem: (line) => void problems.push(line) });
  if (code !== EXIT.good) throw new Failure([`${title}:`, ...problems].join('\n    '), code);
}
