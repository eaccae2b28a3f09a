import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fingerprint } from '../../../operations/secrets/fingerprint.ts';
import {
  daysLeft,
  mintPushToken,
  PUSH_TOKEN_DAYS,
  tokenProblem,
} from '../../../operations/secrets/push-token.ts';
import { credentialsFile, fileProblem, makeIdentity } from '../../../operations/secrets/s3-pair.ts';
import { makePair, pairProblem, publicHalf } from '../../../operations/secrets/signing-pair.ts';

/** A pair that `nix key generate-secret` could have made: the test vector 1 of RFC 8032. */
const SEED = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
const PUBLIC = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
const KNOWN = `main:${Buffer.from(SEED + PUBLIC, 'hex').toString('base64')}`;

describe('a signing pair', () => {
  test('is read as Nix writes it', () => {
    expect(publicHalf(KNOWN)).toBe(`main:${Buffer.from(PUBLIC, 'hex').toString('base64')}`);
  });

  test('is made in the same form, and its halves belong together', () => {
    const made = makePair('blog-cache');
    expect(made).toMatch(/^blog-cache:[A-Za-z0-9+/]{86}==$/);
    const bytes = Buffer.from(made.split(':')[1] ?? '', 'base64');
    const jwk = (d: Buffer, x: Buffer) => ({
      key: { kty: 'OKP', crv: 'Ed25519', d: d.toString('base64url'), x: x.toString('base64url') },
      format: 'jwk' as const,
    });
    const key = jwk(bytes.subarray(0, 32), bytes.subarray(32));
    const message = Buffer.from('1;/nix/store/x;sha256:y;1;');
    const signature = sign(null, message, createPrivateKey(key));
    expect(verify(null, message, createPublicKey(key), signature)).toBe(true);
    expect(pairProblem(made)).toBeUndefined();
    expect(makePair('a')).not.toBe(makePair('a'));
  });

  test('is refused when its second half belongs to another', () => {
    const [one = '', two = ''] = [makePair('a'), makePair('a')].map((pair) => pair.slice(2));
    const bytes = [
      Buffer.from(one, 'base64').subarray(0, 32),
      Buffer.from(two, 'base64').subarray(32),
    ];
    const mixed = `a:${Buffer.concat(bytes).toString('base64')}`;
    expect(pairProblem(mixed)).toBe(
      'is no pair: its second half is not the public key of the first',
    );
    expect(pairProblem('main:short')).toBe('is not name:base64 of the 64 bytes of an Ed25519 pair');
  });
});

describe('a push token', () => {
  const key = Buffer.alloc(64, 1).toString('base64');
  const right = { cache: 'main', issuer: undefined, audiences: [] };
  const now = 1_800_000_000;
  const token = mintPushToken(key, right, now);

  test('gives the two rights that pushing needs, on one cache, for three months', () => {
    const [, body = ''] = token.split('.');
    expect(JSON.parse(Buffer.from(body, 'base64url').toString())).toEqual({
      sub: 'push-main',
      nbf: now - 60,
      exp: now + 90 * 86_400,
      'https://jwt.attic.rs/v1': { caches: { main: { r: 1, w: 1 } } },
    });
    expect(daysLeft(token, now)).toBe(PUSH_TOKEN_DAYS);
    expect(tokenProblem(token, right, key, now)).toBeUndefined();
  });

  test('carries issuer and audiences where the server demands them', () => {
    const bound = { cache: 'main', issuer: 'us', audiences: ['attic', 'other'] };
    expect(tokenProblem(mintPushToken(key, bound, now), bound, key, now)).toBeUndefined();
    expect(tokenProblem(token, bound, key, now)).toBe(
      'names another issuer than attic.tokens.issuer',
    );
    const anyIssuer = { ...bound, issuer: undefined };
    expect(tokenProblem(token, anyIssuer, key, now)).toBe('names none of attic.tokens.audiences');
  });

  test('is compared with the key that is in the cluster, before anything is pushed (L4)', () => {
    const other = Buffer.alloc(64, 2).toString('base64');
    expect(tokenProblem(token, right, other, now)).toBe(
      'is signed with another key than the one in the cluster: Attic refuses it',
    );
    expect(tokenProblem(token, right, undefined, now)).toBeUndefined();
  });

  test.each([
    ['ended', token, right, now + 91 * 86_400, 'ended 2027-04-15'],
    [
      'for another cache',
      token,
      { ...right, cache: 'blog' },
      now,
      'gives no right to read and push blog',
    ],
    ['no token', 'abc', right, now, 'is no JSON web token signed with HS256'],
  ])('is refused when it is %s', (_, text, asked, at, message) => {
    expect(tokenProblem(text, asked, key, at)).toBe(message);
  });
});

describe('an access identity', () => {
  test('has the lengths of AWS and no character that a program could misread', () => {
    const { 'access-key-id': id, 'secret-access-key': secret } = makeIdentity();
    expect(id).toMatch(/^[A-Z2-7]{20}$/);
    expect(secret).toMatch(/^[A-Za-z0-9]{40}$/);
    expect(makeIdentity()).not.toEqual({ 'access-key-id': id, 'secret-access-key': secret });
  });

  test('is the same in its file, or the file is refused', () => {
    const file = credentialsFile('id', 'secret');
    expect(file).toBe('[default]\naws_access_key_id = id\naws_secret_access_key = secret\n');
    expect(fileProblem(file, 'id', 'secret')).toBeUndefined();
    expect(fileProblem(file, 'id', 'other')).toBe('holds another pair than the two keys beside it');
    expect(fileProblem('', 'id', 'secret')).toBe('has no profile [default]');
  });
});

describe('fingerprint', () => {
  test('is the same for everyone who looks at the cluster, and another in each cluster', async () => {
    const mark = await fingerprint('value', 'uid');
    expect(mark).toMatch(/^[0-9a-f]{12}$/);
    expect(await fingerprint('value', 'uid')).toBe(mark);
    expect(await fingerprint('value', 'other')).not.toBe(mark);
    expect(await fingerprint('valuE', 'uid')).not.toBe(mark);
  });

  test('costs too much to guess with', async () => {
    const began = performance.now();
    await fingerprint('value', 'uid');
    expect(performance.now() - began).toBeGreaterThan(8);
  });
});
