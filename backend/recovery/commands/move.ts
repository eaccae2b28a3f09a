import { closest } from 'fastest-levenshtein';
import { EXIT, type ExitCode } from '../../../console/exit-code.ts';
import { Failure } from '../../../console/failure.ts';
import type { Printer } from '../../../console/printer.ts';
import { stackArguments } from '../../../operations/stack-argument.ts';
import { moveToLocal, moveToStore } from '../move.ts';
import { requireNothingPending } from '../pending.ts';
import { onStore } from './on-store.ts';

const MOVES = { local: moveToLocal, s3: moveToStore } as const;

/**
 * `tofu-state-move`: moves the state of a stack to this machine, before the stack takes its store away, or back.
 *
 * @returns 0 when it is there, proved
 */
export async function move(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const { name: stack, values } = stackArguments(args, 'whose state is to move', {
    to: { type: 'string' },
  });
  const { to = '' } = values;
  if (to !== 'local' && to !== 's3') {
    const near = to === '' ? '' : `; did you mean ${closest(to, Object.keys(MOVES))}?`;
    throw new Failure(`--to says where: local or s3${near}`, EXIT.usage);
  }
  const how = { recipe: 'tofu-state-move', stack, printer, environment, declared: true };
  return await onStore(how, async (on) => {
    requireNothingPending(on.state);
    await on.runs.requireNothingElsewhere();
    const announced = await on.runs.announce(`move to ${to}`);
    try {
      return await MOVES[to](on);
    } finally {
      // Where it failed, the state is where it was; where it was killed, the note stays.
      await announced.end([]);
    }
  });
}
