import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeBase32,
  encodeBase32,
  hashText,
  parseHash,
} from '../../../operations/nar-integrity/nix-hash.ts';
import { refusalOf } from '../../support/refusal.ts';

/** The same hash in all notations, as `nix hash` prints them. */
const HEX = '26c7ac10b7bd7df2d83f1dcaf0c5a7bd92a71ab5cb2d04bb80ab12aa8b2b9b23';

describe('a hash', () => {
  const base64 = Buffer.from(HEX, 'hex').toString('base64');
  const base32 = encodeBase32(Buffer.from(HEX, 'hex'));

  test.each([`sha256:${HEX}`, `sha256:${base32}`, `sha256:${base64}`, `sha256-${base64}`])(
    'is read from %s',
    (text) => {
      expect(parseHash(text)).toEqual({ algorithm: 'sha256', digest: Buffer.from(HEX, 'hex') });
    },
  );

  test('is written in base 32, as it is signed', () => {
    const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
    const hash = { algorithm: 'sha256', digest: Buffer.from(empty, 'hex') } as const;
    expect(hashText(hash)).toBe('sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73');
  });

  test('comes back from base 32, whatever its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 64 }), (bytes) => {
        expect(decodeBase32(encodeBase32(bytes), bytes.length)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test.each([
    ['', 'be a hash: md5, sha1, sha256, sha512, ":" and digits'],
    ['sha3:00', 'be a hash: md5, sha1, sha256, sha512, ":" and digits'],
    [`sha256:${HEX.slice(1)}`, 'be a hash with the 32 bytes of sha256'],
    [`sha256:${HEX.toUpperCase()}`, 'be a hash with the 32 bytes of sha256'],
    [`sha256-${HEX}`, 'be a hash with the 32 bytes of sha256'],
    [`sha256:e${base32.slice(1)}`, 'be a hash with the 32 bytes of sha256'],
    [`sha256:z${base32.slice(1)}`, 'be a hash with the 32 bytes of sha256'],
    [`sha256:${base64.slice(0, -2)}==`, 'be a hash with the 32 bytes of sha256'],
  ])('rejects %j', (text, rule) => {
    expect(refusalOf(() => parseHash(text))).toContain(rule);
  });
});
