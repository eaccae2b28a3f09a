import { EXIT, type ExitCode } from '../../../console/exit-code.ts';
import { Failure } from '../../../console/failure.ts';
import type { Printer } from '../../../console/printer.ts';
import { confirmBy } from '../../recovery/confirm.ts';
import type { StackState } from '../../stack-state.ts';
import { initialize } from '../initialize.ts';
import { driverOptions } from '../options.ts';
import { applyPlan, makePlan } from '../plan-run.ts';
import { onStack } from './on-stack.ts';

/**
 * `tofu-destroy`: proves the store, plans the end of a stack, and applies that plan when the name of the stack was typed.
 *
 * @returns 0 when it is gone, 1 when it was not confirmed
 */
export async function destroy(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const { stack, json, deadlineMs, confirm } = driverOptions(args, ['json', 'deadline', 'confirm']);
  return await onStack(
    { recipe: 'tofu-destroy', stack, printer, environment, json },
    async (session) => {
      refuseOwnStore(session.state);
      await session.guard({ firstRun: false, writes: true });
      for (const step of [
        () => initialize(session, { firstRun: false }),
        () => makePlan(session, { firstRun: false, passed: ['-destroy'] }),
      ]) {
        const code = await step();
        if (code !== EXIT.good) return code;
      }
      const asks = confirmBy(confirm, session.progress.printer);
      if (!(await asks.named(stack))) return EXIT.unknown;
      return await applyPlan(session, { deadlineMs });
    },
  );
}

/** With the store, the state that is to be written last would go. */
export function refuseOwnStore({ stack, holdsOwnStore }: StackState): void {
  if (!holdsOwnStore) return;
  throw new Failure(
    `${stack} holds the store of its own state, which would go with it while it is still to be written\n    run just tofu-state-move ${stack} --to local first`,
    EXIT.bad,
  );
}
