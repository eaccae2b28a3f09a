import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SECRET_KINDS, type SecretKind, type SecretRef } from '../../../values/secret-ref.ts';
import { filesOf } from '../../secrets/given.ts';
import type { Values } from '../../secrets/practice.ts';
import { randomToken } from '../random-token.ts';
import { selfSigned } from './self-signed.ts';

/** The kinds that no program can make, because another system hands them out. */
type GivenKind = {
  [Kind in SecretKind]: (typeof SECRET_KINDS)[Kind]['origin'] extends 'person' ? Kind : never;
}[SecretKind];

/** A hash as bcrypt makes it, of a password that nobody knows. */
const NO_PASSWORD = `$2b$10$${'abcdefghijklmnopqrstuv'.padEnd(53, 'x')}`;

/** What a rehearsal gives in the place of a person: well-formed, made anew each time, and good for nothing. */
const VALUES: Readonly<Record<GivenKind, () => Values>> = {
  's3-credentials-external': () => ({
    'access-key-id': letters(20).toUpperCase(),
    'secret-access-key': letters(40),
  }),
  'database-url': () => ({
    uri: `postgresql://attic:${letters(32)}@database.invalid:5432/attic?sslmode=require`,
  }),
  'runner-token': () => ({ 'runner-token': `glrt-${letters(20)}` }),
  'github-app': () => ({
    github_app_id: '123456',
    github_app_installation_id: '7654321',
    github_app_private_key: rsaKey(),
  }),
  'oauth-client': () => ({ 'client-id': letters(16), 'client-secret': `gloas-${letters(40)}` }),
  'gitlab-api-token': () => ({ token: `glpat-${letters(20)}` }),
  htpasswd: () => ({ htpasswd: `rehearsal:${NO_PASSWORD}\n` }),
  'registry-credentials': () => ({
    '.dockerconfigjson': JSON.stringify({
      auths: { 'registry.invalid': { username: 'rehearsal', password: letters(32) } },
    }),
  }),
  'tls-certificate': () => {
    const { certificate, key } = selfSigned('rehearsal.invalid');
    return { 'tls.crt': certificate, 'tls.key': key };
  },
};

/** Writes what only a person can supply into a folder, as `secrets ensure --from` reads it. */
export function giveSecrets(folder: string, needed: readonly SecretRef[]): void {
  // A stack of which a person has to give nothing is asked for it all the same.
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const ref of needed) {
    if (!isGiven(ref.kind)) continue;
    for (const [key, value] of Object.entries(VALUES[ref.kind]())) {
      const [own] = filesOf(ref, key);
      const file = join(folder, own);
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(file, value, { mode: 0o600 });
    }
  }
}

function isGiven(kind: SecretKind): kind is GivenKind {
  return SECRET_KINDS[kind].origin === 'person';
}

function letters(count: number): string {
  let made = '';
  while (made.length < count) made += randomToken().replaceAll(/[^A-Za-z0-9]/g, '');
  return made.slice(0, count);
}

function rsaKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return String(privateKey.export({ format: 'pem', type: 'pkcs1' }));
}
