import { parseArgs } from 'node:util';
import { readSettings, settingsFile } from '../../config/read-settings.ts';
import { EXIT, type ExitCode, gravest } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import { currentStacks } from '../../operations/synthesized-stacks.ts';
import { type ClusterInReach, clusterInReach } from '../rustfs/cluster-in-reach.ts';
import { collectStatus } from './collect.ts';
import { judgeStatus, type StackStatus } from './judge.ts';

const OPTIONS = { json: { type: 'boolean' } } as const;

/**
 * `status`: shows each stack as it is declared, as its state has it, and as it lives, side by side and in this order: the code is
 * what is wanted, the state is the authority on what is managed, and the cluster is what is seen. It only reads.
 *
 * @returns 0 when the three agree, 2 when they do not, 1 when one of them is not known
 */
export async function status(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: OPTIONS,
    allowPositionals: true,
  });
  const settings = readSettings(settingsFile(environment));
  const stacks = currentStacks(positionals, environment);
  const cluster = await inReach(() => clusterInReach(settings, environment));
  const statuses: StackStatus[] = [];
  for (const stack of stacks) {
    const judged = judgeStatus(await collectStatus(stack, { settings, environment, cluster }));
    statuses.push(judged);
    if (values.json !== true) for (const line of lines(judged)) printer.result(line);
  }
  const exitCode = gravest(statuses.map((each) => each.exitCode));
  if (values.json === true) {
    printer.result(JSON.stringify({ exitCode, stacks: statuses }, undefined, 2));
  } else if (exitCode === EXIT.good) {
    printer.result('what fields an object has by itself is another question: just drift <stack>');
  }
  return exitCode;
}

async function inReach(ask: () => Promise<ClusterInReach>): Promise<ClusterInReach | Failure> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

const WIDTH = 'declared'.length + 2;

function lines({ stack, lines: places }: StackStatus): string[] {
  const indent = ' '.repeat(WIDTH + 2);
  return [
    stack,
    ...places.flatMap(({ place, text, details }) => [
      `  ${place.padEnd(WIDTH)}${text}`,
      ...details.map((detail) => `${indent}${detail}`),
    ]),
  ];
}
