import { parseArgs } from 'node:util';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import { Duration } from '../../values/duration.ts';
import { InvalidValue } from '../../values/invalid-value.ts';

/** Options that several commands know. */
export interface DriverOptions {
  readonly stack: string;
  /** Words behind the stack. */
  readonly words: readonly string[];
  readonly json: boolean;
  readonly firstRun: boolean;
  readonly deadlineMs: number | undefined;
  readonly confirm: string | undefined;
  /** What is passed on to tofu. */
  readonly passed: readonly string[];
}

/** Each option of the driver, and how it is written for tofu where it is passed on. */
const OPTIONS = {
  json: { type: 'boolean' },
  'first-run': { type: 'boolean' },
  deadline: { type: 'string' },
  confirm: { type: 'string' },
  target: { type: 'string', multiple: true },
  replace: { type: 'string', multiple: true },
  destroy: { type: 'boolean' },
  'refresh-only': { type: 'boolean' },
} as const;

/** Name of an option. */
export type OptionName = keyof typeof OPTIONS;

/**
 * Reads the arguments of a command: the stack, and the options that it knows.
 *
 * @throws Failure for no stack, and TypeError for an option that the command does not know
 */
export function driverOptions(
  args: readonly string[],
  known: readonly OptionName[],
  words = 0,
): DriverOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: Object.fromEntries(known.map((name) => [name, OPTIONS[name]])),
    allowPositionals: true,
  });
  const [stack, ...more] = positionals;
  if (stack === undefined) throw new Failure('name the stack', EXIT.usage);
  if (more.length > words) {
    throw new Failure(`this is too much: ${more.slice(words).join(' ')}`, EXIT.usage);
  }
  const text = (name: OptionName) => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  const list = (name: OptionName) => {
    const value = values[name];
    return Array.isArray(value) ? value.map((each) => `-${name}=${String(each)}`) : [];
  };
  const flag = (name: OptionName) => (values[name] === true ? [`-${name}`] : []);
  return {
    stack,
    words: more,
    json: values.json === true,
    firstRun: values['first-run'] === true,
    deadlineMs: milliseconds(text('deadline')),
    confirm: text('confirm'),
    passed: [...list('target'), ...list('replace'), ...flag('destroy'), ...flag('refresh-only')],
  };
}

function milliseconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  try {
    const { seconds } = Duration.parse('go', text);
    if (seconds > 0) return seconds * 1000;
    throw new Failure('--deadline must be more than nothing', EXIT.usage);
  } catch (error) {
    if (error instanceof InvalidValue) throw new Failure(`--deadline ${error.message}`, EXIT.usage);
    throw error;
  }
}
