import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stableJson } from '../../synthesis/stable-json.ts';

/** The copy that CDKTF itself loads. */
const library = createRequire(createRequire(import.meta.url).resolve('cdktf'))(
  'json-stable-stringify',
) as (value: unknown, options: { readonly space: number }) => string;

const SPACE = { space: 2 };

describe('stableJson', () => {
  test.each([
    ['an empty map', {}],
    ['an empty list', []],
    ['empty values within others', { b: [{}, []], a: { c: {} } }],
    ['text and keys that look like empty values', { '{}': '{}', '[]': 'a []', a: ['{},'] }],
    ['what has no value', { a: undefined, b: [undefined, null] }],
    ['text over several lines', { a: 'one\n  {}\ntwo\u2028three' }],
    ['plain text', 'one'],
  ])('writes %s like the library of CDKTF', (_, value) => {
    expect(stableJson(value, SPACE)).toBe(library(value, SPACE));
  });

  test('writes any value like the library, or leaves it to the library', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = stableJson(value, SPACE);
        expect(text ?? library(value, SPACE)).toBe(library(value, SPACE));
      }),
    );
  });

  test.each([
    ['numbers for keys, whose order engines do not keep', '{ "10": "ten", "9": "nine" }'],
    ['a key that sets what a map inherits', '{ "__proto__": {} }'],
  ])('leaves to the library a map with %s', (_, map) => {
    expect(stableJson({ data: [JSON.parse(map)] }, SPACE)).toBeUndefined();
  });

  test('leaves other options to the library', () => {
    const options = { ...SPACE, collapseEmpty: true };
    expect(stableJson({ a: {} }, options)).toBeUndefined();
  });
});
