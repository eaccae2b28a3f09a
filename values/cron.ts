import { InvalidValue } from './invalid-value.ts';

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly words?: readonly string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const MINUTE_TO_WEEKDAY: readonly Field[] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, words: MONTHS },
  { name: 'day of week', min: 0, max: 6, words: WEEKDAYS },
];

const FIELDS = {
  5: MINUTE_TO_WEEKDAY,
  6: [{ name: 'second', min: 0, max: 59 }, ...MINUTE_TO_WEEKDAY],
} as const;

const READERS = {
  5: 'a Kubernetes CronJob reads five fields, minute first',
  6: 'CloudNativePG reads six fields, second first: "0 0 0 * * *" is daily, and five fields would run hourly',
} as const;

/**
 * A schedule with a fixed number of fields.
 *
 * Five and six are different types because the same text means different times: a five-field daily backup
 * given to a product that reads seconds first runs every hour.
 *
 * The grammar is that of robfig/cron, which both products use: `*`, `?`, lists, ranges, steps and names.
 */
class Cron<N extends 5 | 6> {
  readonly fieldCount: N;
  readonly text: string;

  private constructor(fieldCount: N, text: string) {
    this.fieldCount = fieldCount;
    this.text = text;
  }

  /**
   * Reads a schedule of exactly that many fields.
   *
   * @throws InvalidValue for another number of fields, an unknown form or a value out of range.
   */
  static parse<N extends 5 | 6>(fieldCount: N, text: string): Cron<N> {
    const parts = text.trim().split(/\s+/);
    if (parts.length !== fieldCount) {
      throw new InvalidValue(
        text,
        `have ${fieldCount} fields, not ${parts.length}`,
        READERS[fieldCount],
      );
    }
    for (const [index, field] of FIELDS[fieldCount].entries())
      requireField(text, field, parts[index] ?? '');
    return new Cron(fieldCount, parts.join(' '));
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }
}

/** A schedule of minute, hour, day of month, month and day of week, as a Kubernetes CronJob reads it. */
export type Cron5 = Cron<5>;

/** A schedule that begins with seconds, as CloudNativePG's ScheduledBackup reads it. */
export type Cron6 = Cron<6>;

/** Reads a five-field schedule. */
export const parseCron5 = (text: string): Cron5 => Cron.parse(5, text);

/** Reads a six-field schedule. */
export const parseCron6 = (text: string): Cron6 => Cron.parse(6, text);

/** So many fields, for a schema; what it lets pass is still parsed. */
export function cronPattern(fieldCount: 5 | 6): RegExp {
  return new RegExp(`^\\s*\\S+(\\s+\\S+){${fieldCount - 1}}\\s*$`);
}

function requireField(whole: string, field: Field, text: string): void {
  for (const item of text.split(',')) {
    const match = /^(\*|\?|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(item);
    if (match === null) {
      throw new InvalidValue(
        whole,
        `have a legal ${field.name}, not "${item}"`,
        'write *, 5, 1-5, */15 or a list of them',
      );
    }
    const [, , from, to, step] = match;
    const low = from === undefined ? field.min : fieldValue(whole, field, from);
    const high = to === undefined ? low : fieldValue(whole, field, to);
    if (low > high)
      throw new InvalidValue(whole, `have an ascending ${field.name} range, not "${item}"`);
    if (step !== undefined && Number(step) === 0) {
      throw new InvalidValue(whole, `have a positive ${field.name} step, not "${item}"`);
    }
  }
}

function fieldValue(whole: string, field: Field, text: string): number {
  const word = field.words?.indexOf(text.toUpperCase()) ?? -1;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  const value = word >= 0 ? word + field.min : number;
  if (!Number.isInteger(value) || value < field.min || value > field.max) {
    throw new InvalidValue(
      whole,
      `keep its ${field.name} from ${field.min} to ${field.max}, not "${text}"`,
    );
  }
  return value;
}
