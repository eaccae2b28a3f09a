import { EXIT, type ExitCode } from '../../../console/exit-code.ts';
import type { Printer } from '../../../console/printer.ts';
import { initialize } from '../initialize.ts';
import { driverOptions } from '../options.ts';
import { applyPlan, requireSavedPlan } from '../plan-run.ts';
import { onStack } from './on-stack.ts';

/**
 * `tofu-apply`: proves the store, then applies the saved plan and no other.
 *
 * @returns 0 when it is applied and the state is proved to be kept, 2 when the plan is outdated
 */
export async function apply(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const { stack, json, deadlineMs } = driverOptions(args, ['json', 'deadline']);
  return await onStack(
    { recipe: 'tofu-apply', stack, printer, environment, json },
    async (session) => {
      const { firstRun } = await requireSavedPlan(session);
      await session.guard({ firstRun, writes: true });
      const ready = await initialize(session, { firstRun });
      return ready === EXIT.good ? await applyPlan(session, { deadlineMs }) : ready;
    },
  );
}
