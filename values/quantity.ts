import { InvalidValue, show } from './invalid-value.ts';
import { ownValue } from './own-value.ts';

/** What a quantity measures; only like adds to like. */
export type Dimension = 'cpu' | 'memory' | 'storage' | 'count';

const BINARY = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50 } as const;
const DECIMAL = { k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15 } as const;

const EXAMPLES: Record<Dimension, string> = {
  cpu: 'write cores as 2, 0.5 or 500m',
  memory: 'write 512Mi or 2Gi',
  storage: 'write 10Gi or 1Ti',
  count: 'write a whole number such as 50',
};

const SMALLEST_UNITS: Record<Dimension, string> = {
  cpu: 'thousandths of a core',
  memory: 'bytes',
  storage: 'bytes',
  count: 'objects',
};

/**
 * An amount of CPU, memory, storage or objects, in the notation of Kubernetes.
 *
 * CPU is kept in thousandths of a core and everything else in whole units, so that sums are exact. A byte
 * amount without suffix is refused, 0 excepted: `memory: 4` has always been meant as something else than four bytes.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export class Quantity {
  readonly dimension: Dimension;
  /** Thousandths of a core for CPU, bytes for memory and storage, objects for a count. */
  readonly amount: number;

  private constructor(dimension: Dimension, amount: number) {
    this.dimension = dimension;
    this.amount = amount;
  }

  /**
   * Reads one amount.
   *
   * @throws InvalidValue for another notation, a negative amount or more precision than the unit has.
   */
  static parse(dimension: Dimension, text: string | number): Quantity {
    const amount = parseAmount(dimension, String(text));
    if (amount === undefined) {
      throw new InvalidValue(text, `be an amount of ${dimension}`, EXAMPLES[dimension]);
    }
    if (!Number.isSafeInteger(amount)) {
      const unit = SMALLEST_UNITS[dimension];
      const tooMuch = amount > Number.MAX_SAFE_INTEGER;
      throw new InvalidValue(
        text,
        tooMuch ? `be at most 2^53 ${unit}` : `be a whole number of ${unit}`,
        EXAMPLES[dimension],
      );
    }
    return new Quantity(dimension, amount);
  }

  static zero(dimension: Dimension): Quantity {
    return new Quantity(dimension, 0);
  }

  plus(other: Quantity): Quantity {
    return new Quantity(this.dimension, this.amount + this.like(other).amount);
  }

  /** This amount taken `count` times; `count` is a whole number of things. */
  times(count: number): Quantity {
    return new Quantity(this.dimension, this.amount * count);
  }

  /** The given share of this amount, rounded down; `share` from 0 to 1. */
  portion(share: number): Quantity {
    return new Quantity(this.dimension, Math.floor(this.amount * share));
  }

  exceeds(other: Quantity): boolean {
    return this.amount > this.like(other).amount;
  }

  /** Whole GiB, rounded down; what bazel-remote's `max_size` counts in. */
  get wholeGiB(): number {
    return Math.floor(this.amount / BINARY.Gi);
  }

  /** The shortest exact notation, the form Kubernetes itself would print. */
  toString(): string {
    if (this.dimension === 'cpu') {
      return this.amount % 1000 === 0 ? String(this.amount / 1000) : `${this.amount}m`;
    }
    if (this.dimension === 'count') return String(this.amount);
    const unit = largestUnit(BINARY, this.amount) ?? largestUnit(DECIMAL, this.amount);
    return unit === undefined ? String(this.amount) : `${this.amount / unit[1]}${unit[0]}`;
  }

  toJSON(): string {
    return this.toString();
  }

  private like(other: Quantity): Quantity {
    if (other.dimension !== this.dimension) {
      throw new TypeError(
        `${this.dimension} cannot be compared with ${other.dimension} ${show(other)}`,
      );
    }
    return other;
  }
}

/** The sum of the amounts; zero of the dimension when there are none. */
export function sum(dimension: Dimension, amounts: Iterable<Quantity>): Quantity {
  let total = Quantity.zero(dimension);
  for (const amount of amounts) total = total.plus(amount);
  return total;
}

const SUFFIXES: Readonly<Record<Dimension, Readonly<Record<string, number>>>> = {
  cpu: { m: 1 },
  memory: { ...BINARY, ...DECIMAL },
  storage: { ...BINARY, ...DECIMAL },
  count: { '': 1 },
};

/** The notation of a dimension, for a schema; what it lets pass is still parsed. */
export function quantityPattern(dimension: Dimension): RegExp {
  const suffixes = Object.keys(SUFFIXES[dimension]).join('|');
  return dimension === 'cpu'
    ? /^\d+(\.\d{1,3}|m)?$/
    : new RegExp(`^(\\d+(\\.\\d+)?(${suffixes})|0)$`);
}

function largestUnit(units: Readonly<Record<string, number>>, amount: number) {
  return Object.entries(units).findLast(([, size]) => amount >= size && amount % size === 0);
}

function parseAmount(dimension: Dimension, text: string): number | undefined {
  if (text === '0') return 0;
  const match = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text);
  if (match === null) return undefined;
  const [, digits = '', suffix = ''] = match;
  if (dimension === 'cpu' && suffix === '') return exactThousandths(digits);
  const size = ownValue(SUFFIXES[dimension], suffix);
  return size === undefined ? undefined : Number(digits) * size;
}

function exactThousandths(digits: string): number {
  const [whole = '0', fraction = ''] = digits.split('.');
  if (fraction.length > 3) return Number.NaN;
  return Number(whole) * 1000 + Number(fraction.padEnd(3, '0'));
}
