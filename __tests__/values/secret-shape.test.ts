import { describe, expect, test } from 'vitest';
import { InvalidValue, show } from '../../values/invalid-value.ts';
import { secretShape } from '../../values/secret-shape.ts';

/** Made up, each in the shape its issuer gives it. Put together here so that no scanner takes this file for a leak. */
const CREDENTIALS: readonly (readonly [what: string, text: string])[] = [
  ['a GitLab token', `glrt-${'a1B2'.repeat(5)}`],
  ['a GitLab token', `glpat-${'a1B2'.repeat(5)}`],
  ['a GitHub token', `ghp_${'a1B2'.repeat(9)}`],
  ['a GitHub token', `github_pat_${'a1B2'.repeat(6)}`],
  ['a private key', `-----BEGIN ${'RSA'} PRIVATE KEY-----\nabc`],
  ['an AWS access key id', `AKIA${'ABCD'.repeat(4)}`],
  ['a JSON web token', ['eyJhbGciOiJI', 'eyJzdWIiOiIx', 'c2lnbmF0dXJl'].join('.')],
  ['a Nix signing key', `main:${'A'.repeat(86)}==`],
  ['a Slack token', `xoxb-${'1234567890'}-abc`],
  ['a URL with a password', `https://user:${'hunter22'}@example.org/`],
];

describe('secretShape', () => {
  test.each(CREDENTIALS)('knows %s, alone and in the middle of something (W-A3)', (what, text) => {
    expect(secretShape(text)).toBe(what);
    expect(secretShape(`token = ${text}\n`)).toBe(what);
    expect(secretShape(JSON.stringify({ token: text }))).toBe(what);
  });

  test.each([
    'main:4JVxzj5a3MgJX2mWyBLUvmUl6ql3oKp7rJLdnYVoWCs=',
    'https://user@example.org',
    'https://example.org:8443/a@b',
    'grpc://bazel-cache.nix-cache.svc.cluster.local:9092',
    `sha256:${'0123456789abcdef'.repeat(4)}`,
    'gitlab-runner-token',
    'glrt-token',
    '-----BEGIN CERTIFICATE-----',
  ])('lets pass what only looks like one: %s', (text) => {
    expect(secretShape(text)).toBeUndefined();
  });
});

describe('show', () => {
  test.each(CREDENTIALS)('says only that it is %s', (what, text) => {
    expect(show(text)).toBe(`${what} (not shown)`);
    expect(show({ nested: [text] })).toBe(`${what} (not shown)`);
    expect(new InvalidValue(text, 'be something else').message).toBe(
      `must be something else, got ${what} (not shown)`,
    );
  });

  test('never shows the beginning of a credential that is too long to show', () => {
    expect(show(`${'x'.repeat(75)} ${CREDENTIALS[0]?.[1]}`)).toBe('a GitLab token (not shown)');
  });

  test.each([
    ['text', '"text"'],
    ['two\nlines', '"two\\nlines"'],
    [5, '5'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [true, 'true'],
    [null, 'null'],
    [undefined, 'nothing'],
    [['a', 1], '["a",1]'],
    [{ a: 1 }, '{"a":1}'],
    ['x'.repeat(78), `"${'x'.repeat(78)}"`],
    ['x'.repeat(79), `"${'x'.repeat(79)}… (81 characters)`],
  ])('prints %j as %s', (value, printed) => {
    expect(show(value)).toBe(printed);
  });

  test('prints a whole number of any size', () => {
    expect(show(2n ** 64n)).toBe('18446744073709551616');
  });
});

describe('InvalidValue', () => {
  test('keeps its parts apart, so that a reader can add file and line', () => {
    const error = new InvalidValue(7, 'be text', 'put it into quotes');
    expect(error).toMatchObject({ rule: 'be text', value: 7, remedy: 'put it into quotes' });
    expect(error.message).toBe('must be text, got 7; put it into quotes');
  });
});
