import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { shellLines, storeVariables } from '../../../backend/bootstrap/store-variables.ts';
import { BootstrapGround, KEYS } from './bootstrap-ground.ts';

let ground: BootstrapGround;
beforeEach(async () => {
  ground = await BootstrapGround.start();
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  ground.server.state.objects.set(KEYS, {
    data: { 'access-key-id': base64('key-of-state'), 'secret-access-key': base64('secret') },
  });
});
afterEach(() => ground.stop());

const ENDPOINT = 'http://attic-rustfs-openebs.nix-cache.svc.cluster.local:9000';
const PAIR = {
  TOFU_BACKEND_S3_ACCESS_KEY_ID: 'key-of-state',
  TOFU_BACKEND_S3_SECRET_ACCESS_KEY: 'secret',
};
const from = (environment: NodeJS.ProcessEnv, declared?: string) =>
  storeVariables(ground.stored, ground.client, environment, declared);

describe('what leads to the store that was just deployed', () => {
  test('is its address for pods, and the keys of its bucket from the cluster', async () => {
    expect(await from({ LANG: 'C.UTF-8' })).toEqual({
      LANG: 'C.UTF-8',
      TOFU_BACKEND_S3_ENDPOINT: ENDPOINT,
      ...PAIR,
    });
  });

  test('is the address of the settings, where they tell one to people', async () => {
    expect(await from({}, 'https://s3.example.org')).toEqual(PAIR);
  });

  test.each<[string, NodeJS.ProcessEnv, NodeJS.ProcessEnv]>([
    [
      'an address',
      { TOFU_BACKEND_S3_ENDPOINT: 'https://s3' },
      { TOFU_BACKEND_S3_ENDPOINT: 'https://s3', ...PAIR },
    ],
    [
      'one of the keys, which then is told to be half a pair',
      { TOFU_BACKEND_S3_ACCESS_KEY_ID: 'mine' },
      { TOFU_BACKEND_S3_ENDPOINT: ENDPOINT, TOFU_BACKEND_S3_ACCESS_KEY_ID: 'mine' },
    ],
    [
      'a file, which says all of it',
      { TOFU_BACKEND_S3_CONFIG_FILE: 'backend.hcl' },
      { TOFU_BACKEND_S3_CONFIG_FILE: 'backend.hcl' },
    ],
  ])('is what the environment says: %s', async (_, given, variables) => {
    expect(await from(given)).toEqual(variables);
  });

  test('is missing with the Secret', async () => {
    ground.server.state.objects.delete(KEYS);
    await expect(from({})).rejects.toMatchObject({
      exitCode: 1,
      message:
        'the Secret nix-cache/tofu-state-s3 has no access-key-id\n    run just secrets-ensure attic',
    });
  });

  test('is told to a shell without any value', () => {
    expect(shellLines(ground.stored, undefined)).toEqual([
      `export TOFU_BACKEND_S3_ENDPOINT=${ENDPOINT}`,
      `export TOFU_BACKEND_S3_ACCESS_KEY_ID="$(kubectl -n nix-cache get secret tofu-state-s3 -o 'jsonpath={.data.access-key-id}' | base64 -d)"`,
      `export TOFU_BACKEND_S3_SECRET_ACCESS_KEY="$(kubectl -n nix-cache get secret tofu-state-s3 -o 'jsonpath={.data.secret-access-key}' | base64 -d)"`,
    ]);
    expect(shellLines(ground.stored, 'https://s3.example.org')).toHaveLength(2);
  });
});
