import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { randomToken } from '../random-token.ts';
import type { ClusterFolder } from './folder.ts';
import { API_CERTIFICATE } from './parts.ts';

/** The user that the stacks are applied as. Its rights are bound by name. */
export const OPERATOR_USER = 'rehearsal-operator';
const ADMIN_USER = 'rehearsal-admin';
const KEY_BITS = 2048;

/** Tokens by which the API server knows its two users. */
export interface Tokens {
  readonly admin: string;
  readonly operator: string;
}

/** Makes what the API server reads when it starts: the key for service accounts, and who its users are. */
export function writeServerCredentials(folder: ClusterFolder): Tokens {
  mkdirSync(folder.file('certificates'), { mode: 0o700 });
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: KEY_BITS,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  folder.write('service-accounts.pub', publicKey);
  folder.write('service-accounts.key', privateKey);
  const tokens = { admin: randomToken(), operator: randomToken() };
  folder.write(
    'tokens',
    [
      `${tokens.admin},${ADMIN_USER},${ADMIN_USER},"system:masters"`,
      `${tokens.operator},${OPERATOR_USER},${OPERATOR_USER}`,
      '',
    ].join('\n'),
  );
  return tokens;
}

/** The certificate that the API server has made for itself, once it has. */
export function certificateOf(folder: ClusterFolder): string {
  return readFileSync(folder.file(API_CERTIFICATE), 'utf8');
}

/**
 * Writes the two kubeconfigs, when the API server has made its certificate: one for people and tools, whose contexts are the
 * operator (the current one, named as the settings name the cluster) and the admin; one for the programs of the cluster.
 */
export function writeKubeconfigs(
  folder: ClusterFolder,
  { context, server, tokens }: { context: string; server: string; tokens: Tokens },
): void {
  const cluster = {
    server,
    'certificate-authority-data': Buffer.from(certificateOf(folder)).toString('base64'),
  };
  const config = (users: Readonly<Record<string, string>>, current: string) => ({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: context, cluster }],
    users: Object.entries(users).map(([name, token]) => ({ name, user: { token } })),
    contexts: Object.keys(users).map((name) => ({
      name,
      context: { cluster: context, user: name },
    })),
    'current-context': current,
  });
  const people = { [context]: tokens.operator, [adminContext(context)]: tokens.admin };
  // JSON is YAML, and every tool that reads a kubeconfig reads it.
  folder.write('kubeconfig', `${JSON.stringify(config(people, context), undefined, 2)}\n`);
  const programs = { components: tokens.admin };
  folder.write('components', `${JSON.stringify(config(programs, 'components'), undefined, 2)}\n`);
}

/** The context of the admin, beside that of the operator. */
export function adminContext(context: string): string {
  return `${context}-admin`;
}
