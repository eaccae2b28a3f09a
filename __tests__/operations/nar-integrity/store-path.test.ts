import { describe, expect, test } from 'vitest';
import { isBaseName, parseAskedPath } from '../../../operations/nar-integrity/store-path.ts';
import { refusalOf } from '../../support/refusal.ts';

const HASH = 'alr5lb1gxvzs3wfjn2g5fqkyg5wgiw6f';

describe('a store path that is asked about', () => {
  test('is named by its hash, or as a whole (R4)', () => {
    expect(parseAskedPath(HASH)).toEqual({ hash: HASH });
    const path = `/nix/store/${HASH}-hello-2.10_1+x?=.drv`;
    expect(parseAskedPath(path)).toEqual({ hash: HASH, path });
  });

  test.each([
    '',
    HASH.slice(1),
    `${HASH}0`,
    HASH.toUpperCase(),
    // These letters are not among the digits of Nix, so that no hash spells a word.
    ...['e', 'o', 't', 'u'].map((letter) => `${letter}${HASH.slice(1)}`),
    `${HASH}\n`,
    `${HASH}-hello`,
    `/nix/store/${HASH}`,
    `/nix/store/${HASH}-hello/bin`,
    `/other/store/${HASH}-hello`,
    `/nix/store/${HASH}-hel lo`,
    `/nix/store/${HASH}-${'x'.repeat(212)}`,
    `../${HASH}`,
  ])('rejects %j', (text) => {
    expect(refusalOf(() => parseAskedPath(text))).toMatch(
      /^must be the hash of a store path: 32 digits and lower-case letters without e, o, t and u, got /,
    );
  });

  test('refers to others by their last parts', () => {
    expect(isBaseName(`${HASH}-hello`)).toBe(true);
    expect(isBaseName(`/nix/store/${HASH}-hello`)).toBe(false);
    expect(isBaseName(HASH)).toBe(false);
  });
});
