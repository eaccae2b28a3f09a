import { parseArgs } from 'node:util';

/** What a person asked for on the command line. */
export interface SynthesisOptions {
  readonly verb: 'synth' | 'report';
  /** One JSON document for machines instead of lines for people. */
  readonly json: boolean;
  readonly help: boolean;
}

/** How the command is used; printed by `--help` and after a wrong option. */
export const USAGE_TEXT = `usage: flywheel synth|report [--json]

  synth    write the four stacks to cdktf.out
  report   print what they hold: components, Secrets, capacity, weakenings

  --json   print one JSON document instead

FLYWHEEL_CONFIG names the settings file (config/tinyland.yaml without it).
Exit codes: 0 good, 1 the result could not be written, 2 findings that stop, 64 wrong settings or usage.`;

/** Thrown for words on the command line that mean nothing. */
export class WrongUsage extends Error {}

/** Reads the words after the program's name. */
export function readOptions(args: readonly string[]): SynthesisOptions {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    const [verb, ...rest] = positionals;
    if ((verb !== 'synth' && verb !== 'report') || rest.length > 0) {
      throw new WrongUsage(`unknown word: ${rest[0] ?? verb ?? 'nothing'}`);
    }
    return { verb, json: values.json ?? false, help: values.help ?? false };
  } catch (error) {
    if (error instanceof TypeError) throw new WrongUsage(error.message);
    throw error;
  }
}
