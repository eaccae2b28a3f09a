import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Dimension, Quantity, quantityPattern, sum } from '../../values/quantity.ts';
import { refusalOf } from '../support/refusal.ts';

const DIMENSIONS = ['cpu', 'memory', 'storage', 'count'] as const;

const bytes = fc
  .tuple(fc.nat(4096), fc.constantFrom('Ki', 'Mi', 'Gi', 'Ti', 'k', 'M', 'G', 'T'))
  .map(([amount, unit]) => `${amount}${unit}`);

const TEXTS: Record<Dimension, fc.Arbitrary<string>> = {
  cpu: fc.oneof(
    fc.nat(10_000_000).map((amount) => `${amount}m`),
    fc.nat(4096).map(String),
    fc.tuple(fc.nat(99), fc.nat(999)).map(([cores, rest]) => `${cores}.${rest}`),
  ),
  memory: bytes,
  storage: bytes,
  count: fc.nat().map(String),
};

const quantities = (dimension: Dimension) =>
  TEXTS[dimension].map((text) => Quantity.parse(dimension, text));

describe('Quantity', () => {
  test.each<[Dimension, string | number, number, string]>([
    ['cpu', '500m', 500, '500m'],
    ['cpu', '0.5', 500, '500m'],
    ['cpu', '2', 2000, '2'],
    ['cpu', 2, 2000, '2'],
    ['cpu', '1500m', 1500, '1500m'],
    ['cpu', '0.001', 1, '1m'],
    ['memory', '0.5Gi', 2 ** 29, '512Mi'],
    ['memory', '1Ki', 1024, '1Ki'],
    ['memory', '1k', 1000, '1k'],
    ['memory', '500M', 500_000_000, '500M'],
    ['memory', '1024Mi', 2 ** 30, '1Gi'],
    ['storage', '10Gi', 10 * 2 ** 30, '10Gi'],
    ['storage', '1.5Ti', 1.5 * 2 ** 40, '1536Gi'],
    ['storage', '7Pi', 7 * 2 ** 50, '7Pi'],
    ['count', '50', 50, '50'],
    ['count', 0, 0, '0'],
    ['memory', '0', 0, '0'],
  ])('reads %s %s as %d and prints %s (W-C7)', (dimension, text, amount, printed) => {
    const quantity = Quantity.parse(dimension, text);
    expect(quantity.amount).toBe(amount);
    expect(String(quantity)).toBe(printed);
    expect(JSON.stringify({ quantity })).toBe(`{"quantity":"${printed}"}`);
  });

  test.each<[Dimension, string | number, string]>([
    ['cpu', '', 'must be an amount of cpu, got ""; write cores as 2, 0.5 or 500m'],
    ['cpu', '-1', 'must be an amount of cpu, got "-1"; write cores as 2, 0.5 or 500m'],
    [
      'cpu',
      '1.5m',
      'must be a whole number of thousandths of a core, got "1.5m"; write cores as 2, 0.5 or 500m',
    ],
    [
      'cpu',
      0.0001,
      'must be a whole number of thousandths of a core, got 0.0001; write cores as 2, 0.5 or 500m',
    ],
    ['cpu', 1e21, 'must be an amount of cpu, got 1e+21; write cores as 2, 0.5 or 500m'],
    ['cpu', '1 core', 'must be an amount of cpu, got "1 core"; write cores as 2, 0.5 or 500m'],
    ['memory', 4, 'must be an amount of memory, got 4; write 512Mi or 2Gi'],
    ['memory', '2GB', 'must be an amount of memory, got "2GB"; write 512Mi or 2Gi'],
    ['memory', '2gi', 'must be an amount of memory, got "2gi"; write 512Mi or 2Gi'],
    [
      'memory',
      '5constructor',
      'must be an amount of memory, got "5constructor"; write 512Mi or 2Gi',
    ],
    ['memory', '0.1Ki', 'must be a whole number of bytes, got "0.1Ki"; write 512Mi or 2Gi'],
    ['storage', '8Pi', 'must be at most 2^53 bytes, got "8Pi"; write 10Gi or 1Ti'],
    ['storage', '10Gi\n', 'must be an amount of storage, got "10Gi\\n"; write 10Gi or 1Ti'],
    [
      'count',
      '1.5',
      'must be a whole number of objects, got "1.5"; write a whole number such as 50',
    ],
    ['count', '5k', 'must be an amount of count, got "5k"; write a whole number such as 50'],
  ])('rejects %s %j', (dimension, text, message) => {
    expect(refusalOf(() => Quantity.parse(dimension, text))).toBe(message);
  });

  test.each(DIMENSIONS)('prints %s so that it reads back as the same amount', (dimension) => {
    fc.assert(
      fc.property(quantities(dimension), (quantity) => {
        expect(Quantity.parse(dimension, String(quantity))).toEqual(quantity);
      }),
    );
  });

  test.each(DIMENSIONS)('shows an editor a pattern that lets every %s pass', (dimension) => {
    fc.assert(fc.property(TEXTS[dimension], (text) => quantityPattern(dimension).test(text)));
  });

  test.each(DIMENSIONS)('adds amounts of %s in any order and grouping', (dimension) => {
    const one = quantities(dimension);
    fc.assert(
      fc.property(one, one, one, (a, b, c) => {
        expect(a.plus(b)).toEqual(b.plus(a));
        expect(a.plus(b).plus(c)).toEqual(a.plus(b.plus(c)));
        expect(a.plus(Quantity.zero(dimension))).toEqual(a);
        expect(sum(dimension, [a, b, c])).toEqual(a.plus(b).plus(c));
      }),
    );
  });

  test('multiplies as repeated addition', () => {
    fc.assert(
      fc.property(quantities('memory'), fc.nat(20), (quantity, count) => {
        const added = sum(
          'memory',
          Array.from({ length: count }, () => quantity),
        );
        expect(quantity.times(count)).toEqual(added);
      }),
    );
  });

  test('orders amounts, and more of one never exceeds less of it', () => {
    fc.assert(
      fc.property(quantities('cpu'), quantities('cpu'), (a, b) => {
        expect(a.exceeds(a)).toBe(false);
        expect(a.exceeds(b) && b.exceeds(a)).toBe(false);
        expect(a.plus(b).exceeds(a)).toBe(b.amount > 0);
      }),
    );
  });

  test('takes a portion that is never more than the whole (W-B2)', () => {
    const whole = Quantity.parse('storage', '20Gi');
    expect(whole.portion(0.8).wholeGiB).toBe(16);
    expect(whole.portion(1)).toEqual(whole);
    fc.assert(
      fc.property(
        quantities('storage'),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (all, share) =>
          !all.portion(share).exceeds(all) && Number.isInteger(all.portion(share).amount),
      ),
    );
  });

  test('sums nothing to zero of its dimension', () => {
    expect(sum('cpu', [])).toEqual(Quantity.zero('cpu'));
  });

  test('rejects cores added to bytes', () => {
    const cores = Quantity.parse('cpu', 2);
    const bytesOfMemory = Quantity.parse('memory', '2Gi');
    expect(() => cores.plus(bytesOfMemory)).toThrow(
      new TypeError('cpu cannot be compared with memory "2Gi"'),
    );
    expect(() => cores.exceeds(bytesOfMemory)).toThrow(TypeError);
  });
});
