import { EXIT, type ExitCode } from '../../../console/exit-code.ts';
import { Failure } from '../../../console/failure.ts';
import type { Printer } from '../../../console/printer.ts';
import { publishedStacks } from '../../../operations/published-stacks.ts';
import { thisCheckout } from '../../../operations/tools/place.ts';
import { validate } from '../../../operations/validate/command.ts';
import { STACK_NAMES } from '../../stack-state.ts';

/**
 * `tofu-validate-all`: lets tofu and the providers judge every stack; one that is not synthesized is not passed over.
 *
 * @returns 0 when all are valid, 1 when one could not be judged, 2 when one is not valid
 */
export async function validateAll(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const strange = args.find((arg) => arg !== '--json');
  if (strange !== undefined) {
    throw new Failure(`${strange}: all stacks are judged; just validate takes names`, EXIT.usage);
  }
  const names = publishedStacks([], environment).map(({ name }) => name);
  const missing = STACK_NAMES.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    throw new Failure(`not synthesized: ${missing.join(', ')}\n    run just synth`);
  }
  return await validate(args, printer, thisCheckout(environment));
}
