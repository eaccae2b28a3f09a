import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bucketAccess } from '../../../backend/cas-integrity/bucket-access.ts';
import { serverAddress } from '../../../backend/cas-integrity/server-address.ts';
import { readSettings } from '../../../config/read-settings.ts';
import { exampleFile } from '../../support/examples.ts';

const TINYLAND = readSettings(exampleFile('tinyland'));
const R2 = readSettings(exampleFile('single-node-r2'));
const S3 = {
  kind: 's3' as const,
  region: 'eu-west-1',
  manage: true,
  profile: 'flywheel-objects',
};
const KEYS = {
  BAZEL_CACHE_S3_ACCESS_KEY_ID: 'reader',
  BAZEL_CACHE_S3_SECRET_ACCESS_KEY: 'hunter2hunter2',
};
const IN_POD = { KUBERNETES_SERVICE_HOST: '10.0.0.1' };
const SERVICE = 'bazel-cache.nix-cache.svc.cluster.local';

function serverOf(given: string | undefined, environment: NodeJS.ProcessEnv) {
  const found = serverAddress(given, TINYLAND, environment);
  return 'server' in found ? `${found.server.url} by ${found.server.source}` : found;
}

function problemsOf(given: string | undefined, environment: NodeJS.ProcessEnv): string {
  const found = serverAddress(given, TINYLAND, environment);
  return 'problems' in found ? found.problems.join('\n') : JSON.stringify(found);
}

describe('the address of the server', () => {
  test.each([
    ['http://127.0.0.1:8080/', {}, 'http://127.0.0.1:8080 by --endpoint'],
    [
      'https://cache.example.org/bazel',
      { BAZEL_REMOTE_CACHE: 'http://no' },
      'https://cache.example.org/bazel by --endpoint',
    ],
    [
      undefined,
      { BAZEL_REMOTE_CACHE: 'https://cache.example.org' },
      'https://cache.example.org by BAZEL_REMOTE_CACHE',
    ],
    [
      undefined,
      { BAZEL_REMOTE_CACHE: `grpc://${SERVICE}:9092` },
      `http://${SERVICE}:8080 by BAZEL_REMOTE_CACHE`,
    ],
    [undefined, IN_POD, `http://${SERVICE}:8080 by the settings`],
    [undefined, { BAZEL_REMOTE_CACHE: '' }, { found: 'none' }],
  ])('given as %j in %j is found (B4)', (given, environment, found) => {
    expect(serverOf(given, environment)).toEqual(found);
  });

  test.each([
    [
      'grpc://cache.example.org:9092',
      /must be an address of HTTP.*\n.*give --endpoint http:\/\/HOST:8080/,
    ],
    ['cache.example.org', /must be an address, got "cache.example.org"/],
    ['http://cache.example.org?x=1', /without a query/],
    ['http://0.0.0.0:8080', /can be called.*\n.*http:\/\/127.0.0.1:8080/],
  ])('is not %s', (given, problem) => {
    expect(problemsOf(given, {})).toMatch(problem);
  });

  test('holds no credentials, and none are repeated', () => {
    const problem = problemsOf('http://me:hunter2@cache.example.org', {});
    expect(problem).toMatch(/without credentials\n {4}put user:password into BAZEL_CACHE_ACCOUNT/);
    expect(problem).not.toContain('hunter2');
  });

  test('goes with an account only where nobody can read along', () => {
    const environment = { BAZEL_CACHE_ACCOUNT: 'reader:hunter2' };
    const found = serverAddress('http://127.0.0.1:8080', TINYLAND, environment);
    expect('server' in found && found.server.authorization).toBe('Basic cmVhZGVyOmh1bnRlcjI=');
    const open = problemsOf('http://cache.example.org', environment);
    expect(open).toMatch(/must not go to another machine in clear: cache.example.org/);
    const shapeless = problemsOf('http://127.0.0.1:8080', { BAZEL_CACHE_ACCOUNT: 'hunter2' });
    expect(shapeless).toMatch(/must be user:password/);
    expect(open + shapeless).not.toContain('hunter2');
  });
});

