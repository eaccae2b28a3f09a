import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { primaryKeys, problemsOf } from '../../../operations/secrets/practice.ts';
import { SECRET_KINDS, type SecretKind } from '../../../values/secret-ref.ts';

const SURROUNDINGS = { cache: undefined, push: undefined, jwtKey: undefined, nowSec: 0 };
const rsa = (modulusLength: number) =>
  generateKeyPairSync('rsa', { modulusLength }).privateKey.export({ format: 'pem', type: 'pkcs1' });
const PEM = String(rsa(2048));
const LOCKED = String(
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey,
);
const ED25519 = String(
  generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }),
);
const TOKEN = 'glrt-t1_abcdefghij-KLMNOPQRS.01.0a1b2c3d4';
const BCRYPT = `$2y$05$${'a'.repeat(53)}`;
const docker = (entry: object) => JSON.stringify({ auths: { 'ghcr.io': entry } });
const pair = (text: string) => Buffer.from(text).toString('base64');

function problem(kind: SecretKind, key: string, value: string): string | undefined {
  return problemsOf(kind, { [key]: value }, SURROUNDINGS)[key];
}

describe('a value of a Secret', () => {
  test.each<[SecretKind, string, string]>([
    ['runner-token', 'runner-token', TOKEN],
    ['runner-token', 'runner-registration-token', ''],
    ['github-app', 'github_app_id', '123456'],
    ['github-app', 'github_app_id', 'Iv23liAbCdEfGhIjKlMn'],
    ['github-app', 'github_app_installation_id', '98765432'],
    ['github-app', 'github_app_private_key', PEM],
    ['gitlab-api-token', 'token', 'glpat-abcdefghijklmnopqrst'],
    ['oauth-client', 'client-secret', 'gloas-0123456789abcdef'],
    ['database-url', 'uri', 'postgresql://attic:p%40ss@db.example:5432/attic?sslmode=require'],
    ['htpasswd', 'htpasswd', `ci:${BCRYPT}\nops:${BCRYPT}\n`],
    ['registry-credentials', '.dockerconfigjson', docker({ auth: pair('me:secret') })],
    ['jwt-signing-key', 'hs256-secret-base64', Buffer.alloc(64, 7).toString('base64')],
  ])('of kind %s may be a right %s', (kind, key, value) => {
    expect(problem(kind, key, value)).toBeUndefined();
  });

  test.each<[SecretKind, string, string, string]>([
    ['runner-token', 'runner-token', `${TOKEN}\n`, 'ends with a line end; write it with printf %s'],
    ['runner-token', 'runner-token', `${TOKEN} `, 'holds a blank or a line end'],
    ['runner-token', 'runner-token', `\uFEFF${TOKEN}`, 'holds a blank or a line end'],
    ['runner-token', 'runner-token', `${TOKEN}\u200B`, 'holds a character that no such value has'],
    ['runner-token', 'runner-token', '', 'is empty'],
    ['runner-token', 'runner-token', 'CHANGEME', 'is a placeholder'],
    [
      'runner-token',
      'runner-token',
      'GR1348941abcdefghijklmnopqrst',
      'is not a token of a runner: glrt- and at least 20 characters, as GitLab shows it once when a runner is made',
    ],
    ['runner-token', 'runner-registration-token', 'x', 'is not empty, and must be'],
    ['github-app', 'github_app_id', 'my-app', 'is not the number or client id of an App'],
    [
      'github-app',
      'github_app_installation_id',
      '12\n',
      'ends with a line end; write it with printf %s',
    ],
    [
      'github-app',
      'github_app_private_key',
      PEM.replaceAll('\n', '\\n'),
      'has \\n written out where its line ends should be',
    ],
    [
      'github-app',
      'github_app_private_key',
      PEM.slice(0, 200),
      'does not parse as a private key in PEM form without a passphrase',
    ],
    [
      'github-app',
      'github_app_private_key',
      LOCKED,
      'does not parse as a private key in PEM form without a passphrase',
    ],
    ['github-app', 'github_app_private_key', ED25519, 'is a key of type ed25519, not RSA'],
    [
      'github-app',
      'github_app_private_key',
      String(rsa(1024)),
      'is an RSA key of 1024 bits, fewer than 2048',
    ],
    ['oauth-client', 'client-secret', 'short', 'has 5 characters, and such a value has 16 to 512'],
    ['database-url', 'uri', 'mysql://a:b@c/d', 'does not begin with postgresql://'],
    ['database-url', 'uri', 'postgresql://a@c/', 'lacks a password and the name of a database'],
    [
      'database-url',
      'uri',
      'postgresql://a:b@c/d',
      'does not say sslmode=require, verify-ca, verify-full',
    ],
    ['database-url', 'uri', 'postgresql://a:b@c:port/d', 'is no URL; is its password URL-encoded?'],
    ['htpasswd', 'htpasswd', '', 'is empty'],
    [
      'htpasswd',
      'htpasswd',
      `ci:${BCRYPT}\nops:{SHA}abc`,
      'is not user:bcrypt hash in line 2; make it with htpasswd -nB <user>',
    ],
    ['registry-credentials', '.dockerconfigjson', '[]', 'is not JSON with a map "auths"'],
    [
      'registry-credentials',
      '.dockerconfigjson',
      '{"auths":{}}',
      'names no registry under "auths"',
    ],
    [
      'registry-credentials',
      '.dockerconfigjson',
      docker({}),
      'has no credentials for ghcr.io: a helper of your machine keeps them, and a cluster has no helpers',
    ],
    ['jwt-signing-key', 'hs256-secret-base64', 'AAAA', 'is base64 of 3 bytes, fewer than 32'],
    [
      'jwt-signing-key',
      'hs256-secret-base64',
      'not-base64_',
      'is not base64 in the standard alphabet with padding',
    ],
    [
      'object-store-root',
      'secret-access-key',
      'rustfsadmin',
      'is the password that stores come with',
    ],
  ])('of kind %s is refused as %s (L3)', (kind, key, value, message) => {
    expect(problem(kind, key, value)).toBe(message);
  });

  test('is never repeated in what is said about it', () => {
    for (const kind of Object.keys(SECRET_KINDS) as SecretKind[]) {
      for (const key of SECRET_KINDS[kind].keys) {
        for (const value of ['hunter2-hunter2 ', 'hunter2-hunter2-hunter2', '{"hunter2": 1}']) {
          expect(problem(kind, key, value) ?? '').not.toContain('hunter2');
        }
      }
    }
  });
});

describe('every kind', () => {
  test.each(Object.keys(SECRET_KINDS) as SecretKind[])(
    '%s has a shape for each of its keys',
    (kind) => {
      for (const key of SECRET_KINDS[kind].keys) {
        const isEmptyByRule = key === 'runner-registration-token';
        expect(problem(kind, key, '') === undefined).toBe(isEmptyByRule);
      }
      expect(primaryKeys(kind).length).toBeGreaterThan(0);
    },
  );
});
