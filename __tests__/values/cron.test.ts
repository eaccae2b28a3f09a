import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Cron5, cronPattern, parseCron5, parseCron6 } from '../../values/cron.ts';
import { refusalOf } from '../support/refusal.ts';

const LIMITS = [
  [0, 59],
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 6],
] as const;

const field = ([min, max]: readonly [number, number]) => {
  const value = fc.integer({ min, max });
  const item = fc.oneof(
    fc.constant('*'),
    fc.constant('?'),
    value.map(String),
    fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    fc.integer({ min: 1, max }).map((step) => `*/${step}`),
  );
  return fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.join(','));
};

const sixFields = fc.tuple(...LIMITS.map(field)).map((fields) => fields.join(' '));
const fiveFields = fc.tuple(...LIMITS.slice(1).map(field)).map((fields) => fields.join(' '));

describe('Cron5 and Cron6', () => {
  test.each([
    '0 2 * * *',
    '*/15 * * * *',
    '0 0 1,15 * MON-FRI',
    '5/10 * * jan-MAR ?',
    '0 0 31 12 6',
    '07 03 * * *',
  ])('reads the five fields of "%s"', (text) => {
    expect(parseCron5(text)).toMatchObject({ fieldCount: 5, text });
    expect(JSON.stringify(parseCron5(text))).toBe(JSON.stringify(text));
  });

  test('brings blanks into one form', () => {
    expect(String(parseCron6('  0  30 1 *\t* * '))).toBe('0 30 1 * * *');
  });

  test('reads back what it prints', () => {
    fc.assert(
      fc.property(sixFields, (text) => {
        expect(parseCron6(String(parseCron6(text)))).toEqual(parseCron6(text));
      }),
    );
  });

  test('never takes one for the other, whatever the fields say (W-B4)', () => {
    fc.assert(
      fc.property(fiveFields, sixFields, (five, six) => {
        expect(() => parseCron6(five)).toThrow('must have 6 fields, not 5');
        expect(() => parseCron5(six)).toThrow('must have 5 fields, not 6');
      }),
    );
  });

  test('are different types, so that neither compiles as the other (W-B4)', () => {
    // @ts-expect-error six fields are not five
    const schedule: Cron5 = parseCron6('0 0 2 * * *');
    expect(schedule.fieldCount).toBe(6);
  });

  test('show an editor a pattern that lets every schedule pass', () => {
    fc.assert(fc.property(fiveFields, (text) => cronPattern(5).test(text)));
    fc.assert(fc.property(sixFields, (text) => cronPattern(6).test(text)));
    expect(cronPattern(6).test('0 2 * * *')).toBe(false);
  });

  const Cronjob = 'a Kubernetes CronJob reads five fields, minute first';
  const Forms = 'write *, 5, 1-5, */15 or a list of them';

  test.each([
    ['', `must have 5 fields, not 1, got ""; ${Cronjob}`],
    ['@daily', `must have 5 fields, not 1, got "@daily"; ${Cronjob}`],
    ['0 0 2 * * *', `must have 5 fields, not 6, got "0 0 2 * * *"; ${Cronjob}`],
    ['60 * * * *', 'must keep its minute from 0 to 59, not "60", got "60 * * * *"'],
    ['* 24 * * *', 'must keep its hour from 0 to 23, not "24", got "* 24 * * *"'],
    ['* * 0 * *', 'must keep its day of month from 1 to 31, not "0", got "* * 0 * *"'],
    ['* * * 13 *', 'must keep its month from 1 to 12, not "13", got "* * * 13 *"'],
    ['* * * * 7', 'must keep its day of week from 0 to 6, not "7", got "* * * * 7"'],
    ['* * * * MO', 'must keep its day of week from 0 to 6, not "MO", got "* * * * MO"'],
    ['0x1F * * * *', 'must keep its minute from 0 to 59, not "0x1F", got "0x1F * * * *"'],
    ['1e1 * * * *', 'must keep its minute from 0 to 59, not "1e1", got "1e1 * * * *"'],
    ['5-1 * * * *', 'must have an ascending minute range, not "5-1", got "5-1 * * * *"'],
    ['*/0 * * * *', 'must have a positive minute step, not "*/0", got "*/0 * * * *"'],
    ['1,,2 * * * *', `must have a legal minute, not "", got "1,,2 * * * *"; ${Forms}`],
    ['* * L * *', 'must keep its day of month from 1 to 31, not "L", got "* * L * *"'],
    ['*-5 * * * *', `must have a legal minute, not "*-5", got "*-5 * * * *"; ${Forms}`],
  ])('rejects "%s" as five fields', (text, message) => {
    expect(refusalOf(() => parseCron5(text))).toBe(message);
  });

  test('rejects five fields where CloudNativePG reads six (W-B4)', () => {
    expect(refusalOf(() => parseCron6('0 2 * * *'))).toBe(
      'must have 6 fields, not 5, got "0 2 * * *"; CloudNativePG reads six fields, second first: "0 0 0 * * *" is daily, and five fields would run hourly',
    );
  });
});
