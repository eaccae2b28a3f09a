import { EXIT, type ExitCode } from '../../../console/exit-code.ts';
import type { Printer } from '../../../console/printer.ts';
import { initialize } from '../initialize.ts';
import { driverOptions } from '../options.ts';
import { onStack } from './on-stack.ts';

/**
 * `tofu-output`: prints the outputs of a stack, or one of them. With `--json` it is what tofu prints as JSON.
 *
 * @returns 0 when the state was read and proved
 */
export async function output(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const { stack, words, json } = driverOptions(args, ['json'], 1);
  return await onStack(
    { recipe: 'tofu-output', stack, printer, environment, shared: true },
    async (session) => {
      const ready = await initialize(session, { firstRun: false });
      if (ready !== EXIT.good) return ready;
      const said = ['output', '-no-color', ...(json ? ['-json'] : []), ...words];
      return (await session.run(said, { declaration: {} })).exitCode;
    },
  );
}
