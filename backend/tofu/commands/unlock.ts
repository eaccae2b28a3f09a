import { EXIT, type ExitCode } from '../../../console/exit-code.ts';
import { Failure } from '../../../console/failure.ts';
import type { Printer } from '../../../console/printer.ts';
import { confirmBy } from '../../recovery/confirm.ts';
import { lockOf } from '../../recovery/store-lock.ts';
import { initialize } from '../initialize.ts';
import { driverOptions } from '../options.ts';
import { onStack } from './on-stack.ts';

/**
 * `tofu-unlock`: removes the lock of somebody else, by its exact id, when the name of the stack was typed.
 *
 * @returns 0 when it is gone, 1 when it was not confirmed, 2 when the lock is another one or there is none
 */
export async function unlock(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const { stack, words, confirm } = driverOptions(args, ['confirm'], 1);
  const [id] = words;
  if (id === undefined) throw new Failure('name the lock by its id', EXIT.usage);
  const how = { recipe: 'tofu-unlock', stack, printer, environment, recovers: true };
  return await onStack(how, async (session) => {
    const { store, state, progress } = session;
    const lock = await lockOf(store, state);
    if (lock?.id !== id) {
      const instead =
        lock === undefined ? 'it is not locked' : `its lock is ${lock.id}, of ${lock.who}`;
      throw new Failure(`${stack} has no lock ${id}: ${instead}; nothing was changed`, EXIT.bad);
    }
    progress.printer.result(
      `${stack} is locked by ${lock.who} for ${lock.operation} since ${lock.created}; what runs there still would write the state without a lock`,
    );
    if (!(await confirmBy(confirm, progress.printer).named(stack))) return EXIT.unknown;
    const ready = await initialize(session, { firstRun: false });
    if (ready !== EXIT.good) return ready;
    const run = await session.run(['force-unlock', '-force', id], {
      declaration: { unlocks: id },
    });
    return run.exitCode;
  });
}
