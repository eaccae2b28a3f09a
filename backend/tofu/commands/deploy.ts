import { EXIT, type ExitCode } from '../../../console/exit-code.ts';
import type { Printer } from '../../../console/printer.ts';
import { initialize } from '../initialize.ts';
import { driverOptions } from '../options.ts';
import { applyPlan, makePlan, verify } from '../plan-run.ts';
import { onStack } from './on-stack.ts';

/**
 * `tofu-deploy`: proves the store, plans, applies that plan, and plans once more to see that nothing is left to do.
 *
 * @returns 0 when nothing is left, 3 when the second plan has still something to do
 */
export async function deploy(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const { stack, json, firstRun, deadlineMs } = driverOptions(args, [
    'json',
    'first-run',
    'deadline',
  ]);
  return await onStack(
    { recipe: 'tofu-deploy', stack, printer, environment, json },
    async (session) => {
      await session.guard({ firstRun, writes: true });
      const steps = [
        () => initialize(session, { firstRun }),
        () => makePlan(session, { firstRun }),
        () => applyPlan(session, { deadlineMs }),
        () => verify(session),
      ];
      for (const step of steps) {
        const code = await step();
        if (code !== EXIT.good) return code;
      }
      session.progress.printer.result(`${stack} is deployed: a second plan has nothing to do`);
      return EXIT.good;
    },
  );
}
