import { describe, expect, test } from 'vitest';
import { defined } from '../../values/defined.ts';
import { ownValue } from '../../values/own-value.ts';
import { RULE_IDS } from '../../values/rule-id.ts';

describe('defined', () => {
  test('keeps the entries that have a value, false and empty ones among them', () => {
    expect(defined({ a: 0, b: undefined, c: '', d: false, e: null })).toEqual({
      a: 0,
      c: '',
      d: false,
      e: null,
    });
  });
});

describe('ownValue', () => {
  test('finds what is written and nothing that every object inherits', () => {
    expect(ownValue({ constructor: 1 } as Record<string, unknown>, 'constructor')).toBe(1);
    for (const inherited of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      expect(ownValue<unknown>({ a: 1 }, inherited)).toBeUndefined();
    }
  });
});

describe('RULE_IDS', () => {
  test('are kebab-case, sorted but for families, and each there once', () => {
    expect(new Set(RULE_IDS).size).toBe(RULE_IDS.length);
    expect(RULE_IDS.filter((id) => !/^[a-z]+(-[a-z]+)*$/.test(id))).toEqual([]);
  });
});
