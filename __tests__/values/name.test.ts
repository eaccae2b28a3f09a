import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type NameKind, nameRule, parseName, parseStateKey } from '../../values/name.ts';
import { refusalOf } from '../support/refusal.ts';

/** The longest name of each kind, by its own limit. */
const LONGEST: Record<NameKind, string> = {
  dnsLabel: 'a'.repeat(63),
  service: 'a'.repeat(63),
  dnsName: Array.from({ length: 127 }, () => 'a').join('.'),
  helmRelease: 'a'.repeat(53),
  scaleSet: 'a'.repeat(45),
  cache: 'a'.repeat(50),
  bucket: 'a'.repeat(63),
  signingKey: 'a'.repeat(100),
  secretKey: 'a'.repeat(253),
  labelKey: `${'a'.repeat(253)}/${'b'.repeat(63)}`,
  labelValue: 'a'.repeat(63),
  tag: 'a'.repeat(255),
};
const KINDS = Object.keys(LONGEST) as NameKind[];

describe('parseName', () => {
  test.each<[NameKind, string]>([
    ['dnsLabel', 'nix-cache'],
    ['dnsLabel', '0'],
    ['service', 'attic'],
    ['dnsName', 'nix-cache.example.org'],
    ['helmRelease', 'tinyland-nix-operator'],
    ['scaleSet', 'gh-docker'],
    ['cache', 'Main_2+x'],
    ['bucket', 'tofu-state'],
    ['signingKey', 'cache.nixos.org-1'],
    ['secretKey', '.dockerconfigjson'],
    ['labelKey', 'app.kubernetes.io/name'],
    ['labelKey', 'gpu'],
    ['labelValue', ''],
    ['labelValue', 'NVIDIA-L40S'],
    ['tag', 'group/project:x86_64'],
  ])('takes as %s "%s"', (kind, name) => {
    expect(parseName(kind, name)).toBe(name);
  });

  test.each(KINDS)('takes a %s of the greatest length and no longer one', (kind) => {
    const longest = LONGEST[kind];
    const { what, maxLength } = nameRule(kind);
    expect(longest.length).toBe(maxLength);
    expect(parseName(kind, longest)).toBe(longest);
    expect(() => parseName(kind, `${longest}a`)).toThrow(
      `must be ${what} of at most ${maxLength} characters`,
    );
  });

  test.each(KINDS)('rejects a %s with a blank or line end at an edge (L3)', (kind) => {
    const { what } = nameRule(kind);
    for (const edged of ['abc\n', ' abc', 'abc\r\n', 'abc\u00a0', '\tabc']) {
      expect(refusalOf(() => parseName(kind, edged))).toBe(
        `must be ${what} without blanks or line ends, got ${JSON.stringify(edged)}; remove them`,
      );
    }
  });

  test.each(KINDS)('takes a %s exactly when the pattern shown to editors does', (kind) => {
    const { pattern, maxLength } = nameRule(kind);
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aZ0-._/: é'), maxLength: 8 }), (text) => {
        const shown = pattern.test(text) && text.length <= maxLength;
        expect(isTaken(kind, text)).toBe(shown);
      }),
    );
  });

  const Label = 'lower-case letters, digits and "-", beginning and ending with a letter or digit';

  test.each<[NameKind, string, string]>([
    ['dnsLabel', '', `must be a DNS label: ${Label}, got ""`],
    ['dnsLabel', '-a', `must be a DNS label: ${Label}, got "-a"`],
    ['dnsLabel', 'a-', `must be a DNS label: ${Label}, got "a-"`],
    ['dnsLabel', 'nix_cache', `must be a DNS label: ${Label}, got "nix_cache"`],
    ['dnsLabel', 'a.b', `must be a DNS label: ${Label}, got "a.b"`],
    [
      'service',
      '9p',
      'must be a Service name: lower-case letters, digits and "-", beginning with a letter, got "9p"',
    ],
    [
      'dnsName',
      'example..org',
      'must be a host name: DNS labels joined by ".", got "example..org"',
    ],
    [
      'dnsName',
      'https://example.org',
      'must be a host name: DNS labels joined by ".", got "https://example.org"',
    ],
    [
      'dnsName',
      `${'a'.repeat(64)}.org`,
      `must be a host name: DNS labels joined by ".", got "${'a'.repeat(64)}.org"`,
    ],
    [
      'cache',
      '-main',
      'must be an Attic cache name: letters, digits, "-", "_" and "+", beginning with a letter or digit, got "-main"',
    ],
    [
      'bucket',
      'ab',
      'must be a bucket name: at least 3 lower-case letters, digits and "-", got "ab"',
    ],
    [
      'bucket',
      'my.bucket',
      'must be a bucket name: at least 3 lower-case letters, digits and "-", got "my.bucket"',
    ],
    [
      'signingKey',
      'main:1',
      'must be a signing key name: letters, digits, ".", "_" and "-", never ":", got "main:1"',
    ],
    ['secretKey', 'a/b', 'must be a key of a Secret: letters, digits, ".", "_" and "-", got "a/b"'],
    [
      'labelKey',
      'a/b/c',
      'must be a label key: at most 63 letters, digits and "._-", after a host name and "/" if you like, got "a/b/c"',
    ],
    [
      'labelValue',
      'a b',
      'must be a label value: letters, digits and "._-", beginning and ending with a letter or digit, got "a b"',
    ],
    [
      'tag',
      '-x',
      'must be a runner tag: letters, digits and "._:/-", beginning with a letter or digit, got "-x"',
    ],
  ])('rejects as %s "%s"', (kind, name, message) => {
    expect(refusalOf(() => parseName(kind, name))).toBe(message);
  });

  function isTaken(kind: NameKind, text: string): boolean {
    try {
      return parseName(kind, text) === text;
    } catch {
      return false;
    }
  }
});

describe('parseStateKey', () => {
  test.each([
    'attic/terraform.tfstate',
    'tinyland-infra/gitlab-runners/terraform.tfstate',
    'x.tfstate',
  ])('takes %s (S2)', (key) => {
    expect(parseStateKey(key)).toBe(key);
  });

  test.each([
    '',
    '/attic.tfstate',
    'attic/',
    'attic//x.tfstate',
    'attic.json',
    '../x.tfstate',
    'a b.tfstate',
    'x.tfstate\n',
  ])('rejects %j', (key) => {
    expect(refusalOf(() => parseStateKey(key))).toBe(
      `must be a state key: segments of letters, digits and "._-" joined by "/", ending in .tfstate, got ${JSON.stringify(key)}`,
    );
  });
});
