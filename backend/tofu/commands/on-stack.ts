import { EXIT, type ExitCode } from '../../../console/exit-code.ts';
import { Failure } from '../../../console/failure.ts';
import type { Printer } from '../../../console/printer.ts';
import type { StackSession } from '../stack-session.ts';
import { withStack } from '../with-stack.ts';

/** How a command is run. */
export interface CommandHow {
  /** The recipe, such as `tofu-plan`. */
  readonly recipe: string;
  readonly stack: string;
  readonly printer: Printer;
  readonly environment: NodeJS.ProcessEnv;
  readonly json?: boolean;
  readonly shared?: boolean;
  readonly recovers?: boolean;
}

/** Runs a command on a stack, and tells machines how it ended. */
export async function onStack(
  how: CommandHow,
  work: (session: StackSession) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { recipe, stack, printer, json = false } = how;
  const end = (exitCode: ExitCode) => {
    if (json) printer.result(JSON.stringify({ type: 'end', exitCode }));
    return exitCode;
  };
  try {
    return end(await withStack(stack, { ...how, command: `${recipe} ${stack}` }, work));
  } catch (error) {
    end(error instanceof Failure ? error.exitCode : EXIT.unknown);
    throw error;
  }
}