describe('the bucket', () => {
  test('is named by the settings, and reached by the variables', () => {
    expect(
      bucketAccess(TINYLAND, {
        ...KEYS,
        BAZEL_CACHE_S3_ENDPOINT: 'http://127.0.0.1:9000/',
        BAZEL_CACHE_S3_SESSION_TOKEN: 'of-today',
        BAZEL_CACHE_S3_PREFIX: 'team',
      }),
    ).toEqual({
      found: 'bucket',
      access: {
        endpoint: 'http://127.0.0.1:9000',
        bucket: 'bazel-cache',
        region: 'us-east-1',
        pathStyle: true,
        keys: {
          accessKeyId: 'reader',
          secretAccessKey: 'hunter2hunter2',
          sessionToken: 'of-today',
        },
        prefix: 'team/',
      },
    });
  });

  test('has the address that the settings tell', () => {
    const found = bucketAccess(R2, KEYS);
    expect('access' in found && found.access).toMatchObject({
      endpoint: 'https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com',
      region: 'auto',
      prefix: '',
    });
    const aws = { ...R2, objectStore: { ...S3, buckets: { attic: 'a', bazel: 'b-1' } } };
    const atAws = bucketAccess(aws, KEYS);
    expect('access' in atAws && atAws.access).toMatchObject({
      endpoint: 'https://s3.eu-west-1.amazonaws.com',
      bucket: 'b-1',
      region: 'eu-west-1',
      pathStyle: false,
    });
  });

  test('is looked into only where somebody has named an identity', () => {
    expect(bucketAccess(TINYLAND, { AWS_ACCESS_KEY_ID: 'of something else' })).toEqual({
      found: 'none',
    });
  });

  test('is told all that is wrong at once, and no secret', () => {
    const found = bucketAccess(TINYLAND, {
      BAZEL_CACHE_S3_ENDPOINT: 'http://store.example.org',
      BAZEL_CACHE_S3_SECRET_ACCESS_KEY: 'hunter2 hunter2',
      BAZEL_CACHE_S3_ACCES_KEY: 'x',
      BAZEL_CACHE_S3_CA_FILE: join(__dirname, 'no such file'),
    });
    const problems = 'problems' in found ? found.problems : [];
    expect(problems.map((problem) => problem.split('\n')[0])).toEqual([
      'BAZEL_CACHE_S3_ACCES_KEY means nothing',
      'BAZEL_CACHE_S3_ACCESS_KEY_ID is missing',
      'BAZEL_CACHE_S3_SECRET_ACCESS_KEY must hold no blank and no line break',
      expect.stringMatching(/^BAZEL_CACHE_S3_ENDPOINT must be encrypted/),
      expect.stringMatching(
        /^BAZEL_CACHE_S3_CA_FILE must name a file of certificates, got .*ENOENT$/,
      ),
    ]);
    expect(problems.join()).not.toContain('hunter2');
  });

  test('may be asked in clear where that is consented to in writing', () => {
    const endpoint = 'http://store.example.org:9000';
    const environment = { ...KEYS, BAZEL_CACHE_S3_ENDPOINT: endpoint };
    expect(bucketAccess(TINYLAND, environment).found).toBe('problems');
    const consent = { ...environment, BAZEL_CACHE_S3_PLAINTEXT: endpoint };
    expect(bucketAccess(TINYLAND, consent).found).toBe('bucket');
  });

  test('has an address without a way to it from here where the settings tell none', () => {
    const found = bucketAccess(TINYLAND, KEYS);
    expect('problems' in found && found.problems).toEqual([
      expect.stringMatching(/^BAZEL_CACHE_S3_ENDPOINT is missing\n/),
    ]);
  });
});
