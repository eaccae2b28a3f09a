import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { signingSecretName } from '../../../constructs/attic-cache/attic-names.ts';
import { nameRule, parseName } from '../../../values/name.ts';

const { pattern } = nameRule('cache');
const cacheName = fc.stringMatching(new RegExp(pattern.source)).filter((name) => name.length <= 50);

describe('the Secret of a signing pair', () => {
  test('bears the name of its cache where Kubernetes allows that', () => {
    expect(signingSecretName('attic', 'main')).toBe('attic-main-signing');
    expect(signingSecretName('attic', 'dev-cache')).toBe('attic-dev-cache-signing');
  });

  test.each([
    ['Main', /^attic-main-[0-9a-f]{8}-signing$/],
    ['team+shared', /^attic-team-shared-[0-9a-f]{8}-signing$/],
    ['a_b', /^attic-a-b-[0-9a-f]{8}-signing$/],
    ['end-', /^attic-end-[0-9a-f]{8}-signing$/],
  ])('bears a hash for %s', (cache, expected) => {
    expect(signingSecretName('attic', cache)).toMatch(expected);
  });

  test('is a legal name for every legal cache, however long', () => {
    fc.assert(
      fc.property(cacheName, (cache) => {
        parseName('dnsLabel', signingSecretName('attic', cache));
        parseName('dnsLabel', signingSecretName('a-service-with-a-long-name', cache));
      }),
    );
  });

  test('is never shared by two caches (Q7)', () => {
    fc.assert(
      fc.property(cacheName, cacheName, (one, other) => {
        fc.pre(one !== other);
        expect(signingSecretName('attic', one)).not.toBe(signingSecretName('attic', other));
      }),
    );
    expect(signingSecretName('attic', 'a_b')).not.toBe(signingSecretName('attic', 'a+b'));
  });
});
