import { describe, expect, test } from 'vitest';
import { SECRET_KINDS, type SecretKind, SecretRef } from '../../values/secret-ref.ts';
import { refusalOf } from '../support/refusal.ts';

const KINDS = Object.keys(SECRET_KINDS) as SecretKind[];

describe('SecretRef', () => {
  test('names a Secret and its keys, and holds no value (W-A2, W-A3)', () => {
    const ref = SecretRef.of('s3-credentials', 'nix-cache', 'attic-s3');
    expect(Object.keys(ref)).toEqual(['kind', 'namespace', 'name']);
    expect(ref.keys).toEqual(['access-key-id', 'secret-access-key', 'credentials']);
    expect(String(ref)).toBe('nix-cache/attic-s3');
  });

  test('keeps kinds apart in its type (Q7)', () => {
    // @ts-expect-error the key that signs tokens is no key to a bucket
    const bucket: SecretRef<'s3-credentials'> = SecretRef.of('jwt-signing-key', 'a', 'b');
    expect(bucket.kind).toBe('jwt-signing-key');
  });

  test.each(KINDS)('says of %s who makes it, which keys it has and what they look like', (kind) => {
    const { what, origin, keys, shape } = SECRET_KINDS[kind];
    expect(what).not.toBe('');
    expect(['generated', 'person', 'controller']).toContain(origin);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.length).toBeGreaterThan(0);
    expect(shape).not.toBe('');
  });

  test('gives the four secrets of the cache a kind each (Q7)', () => {
    const kinds: SecretKind[] = [
      'cache-signing-key',
      'jwt-signing-key',
      'attic-push-token',
      's3-credentials',
    ];
    expect(new Set(kinds.map((kind) => SECRET_KINDS[kind].keys.join())).size).toBe(kinds.length);
  });

  const Label = 'lower-case letters, digits and "-", beginning and ending with a letter or digit';

  test.each([
    ['nix_cache', 'attic', `must be a DNS label: ${Label}, got "nix_cache"`],
    ['nix-cache', 'Attic', `must be a DNS label: ${Label}, got "Attic"`],
    [
      'nix-cache',
      'attic\n',
      'must be a DNS label without blanks or line ends, got "attic\\n"; remove them',
    ],
  ])('rejects %j/%j', (namespace, name, message) => {
    expect(refusalOf(() => SecretRef.of('session-key', namespace, name))).toBe(message);
  });
});
