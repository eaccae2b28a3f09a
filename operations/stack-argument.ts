import { parseArgs } from 'node:util';
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

/** The arguments of a command that looks at one stack and knows `--json`. */
export function stackArguments(
  args: readonly string[],
  which: string,
): { readonly name: string; readonly json: boolean } {
  const options = { json: { type: 'boolean' } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  return { name: oneStack(positionals, which), json: values.json === true };
}
