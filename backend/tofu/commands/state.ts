import { EXIT, type ExitCode } from '../../../console/exit-code.ts';
import { Failure } from '../../../console/failure.ts';
import type { Printer } from '../../../console/printer.ts';
import { initialize } from '../initialize.ts';
import { driverOptions } from '../options.ts';
import { onStack } from './on-stack.ts';

/** What can be asked of a state, and how many words follow. */
const QUESTIONS: Readonly<Record<string, readonly [number, number]>> = {
  list: [0, 64],
  show: [1, 1],
  pull: [0, 0],
};

/**
 * `tofu-state`: lists what a state holds, shows one resource of it, or prints it whole.
 *
 * @returns 0 when the state was read and proved
 */
export async function state(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const { stack, words } = driverOptions(args, [], 65);
  const [question = '', ...more] = words;
  const [least, most] = QUESTIONS[question] ?? [0, -1];
  if (more.length < least || more.length > most) {
    throw new Failure('ask for list, show <address> or pull', EXIT.usage);
  }
  return await onStack(
    { recipe: 'tofu-state', stack, printer, environment, shared: true },
    async (session) => {
      const ready = await initialize(session, { firstRun: false });
      if (ready !== EXIT.good) return ready;
      return (await session.run(['state', question, ...more], { declaration: {} })).exitCode;
    },
  );
}
