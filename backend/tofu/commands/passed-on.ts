import { EXIT, type ExitCode } from '../../../console/exit-code.ts';
import { Failure } from '../../../console/failure.ts';
import type { Printer } from '../../../console/printer.ts';
import { initialize } from '../initialize.ts';
import { passageOf } from '../passthrough.ts';
import { refuseOwnStore } from './destroy.ts';
import { onStack } from './on-stack.ts';

const DEADLINE_MS = 2 * 60 * 60_000;

/**
 * `tofu`: any command of tofu on a stack, behind the gateway; what changes something is guarded and journalled as by its recipe.
 *
 * @returns what the run came to
 */
export async function passedOn(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const [stack, ...words] = args;
  if (stack === undefined || stack.startsWith('-')) {
    throw new Failure('name the stack, and then the command of tofu', EXIT.usage);
  }
  const { declaration, guarded, journalled } = passageOf(words);
  const { writes = false, destroys = false } = declaration;
  const how = { recipe: `tofu ${words[0]} on`, stack, printer, environment, shared: !guarded };
  return await onStack(how, async (session) => {
    if (destroys) refuseOwnStore(session.state);
    if (guarded) await session.guard({ firstRun: false, writes });
    const ready = await initialize(session, { firstRun: false });
    if (ready !== EXIT.good) return ready;
    const run = await session.run(words, {
      declaration,
      events: journalled,
      journalled,
      deadlineMs: DEADLINE_MS,
      // An interactive one reads expressions; all others ask nothing.
      ...(words[0] === 'console' ? { input: 'inherit' } : {}),
    });
    return run.exitCode;
  });
}
