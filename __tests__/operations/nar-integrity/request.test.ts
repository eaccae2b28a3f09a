import { describe, expect, test } from 'vitest';
import { readSettings } from '../../../config/read-settings.ts';
import { Failure } from '../../../console/failure.ts';
import { readRequest } from '../../../operations/nar-integrity/request.ts';
import { MADE_KEY } from './made-cache.ts';

const SETTINGS = readSettings('config/tinyland.yaml');
const HASH = 'alr5lb1gxvzs3wfjn2g5fqkyg5wgiw6f';

function request(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  return readRequest(['--store-hash', HASH, ...args], SETTINGS, environment);
}

describe('a request', () => {
  test('is about the default cache of the settings, at the address of this machine (R4)', () => {
    expect(request([])).toEqual({
      paths: [{ hash: HASH }],
      endpoint: new URL('https://nix-cache.tinyland.dev'),
      cache: 'main',
      keys: [expect.objectContaining({ name: 'cache.nixos.org-1' })],
      token: undefined,
      withoutSignature: false,
      json: false,
    });
  });

  test('takes the address from the command line, else from what a runner is given (R4)', () => {
    const environment = { ATTIC_SERVER: 'http://attic.nix-cache.svc.cluster.local' };
    expect(request([], environment).endpoint.host).toBe('attic.nix-cache.svc.cluster.local');
    expect(request(['--endpoint', 'http://127.0.0.1:8080'], environment).endpoint.port).toBe(
      '8080',
    );
    expect(request([], { ATTIC_SERVER: '' }).endpoint.host).toBe('nix-cache.tinyland.dev');
  });

  test('names further keys and another cache, and each path once', () => {
    const { cache, keys, paths } = request([
      '--cache',
      'dev-cache',
      '--trusted-key',
      MADE_KEY,
      '--store-hash',
      HASH,
    ]);
    expect([cache, keys.map(({ name }) => name), paths]).toEqual([
      'dev-cache',
      ['main'],
      [{ hash: HASH }],
    ]);
  });

  test('carries a token where nobody else can read it', () => {
    for (const endpoint of [
      'https://a.example',
      'http://127.0.0.1:1',
      'http://attic.nix-cache.svc.cluster.local',
    ])
      expect(request(['--endpoint', endpoint], { ATTIC_TOKEN: 'abc' }).token).toBe('abc');
    expect(request([], { ATTIC_TOKEN: '' }).token).toBeUndefined();
  });

  test.each<[string, string[], NodeJS.ProcessEnv, RegExp]>([
    [
      'a hash that is none',
      ['--store-hash', 'x'],
      {},
      /^--store-hash must be the hash of a store path: .*, got "x"; give the hash, or the whole path: /,
    ],
    ['a cache that is none', ['--cache', 'a/b'], {}, /^--cache must be an Attic cache name: /],
    [
      'a key that is none',
      ['--trusted-key', 'main'],
      {},
      /^--trusted-key must be the public half of a signing pair/,
    ],
    [
      'an address that is none',
      ['--endpoint', 'nix-cache'],
      {},
      /^--endpoint must be the address of the server, without the cache/,
    ],
    [
      'an address of another protocol',
      ['--endpoint', 'grpc://a.example'],
      {},
      /^--endpoint must be the address of the server/,
    ],
    [
      'an address with a query',
      ['--endpoint', 'https://a.example/?a=b'],
      {},
      /^--endpoint must be an address without a query/,
    ],
    [
      'a bind address',
      ['--endpoint', 'http://0.0.0.0:8080'],
      {},
      /^--endpoint must be an address to call/,
    ],
    [
      'an address of the environment',
      [],
      { ATTIC_SERVER: 'nix' },
      /^ATTIC_SERVER must be the address/,
    ],
    [
      'a token that everybody could read',
      ['--endpoint', 'http://a.example'],
      { ATTIC_TOKEN: 'abc' },
      /^ATTIC_TOKEN would go to http:\/\/a\.example for everybody to read/,
    ],
  ])('rejects %s', (_, args, environment, message) => {
    expect(() => request(args, environment)).toThrow(
      expect.objectContaining({ exitCode: 64, message: expect.stringMatching(message) }),
    );
  });

  test.each(['abc\n', 'a bc', 'abc\r\n', '\u00a0abc'])(
    'rejects the token %j, and does not repeat it (L3)',
    (token) => {
      const failure = failureOf(() => request([], { ATTIC_TOKEN: token }));
      expect(failure.exitCode).toBe(64);
      expect(failure.message).toMatch(/^ATTIC_TOKEN must be a token without blanks or line ends/);
      expect(failure.message).not.toContain('abc');
    },
  );

  test('rejects credentials in an address, and does not repeat them', () => {
    const { message } = failureOf(() => request(['--endpoint', 'https://me:secret@a.example']));
    expect(message).toContain('--endpoint must be an address without credentials');
    expect(message).not.toContain('secret');
  });

  test('says all that is wrong at once, and that no path is named (R4)', () => {
    const { exitCode, message } = failureOf(() =>
      readRequest(['--cache', '', '--endpoint', 'x'], SETTINGS, {}),
    );
    expect(exitCode).toBe(64);
    expect(message.split('\n')).toEqual([
      'name at least one store path: --store-hash <hash>',
      expect.stringMatching(/^--cache /),
      expect.stringMatching(/^--endpoint /),
    ]);
  });
});

function failureOf(run: () => unknown): Failure {
  try {
    run();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
