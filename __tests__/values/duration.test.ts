import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Duration, type DurationSyntax, durationPattern } from '../../values/duration.ts';
import { refusalOf } from '../support/refusal.ts';

const count = fc.integer({ min: 1, max: 60 });
const TEXTS: Record<DurationSyntax, fc.Arbitrary<string>> = {
  go: fc
    .array(
      fc.tuple(count, fc.constantFrom('h', 'm', 's', 'ms')).map(([n, unit]) => `${n}${unit}`),
      { minLength: 1, maxLength: 4 },
    )
    .map((items) => items.join('')),
  humantime: fc
    .array(
      fc
        .tuple(count, fc.constantFrom('', ' '), fc.constantFrom('months', 'days', 'h', 'min', 's'))
        .map((parts) => parts.join('')),
      { minLength: 1, maxLength: 4 },
    )
    .map((items) => items.join(' ')),
  prometheus: fc
    .subarray(['y', 'w', 'd', 'h', 'm', 's', 'ms'], { minLength: 1 })
    .chain((units) => fc.tuple(...units.map((unit) => count.map((n) => `${n}${unit}`))))
    .map((items) => items.join('')),
  retention: fc.tuple(count, fc.constantFrom('d', 'w', 'm')).map((parts) => parts.join('')),
};
const SYNTAXES = Object.keys(TEXTS) as DurationSyntax[];

describe('Duration', () => {
  test.each<[DurationSyntax, string, number]>([
    ['go', '1h30m', 5400],
    ['go', '1.5h', 5400],
    ['go', '250ms', 0.25],
    ['humantime', '12 hours', 43_200],
    ['humantime', '12h', 43_200],
    ['humantime', '1 week 2 days', 777_600],
    ['humantime', '3 months', 7_890_048],
    ['prometheus', '1d12h', 129_600],
    ['prometheus', '5m', 300],
    ['retention', '30d', 2_592_000],
    ['retention', '4w', 2_419_200],
  ])('reads %s "%s" as %d seconds', (syntax, text, seconds) => {
    expect(Duration.parse(syntax, text)).toMatchObject({ syntax, text, seconds });
  });

  test.each(SYNTAXES)('keeps the text of %s as written, and its pattern lets it pass', (syntax) => {
    fc.assert(
      fc.property(TEXTS[syntax], (text) => {
        const duration = Duration.parse(syntax, text);
        expect(String(duration)).toBe(text);
        expect(JSON.stringify(duration)).toBe(JSON.stringify(text));
        expect(duration.seconds).toBeGreaterThan(0);
        expect(durationPattern(syntax).test(text)).toBe(true);
      }),
    );
  });

  test('adds its parts up', () => {
    fc.assert(
      fc.property(TEXTS.go, TEXTS.go, (left, right) => {
        const parts = Duration.parse('go', left).seconds + Duration.parse('go', right).seconds;
        expect(Duration.parse('go', left + right).seconds).toBeCloseTo(parts, 6);
      }),
    );
  });

  test('keeps products apart in its type', () => {
    // @ts-expect-error a Prometheus duration is no Go duration
    const timeout: Duration<'go'> = Duration.parse('prometheus', '1d');
    expect(timeout.syntax).toBe('prometheus');
  });

  const Go = 'write 90s, 10m or 1h30m';
  const Words = 'write 12 hours or 3 months';
  const Prometheus = 'write 30s, 5m or 1h30m';
  const Retention = 'write 30d, 4w or 6m';

  test.each<[DurationSyntax, string, string]>([
    ['go', '', `must be a Go duration, got ""; ${Go}`],
    ['go', '1d', `must be a Go duration, got "1d"; ${Go}`],
    ['go', '1h 30m', `must be a Go duration, got "1h 30m"; ${Go}`],
    ['go', '-1h', `must be a Go duration, got "-1h"; ${Go}`],
    ['go', '90', `must be a Go duration, got "90"; ${Go}`],
    ['go', '1h\n', `must be a Go duration, got "1h\\n"; ${Go}`],
    ['humantime', '12 parsecs', `must be a duration in words, got "12 parsecs"; ${Words}`],
    ['humantime', '5 constructor', `must be a duration in words, got "5 constructor"; ${Words}`],
    ['humantime', '1.5 hours', `must be a duration in words, got "1.5 hours"; ${Words}`],
    [
      'humantime',
      '100 years',
      'must be at most 2147483647 seconds, got "100 years"; the product keeps it in 32 bits',
    ],
    ['prometheus', '30s5m', `must be a Prometheus duration, got "30s5m"; ${Prometheus}`],
    ['prometheus', '5m5m', `must be a Prometheus duration, got "5m5m"; ${Prometheus}`],
    ['prometheus', '5 m', `must be a Prometheus duration, got "5 m"; ${Prometheus}`],
    ['retention', '30 days', `must be a retention period, got "30 days"; ${Retention}`],
    ['retention', '0d', `must be a retention period, got "0d"; ${Retention}`],
    ['retention', '1w2d', `must be a retention period, got "1w2d"; ${Retention}`],
  ])('rejects %s "%s"', (syntax, text, message) => {
    expect(refusalOf(() => Duration.parse(syntax, text))).toBe(message);
  });
});
