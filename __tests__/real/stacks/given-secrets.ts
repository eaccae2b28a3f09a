import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const POOLS = [
  'dind-runner',
  'docker-runner',
  'nix-runner',
  'rocky8-runner',
  'rocky9-runner',
  'tinyland-nix-operator',
];

/** Writes what only a person can supply for the stacks of tinyland: well-formed, and good for nothing. */
export function giveSecrets(folder: string): void {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const files: Record<string, string> = {
    'github-app-secret/github_app_id': '123456',
    'github-app-secret/github_app_installation_id': '7654321',
    'github-app-secret/github_app_private_key': String(
      privateKey.export({ format: 'pem', type: 'pkcs1' }),
    ),
    'dashboard-gitlab-token/token': `glpat-${'a'.repeat(20)}`,
    'dashboard-oauth/client-id': '0123456789abcdef',
    'dashboard-oauth/client-secret': `gloas-${'b'.repeat(40)}`,
  };
  POOLS.forEach((pool, index) => {
    files[`${pool}-token/runner-token`] = `glrt-${String.fromCharCode(99 + index).repeat(20)}`;
  });
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, text, { mode: 0o600 });
  }
}
