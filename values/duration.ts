import { InvalidValue } from './invalid-value.ts';
import { ownValue } from './own-value.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

interface Syntax {
  readonly what: string;
  readonly example: string;
  /** One number and its unit, as often as `ordered` allows. */
  readonly item: RegExp;
  readonly units: Readonly<Record<string, number>>;
  /** Units must descend and appear once. */
  readonly ordered: boolean;
  /** Blanks may stand between items. */
  readonly spaced: boolean;
  readonly maxItems: number;
  readonly maxSec: number;
}

const GO_UNITS = { ms: 0.001, s: 1, m: MINUTE, h: HOUR };
const PROMETHEUS_UNITS = { y: 365 * DAY, w: WEEK, d: DAY, h: HOUR, m: MINUTE, s: 1, ms: 0.001 };
const MAX_I32 = 2 ** 31 - 1;

const HUMAN_UNITS = unitNames({
  'seconds second sec s': 1,
  'minutes minute min m': MINUTE,
  'hours hour hrs hr h': HOUR,
  'days day d': DAY,
  'weeks week w': WEEK,
  'months month M': 2_630_016,
  'years year y': 31_557_600,
});

/**
 * The duration syntax of each product.
 *
 * - `go`: GitLab Runner and everything that calls Go's `time.ParseDuration`; days do not exist there.
 * - `humantime`: Attic; its server keeps retention in 32 bits of seconds.
 * - `prometheus`: alert `for` and scrape intervals; units descend.
 * - `retention`: Barman Cloud, one whole number of days, weeks or months.
 */
const SYNTAXES = {
  go: {
    what: 'a Go duration',
    example: '90s, 10m or 1h30m',
    item: /(\d+(?:\.\d+)?)(ms|s|m|h)/y,
    units: GO_UNITS,
    ordered: false,
    spaced: false,
    maxItems: 8,
    maxSec: Number.MAX_SAFE_INTEGER,
  },
  humantime: {
    what: 'a duration in words',
    example: '12 hours or 3 months',
    item: /(\d+)\s*([A-Za-z]+)/y,
    units: HUMAN_UNITS,
    ordered: false,
    spaced: true,
    maxItems: 8,
    maxSec: MAX_I32,
  },
  prometheus: {
    what: 'a Prometheus duration',
    example: '30s, 5m or 1h30m',
    item: /(\d+)(ms|[ywdhms])/y,
    units: PROMETHEUS_UNITS,
    ordered: true,
    spaced: false,
    maxItems: 7,
    maxSec: Number.MAX_SAFE_INTEGER,
  },
  retention: {
    what: 'a retention period',
    example: '30d, 4w or 6m',
    item: /([1-9]\d*)([dwm])/y,
    units: { d: DAY, w: WEEK, m: 30 * DAY },
    ordered: true,
    spaced: false,
    maxItems: 1,
    maxSec: Number.MAX_SAFE_INTEGER,
  },
} as const satisfies Record<string, Syntax>;

/** The products whose duration syntax is known. */
export type DurationSyntax = keyof typeof SYNTAXES;

/** A length of time in the one syntax its product reads. */
export class Duration<S extends DurationSyntax> {
  readonly syntax: S;
  readonly text: string;
  /** The same length in seconds. */
  readonly seconds: number;

  private constructor(syntax: S, text: string, seconds: number) {
    this.syntax = syntax;
    this.text = text;
    this.seconds = seconds;
  }

  /**
   * Reads a duration in the product's own syntax.
   *
   * @throws InvalidValue for another syntax or more than the product can hold.
   */
  static parse<S extends DurationSyntax>(syntax: S, text: string): Duration<S> {
    const rules: Syntax = SYNTAXES[syntax];
    const seconds = readSeconds(rules, text);
    if (seconds === undefined)
      throw new InvalidValue(text, `be ${rules.what}`, `write ${rules.example}`);
    if (seconds > rules.maxSec) {
      throw new InvalidValue(
        text,
        `be at most ${rules.maxSec} seconds`,
        'the product keeps it in 32 bits',
      );
    }
    return new Duration(syntax, text, seconds);
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }
}

/** The notation of a syntax, for a schema; what it lets pass is still parsed. */
export function durationPattern(syntax: DurationSyntax): RegExp {
  const { item, spaced, maxItems }: Syntax = SYNTAXES[syntax];
  return new RegExp(`^(${item.source}${spaced ? '\\s*' : ''}){1,${maxItems}}$`);
}

function readSeconds(rules: Syntax, text: string): number | undefined {
  const items = readItems(rules, text);
  if (items === undefined || items.length === 0 || items.length > rules.maxItems) return undefined;
  const descends = items.every(({ size }, index) => size < (items[index - 1]?.size ?? Infinity));
  return descends || !rules.ordered
    ? items.reduce((seconds, { count, size }) => seconds + count * size, 0)
    : undefined;
}

function readItems(rules: Syntax, text: string): { count: number; size: number }[] | undefined {
  const items: { count: number; size: number }[] = [];
  const item = new RegExp(rules.item);
  while (item.lastIndex < text.length) {
    const match = item.exec(text);
    const size = match === null ? undefined : ownValue(rules.units, match[2] ?? '');
    if (match === null || size === undefined) return undefined;
    items.push({ count: Number(match[1]), size });
    if (rules.spaced) item.lastIndex += blanksAt(text, item.lastIndex);
  }
  return items;
}

function blanksAt(text: string, at: number): number {
  const rest = text.slice(at);
  return rest.length - rest.trimStart().length;
}

function unitNames(names: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(names).flatMap(([list, size]) => list.split(' ').map((name) => [name, size])),
  );
}
