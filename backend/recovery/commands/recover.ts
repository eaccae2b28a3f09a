import { parseArgs } from 'node:util';
import { readSettings, settingsFile } from '../../../config/read-settings.ts';
import { EXIT, type ExitCode } from '../../../console/exit-code.ts';
import type { Printer } from '../../../console/printer.ts';
import { stackState } from '../../stack-state.ts';
import { onStack } from '../../tofu/commands/on-stack.ts';
import { takeRunLock } from '../../tofu/run-lock.ts';
import { confirmBy } from '../confirm.ts';
import { discardKept, recoverState } from '../recover.ts';
import { makeReady } from './make-ready.ts';
import { oneStack } from './one-stack.ts';

/**
 * `tofu-state-recover`: brings a state to the store that could not be written, or gives it up.
 *
 * @returns 0 when nothing waits any more, 1 when it was not confirmed, 2 when two histories do not fit, 4 when something else waits
 */
export async function recover(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { discard: { type: 'boolean' }, confirm: { type: 'string' } },
    allowPositionals: true,
  });
  const stack = oneStack(positionals);
  if (values.discard === true) {
    const state = stackState(stack, readSettings(settingsFile(environment)), environment);
    const lock = takeRunLock(state.work, `tofu-state-recover ${stack}`);
    try {
      return await discardKept({ state, printer, confirm: confirmBy(values.confirm, printer) });
    } finally {
      lock.release();
    }
  }
  const how = { recipe: 'tofu-state-recover', stack, printer, environment, recovers: true };
  return await onStack(how, async (session) => {
    const { state, progress, guarded } = session;
    const ready = await makeReady(session);
    if (ready !== EXIT.good) return ready;
    return await recoverState({
      state,
      tofu: guarded,
      printer: progress.printer,
      guard: (guard) => session.guard(guard),
    });
  });
}
