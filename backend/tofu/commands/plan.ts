import { EXIT, type ExitCode } from '../../../console/exit-code.ts';
import { Failure } from '../../../console/failure.ts';
import type { Printer } from '../../../console/printer.ts';
import { initialize } from '../initialize.ts';
import { driverOptions } from '../options.ts';
import { makePlan } from '../plan-run.ts';
import { onStack } from './on-stack.ts';

/**
 * `tofu-plan`: proves the store, then plans under the lock of the state and keeps the plan.
 *
 * @returns 0 with or without changes
 */
export async function plan(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const options = driverOptions(args, [
    'json',
    'first-run',
    'deadline',
    'target',
    'replace',
    'refresh-only',
  ]);
  const { stack, json, firstRun, passed, deadlineMs } = options;
  if (passed.includes('-refresh-only') && passed.some((each) => each.startsWith('-replace'))) {
    throw new Failure('--refresh-only replaces nothing: leave one of the two out', EXIT.usage);
  }
  return await onStack(
    { recipe: 'tofu-plan', stack, printer, environment, json },
    async (session) => {
      await session.guard({ firstRun, writes: false });
      const ready = await initialize(session, { firstRun });
      if (ready !== EXIT.good) return ready;
      const code = await makePlan(session, { firstRun, passed, deadlineMs });
      if (code !== EXIT.good) return code;
      session.progress.printer.result(
        `${stack}: ${session.progress.says}; just tofu-apply ${stack} applies this plan and no other`,
      );
      return EXIT.good;
    },
  );
}
