import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, describe, expect, test } from 'vitest';
import { authoritiesFile, backendAccess } from '../../../backend/settings/backend-access.ts';
import { compatibilityNote } from '../../../backend/settings/variables.ts';
import { readSettings } from '../../../config/read-settings.ts';
import type { Settings } from '../../../config/settings.ts';
import { Failure } from '../../../console/failure.ts';
import { exampleFile } from '../../support/examples.ts';

const SETTINGS = readSettings(exampleFile('minimal'));
const KEYS = {
  TOFU_BACKEND_S3_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  TOFU_BACKEND_S3_SECRET_ACCESS_KEY: 'secretsecretsecret',
};
const GIVEN = { TOFU_BACKEND_S3_ENDPOINT: 'https://s3.example.org:9443', ...KEYS };

const folder = mkdtempSync(join(tmpdir(), 'flywheel-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

function refusal(environment: NodeJS.ProcessEnv, settings: Settings = SETTINGS) {
  try {
    backendAccess(settings, environment);
  } catch (error) {
    if (error instanceof Failure) return { code: error.exitCode, text: error.message };
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('how the store of the states is reached', () => {
  test('is said by the environment; bucket, region and path style by the settings (S3)', () => {
    expect(backendAccess(SETTINGS, GIVEN)).toEqual({
      endpoint: 'https://s3.example.org:9443',
      bucket: 'tofu-state',
      region: 'us-east-1',
      pathStyle: true,
      keys: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secretsecretsecret' },
    });
  });

  test('takes a session token, a file of certificates, and what the settings say as well', () => {
    const authorities = file('ca.pem', rootCertificates[0] ?? '');
    const environment = {
      ...GIVEN,
      TOFU_BACKEND_S3_SESSION_TOKEN: 'token',
      TOFU_BACKEND_S3_CA_FILE: authorities,
      TOFU_BACKEND_S3_BUCKET: 'tofu-state',
      TOFU_BACKEND_S3_REGION: 'us-east-1',
      TOFU_BACKEND_S3_PATH_STYLE: 'true',
    };
    expect(backendAccess(SETTINGS, environment)).toMatchObject({
      keys: { sessionToken: 'token' },
      authorities: rootCertificates[0],
    });
    expect(authoritiesFile(SETTINGS, environment)).toBe(authorities);
  });

  test.each([
    ['http://127.0.0.1:9000'],
    ['http://localhost:9000'],
    ['http://[::1]:9000'],
    ['http://object-store.nix-cache.svc:9000'],
    ['http://object-store.nix-cache.svc.cluster.local:9000'],
  ])('may be in clear where nothing leaves machine or cluster: %s', (endpoint) => {
    const environment = { ...GIVEN, TOFU_BACKEND_S3_ENDPOINT: endpoint };
    expect(backendAccess(SETTINGS, environment).endpoint).toBe(endpoint);
  });

  test('is in clear elsewhere only with a consent in writing, for that address alone', () => {
    const endpoint = 'http://10.0.0.5:9000';
    const environment = { ...GIVEN, TOFU_BACKEND_S3_ENDPOINT: endpoint };
    expect(refusal(environment).text).toContain(
      `TOFU_BACKEND_S3_ENDPOINT must be encrypted: states and signatures would go to another machine in clear, got "${endpoint}"\n        write https://, or set TOFU_BACKEND_S3_PLAINTEXT=${endpoint} to consent to it in writing`,
    );
    for (const consent of ['true', 'http://10.0.0.6:9000', 'http://10.0.0.5']) {
      expect(refusal({ ...environment, TOFU_BACKEND_S3_PLAINTEXT: consent }).code).toBe(64);
    }
    const consented = { ...environment, TOFU_BACKEND_S3_PLAINTEXT: endpoint };
    expect(backendAccess(SETTINGS, consented).endpoint).toBe(endpoint);
  });

  test.each([
    ['s3.example.org', 'be an address, got "s3.example.org"'],
    ['ftp://s3.example.org', 'be an address'],
    ['https://s3.example.org/bucket', 'have no path'],
    ['http://0.0.0.0:9000', 'be an address that can be called'],
  ])('is no address like %s', (endpoint, rule) => {
    const { code, text } = refusal({ ...GIVEN, TOFU_BACKEND_S3_ENDPOINT: endpoint });
    expect(code).toBe(64);
    expect(text).toContain(`TOFU_BACKEND_S3_ENDPOINT must ${rule}`);
  });

  test('repeats no credentials of an address', () => {
    const endpoint = 'https://ada:hunter2@s3.example.org';
    const { text } = refusal({ ...GIVEN, TOFU_BACKEND_S3_ENDPOINT: endpoint });
    expect(text).toContain('must be an address without credentials');
    expect(text).not.toContain('hunter2');
  });

  test('tells everything that is wrong at once', () => {
    expect(
      refusal({
        TOFU_BACKEND_S3_ACCESS_KEY_ID: 'AKID\n',
        TOFU_BACKEND_S3_BUCKET: 'other',
        TOFU_BACKEND_S3_REGION: 'eu-west-1',
        TOFU_BACKEND_S3_PATH_STYLE: 'yes',
        TOFU_BACKEND_S3_CA_FILE: '/nowhere/ca.pem',
        TOFU_BACKEND_S3_ENDPIONT: 'https://s3.example.org',
      }),
    ).toEqual({
      code: 64,
      text: [
        'the store of the states cannot be reached as it is described:',
        '    TOFU_BACKEND_S3_ENDPIONT means nothing',
        '        did you mean TOFU_BACKEND_S3_ENDPOINT?',
        '    TOFU_BACKEND_S3_ENDPOINT is missing',
        '        set it to the address of the store, such as https://s3.example.org',
        '    TOFU_BACKEND_S3_ACCESS_KEY_ID must hold no blank and no line break',
        '    TOFU_BACKEND_S3_SECRET_ACCESS_KEY is missing',
        '        set it, or name a file with TOFU_BACKEND_S3_CONFIG_FILE',
        '    TOFU_BACKEND_S3_CA_FILE must name a file of certificates, got "/nowhere/ca.pem": ENOENT',
        '    TOFU_BACKEND_S3_BUCKET must be tofu-state, as state.bucket of the settings says, got "other"',
        '        correct one of the two: the stacks are made from the settings',
        '    TOFU_BACKEND_S3_REGION must be us-east-1, as state.region of the settings says, got "eu-west-1"',
        '        correct one of the two: the stacks are made from the settings',
        '    TOFU_BACKEND_S3_PATH_STYLE must be true or false, got "yes"',
        '        correct one of the two: the stacks are made from the settings',
      ].join('\n'),
    });
  });

  test('takes no file of certificates that holds none, nor one for an address in clear', () => {
    const none = file('none.pem', 'no certificate');
    expect(refusal({ ...GIVEN, TOFU_BACKEND_S3_CA_FILE: none }).text).toContain(
      'it holds no certificate in PEM',
    );
    const authorities = file('ca.pem', rootCertificates[0] ?? '');
    const environment = {
      ...GIVEN,
      TOFU_BACKEND_S3_ENDPOINT: 'http://127.0.0.1:9000',
      TOFU_BACKEND_S3_CA_FILE: authorities,
    };
    expect(refusal(environment).text).toContain('TOFU_BACKEND_S3_CA_FILE must be left out');
  });
});

describe('a backend file', () => {
  const Hcl = [
    'endpoints = { s3 = "https://file.example.org" }',
    'bucket = "tofu-state"',
    'access_key = "FILEKEY"',
    'secret_key = "filesecret"',
    'use_lockfile = true',
  ].join('\n');

  test('says it where the environment does not (S3)', () => {
    const environment = { TOFU_BACKEND_S3_CONFIG_FILE: file('backend.tfbackend', Hcl) };
    expect(backendAccess(SETTINGS, environment)).toMatchObject({
      endpoint: 'https://file.example.org',
      keys: { accessKeyId: 'FILEKEY', secretAccessKey: 'filesecret' },
    });
    expect(backendAccess(SETTINGS, { ...environment, ...GIVEN })).toMatchObject({
      endpoint: 'https://s3.example.org:9443',
      keys: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secretsecretsecret' },
    });
  });

  test('may be JSON', () => {
    const json = JSON.stringify({
      endpoints: { s3: 'https://file.example.org' },
      access_key: 'FILEKEY',
      secret_key: 'filesecret',
      use_path_style: true,
      key: 'attic/terraform.tfstate',
    });
    const environment = { TOFU_BACKEND_S3_CONFIG_FILE: file('backend.json', json) };
    expect(backendAccess(SETTINGS, environment).keys.accessKeyId).toBe('FILEKEY');
  });

  test('gives a pair or none: a key of here with a secret of there opens nothing', () => {
    const { text } = refusal({
      TOFU_BACKEND_S3_CONFIG_FILE: file('backend.tfbackend', Hcl),
      TOFU_BACKEND_S3_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    });
    expect(text).toContain('TOFU_BACKEND_S3_SECRET_ACCESS_KEY is missing');
  });

  test('that holds a secret is readable for its owner alone', () => {
    const path = file('open.tfbackend', Hcl, 0o644);
    expect(refusal({ TOFU_BACKEND_S3_CONFIG_FILE: path }).text).toContain(
      `${path} holds a secret and must be readable for its owner alone\n        run chmod 600 ${path}`,
    );
  });

  test.each([
    [
      'dynamodb_table = "x"',
      'dynamodb_table must be left out: the lock is an object beside the state',
    ],
    ['use_lockfile = false', 'use_lockfile must be true, or be left out'],
    ['insecure = true', 'insecure must be false, or be left out'],
    ['assume_role = { role_arn = "x" }', 'assume_role.role_arn must be left out'],
    [
      'acces_key = "x"',
      'acces_key must be an attribute that is read here\n        did you mean access_key?',
    ],
    ['use_path_style = "yes"', 'use_path_style must be true or false'],
    ['bucket = ""', 'bucket must be text in quotes, and not empty'],
    [
      'bucket = "other"',
      'bucket must be tofu-state, as state.bucket of the settings says, got "other"',
    ],
    ['key = "other"', 'key must be a key of the settings, got "other"'],
    ['bucket = var.x', 'the file must give bucket text in quotes'],
  ])('rejects %s, with its place', (line, sentence) => {
    const path = file('wrong.tfbackend', `# first\n${line}\n`);
    const { code, text } = refusal({ ...GIVEN, TOFU_BACKEND_S3_CONFIG_FILE: path });
    expect(code).toBe(64);
    expect(text).toContain(`${path}:2:`);
    expect(text).toContain(sentence);
  });

  test.each([
    ['broken.json', '{"secret_key": "abc', 'the file must be JSON'],
    ['list.json', '[]', 'the file must be an object of attributes'],
    ['deep.json', '{"assume_role": {"tags": {}}}', 'assume_role.tags is none of them'],
  ])('rejects JSON that is none (%s), and quotes nothing of it', (name, text, rule) => {
    const path = file(name, text);
    const said = refusal({ ...GIVEN, TOFU_BACKEND_S3_CONFIG_FILE: path }).text;
    expect(said).toContain(rule);
    expect(said).not.toContain('abc');
  });

  test('that is not there is said to be', () => {
    const environment = { ...GIVEN, TOFU_BACKEND_S3_CONFIG_FILE: '/nowhere/backend' };
    expect(refusal(environment).text).toContain('/nowhere/backend cannot be read: ENOENT');
  });
});

describe('the settings', () => {
  const withStore = (objectStore: object) => ({ ...SETTINGS, objectStore }) as unknown as Settings;

  test.each([
    [{ kind: 'rustfs', publicHost: 's3.example.org' }, 'https://s3.example.org'],
    [{ kind: 's3' }, 'https://s3.us-east-1.amazonaws.com'],
    [{ kind: 's3', endpoint: 'https://store.example.org' }, 'https://store.example.org'],
    [
      { kind: 'r2', accountId: 'a'.repeat(32) },
      `https://${'a'.repeat(32)}.r2.cloudflarestorage.com`,
    ],
    [
      { kind: 'r2', accountId: 'a'.repeat(32), jurisdiction: 'eu' },
      `https://${'a'.repeat(32)}.eu.r2.cloudflarestorage.com`,
    ],
  ])('say the address where the states lie in their object store: %j', (objectStore, endpoint) => {
    expect(backendAccess(withStore(objectStore), KEYS).endpoint).toBe(endpoint);
    expect(backendAccess(withStore(objectStore), GIVEN).endpoint).toBe(
      'https://s3.example.org:9443',
    );
  });

  test('say none for a store that is elsewhere', () => {
    const elsewhere = {
      ...withStore({ kind: 's3' }),
      state: { ...SETTINGS.state, store: 'elsewhere' as const },
    };
    expect(refusal(KEYS, elsewhere).text).toContain('TOFU_BACKEND_S3_ENDPOINT is missing');
  });
});

test('variables of the backend over HTTP are named as compatibility, and nothing else (S4)', () => {
  expect(compatibilityNote({ TF_HTTP_USERNAME: 'ada', TF_HTTP_ADDRESS: 'https://x' })).toMatch(
    /^TF_HTTP_ADDRESS, TF_HTTP_USERNAME: compatibility only/,
  );
  expect(compatibilityNote({ TF_LOG: 'trace' })).toBeUndefined();
  expect(backendAccess(SETTINGS, { ...GIVEN, TF_HTTP_ADDRESS: 'https://x' })).toEqual(
    backendAccess(SETTINGS, GIVEN),
  );
});
