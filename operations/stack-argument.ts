import { type ParseArgsConfig, parseArgs } from 'node:util';
import { EXIT } from '../console/exit-code.ts';
import { Failure } from '../console/failure.ts';

/**
 * The one stack that a command is about.
 *
 * @param which completes the sentence for a person who names none, or several: "name the one stack …"
 */
export function oneStack(words: readonly string[], which: string): string {
  const [name, ...more] = words;
  if (name === undefined || more.length > 0) {
    throw new Failure(`name the one stack ${which}`, EXIT.usage);
  }
  return name;
}

/** The arguments of a command that is about one stack: its name, and the options that the command knows. */
export function stackArguments<const T extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  which: string,
  options: T,
) {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  return { name: oneStack(positionals, which), values };
}

/** The same for one that looks at a stack, and knows `--json` alone. */
export function lookArguments(
  args: readonly string[],
  which: string,
): { readonly name: string; readonly json: boolean } {
  const { name, values } = stackArguments(args, which, { json: { type: 'boolean' } });
  return { name, json: values.json === true };
}
