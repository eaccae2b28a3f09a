import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PassphraseSource } from '../../../backend/encryption/passphrase.ts';
import { tofuEncryption } from '../../../backend/encryption/tofu-encryption.ts';
import { readSettings } from '../../../config/read-settings.ts';
import type { Settings } from '../../../config/settings.ts';
import { exampleFile } from '../../support/examples.ts';

const PASSPHRASE = 'correct horse battery staple';
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flywheel-passphrase-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function fileWith(text: string, mode = 0o600): string {
  const file = join(folder, `passphrase-${text.length}-${mode}`);
  writeFileSync(file, text, { mode });
  return file;
}

function settingsWith(encryption: Settings['state']['encryption']): Settings {
  const settings = readSettings(exampleFile('minimal'));
  return { ...settings, state: { ...settings.state, encryption } };
}

const reading = (
  from: PassphraseSource,
  environment: NodeJS.ProcessEnv = {},
  readSecret = async () => `${PASSPHRASE}\n`,
) =>
  tofuEncryption(settingsWith({ key: { kind: 'passphrase', name: 'now', from } }), {
    environment: { PATH: process.env.PATH, HOME: folder, ...environment },
    readSecret,
  });

const EXPECTED = JSON.stringify({
  key_provider: { pbkdf2: { now: { passphrase: PASSPHRASE } } },
});

describe('what tofu is told of the keys of states and plans', () => {
  test('is nothing where nothing is encrypted, and where KMS has the key', async () => {
    const reader = { environment: {}, readSecret: async () => '' };
    expect(await tofuEncryption(settingsWith(undefined), reader)).toBeUndefined();
    const key = { kind: 'aws-kms', name: 'now', keyId: 'k', region: 'r', profile: 'p' } as const;
    expect(await tofuEncryption(settingsWith({ key }), reader)).toBeUndefined();
  });

  test('is the passphrase from a file, a command, a variable, or a Secret in the cluster', async () => {
    expect(await reading({ source: 'file', path: fileWith(`${PASSPHRASE}\n`) })).toBe(EXPECTED);
    expect(await reading({ source: 'command', run: ['echo', PASSPHRASE] })).toBe(EXPECTED);
    expect(await reading({ source: 'environment', variable: 'HERE' }, { HERE: PASSPHRASE })).toBe(
      EXPECTED,
    );
    const secret = { source: 'secret', namespace: 'ci', name: 'state', key: 'passphrase' } as const;
    expect(await reading(secret, { KUBERNETES_SERVICE_HOST: '10.43.0.1' })).toBe(EXPECTED);
  });

  test('is both passphrases while older states are still read', async () => {
    const from = { source: 'environment', variable: 'OLD' } as const;
    const settings = settingsWith({
      key: { kind: 'passphrase', name: 'now', from: { source: 'environment', variable: 'NEW' } },
      previous: { kind: 'passphrase', name: 'before', from },
    });
    const environment = { NEW: PASSPHRASE, OLD: 'the passphrase of last year' };
    const told = await tofuEncryption(settings, { environment, readSecret: async () => '' });
    expect(JSON.parse(told ?? '').key_provider.pbkdf2).toEqual({
      now: { passphrase: PASSPHRASE },
      before: { passphrase: 'the passphrase of last year' },
    });
  });

  test.each<[string, () => Promise<unknown>, string]>([
    [
      'a file that is missing',
      () => reading({ source: 'file', path: '/nowhere/at/all' }),
      'is to be in /nowhere/at/all, which cannot be read: ENOENT',
    ],
    [
      'a file that others may read',
      () => reading({ source: 'file', path: fileWith(PASSPHRASE, 0o640) }),
      'which others may read: chmod 600 ',
    ],
    [
      'a command that fails',
      () => reading({ source: 'command', run: ['sh', '-c', `echo ${PASSPHRASE}; exit 3`] }),
      'which failed (3)',
    ],
    [
      'a command that is missing',
      () => reading({ source: 'command', run: ['no-such-program'] }),
      'is to be printed by "no-such-program", which failed (ENOENT)',
    ],
    [
      'a variable that is not set',
      () => reading({ source: 'environment', variable: 'HERE' }),
      'is to be in HERE, which is not set',
    ],
    [
      'a Secret outside of the cluster',
      () => reading({ source: 'secret', namespace: 'ci', name: 'state', key: 'k' }),
      'which is read by jobs in the cluster alone: outside of it name a file, a command or a variable',
    ],
    [
      'a short one',
      () => reading({ source: 'environment', variable: 'HERE' }, { HERE: 'hunter2' }),
      'from HERE has fewer than 16 characters',
    ],
    [
      'two lines',
      () => reading({ source: 'environment', variable: 'HERE' }, { HERE: `${PASSPHRASE}\n\n` }),
      'from HERE has a line break in it',
    ],
    [
      'blanks around it',
      () => reading({ source: 'environment', variable: 'HERE' }, { HERE: ` ${PASSPHRASE}` }),
      'from HERE begins or ends with a blank',
    ],
  ])('is a refusal that does not quote it for %s', async (_what, read, expected) => {
    const { message } = await read().then(
      () => new Error('nothing was refused'),
      (error) => error,
    );
    expect(message).toContain('the passphrase of the key now ');
    expect(message).toContain(expected);
    expect(message).not.toMatch(/hunter2|staple(?!;)/);
  });
});
