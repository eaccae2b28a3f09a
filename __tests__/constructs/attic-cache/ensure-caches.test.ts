import { spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text as collect } from 'node:stream/consumers';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { CachesDeclaration } from '../../../constructs/attic-cache/caches-declaration.ts';
import { AtticApi, type AtticApiOptions } from './attic-api.ts';

const SCRIPT = resolve('constructs/attic-cache/ensure-caches.mjs');
const { ensureCaches } = (await import(SCRIPT)) as {
  ensureCaches(declaration: CachesDeclaration, streams: object): Promise<number>;
};
const ADDRESS = 'https://cache.example.org/';
const KEY = randomBytes(64);
const folder = mkdtempSync(join(tmpdir(), 'flywheel-caches-'));
const servers: AtticApi[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A signing pair as Nix writes it, and its public half. */
function makePair(name: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32);
  const half = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  return {
    pair: `${name}:${Buffer.concat([seed, half]).toString('base64')}`,
    publicKey: `${name}:${half.toString('base64')}`,
  };
}

const MAIN = makePair('main');
const OTHER = makePair('main');

async function serve(options: Partial<AtticApiOptions> = {}) {
  const server = new AtticApi({ key: KEY, address: ADDRESS, ...options });
  servers.push(server);
  return { server, endpoint: await server.listen() };
}

function declare(endpoint: string, change: object = {}, cache: object = {}) {
  return {
    endpoint,
    address: ADDRESS,
    audiences: [],
    jwtKeySecret: 'nix-cache/attic-jwt-signing',
    jwtKey: KEY.toString('base64'),
    pair: MAIN.pair,
    waitSec: 0.3,
    pauseSec: 0.02,
    timeoutSec: 2,
    caches: [
      {
        name: 'main',
        public: true,
        priority: 41,
        upstreamKeyNames: ['cache.nixos.org-1'],
        publicKey: MAIN.publicKey,
        keypairSecret: 'nix-cache/attic-main-signing',
        ...cache,
      },
    ],
    ...change,
  };
}

let runs = 0;

async function run(
  { pair, jwtKey, ...declaration }: ReturnType<typeof declare>,
  start = inProcess,
) {
  runs += 1;
  const file = (name: string, content: string) => {
    const path = join(folder, `${runs}-${name}`);
    writeFileSync(path, content);
    return path;
  };
  const keypairFile = file('pair', pair);
  const input = file(
    'caches.json',
    JSON.stringify({
      ...declaration,
      jwtKeyFile: file('jwt', jwtKey),
      caches: declaration.caches.map((cache) => ({ ...cache, keypairFile })),
    }),
  );
  return start(input);
}

/** Runs the program without the cost of a process. */
async function inProcess(input: string) {
  const output = { out: '', err: '' };
  const write = (stream: 'out' | 'err') => ({
    write: (text: string) => {
      output[stream] += text;
    },
  });
  const code = await ensureCaches(JSON.parse(readFileSync(input, 'utf8')), {
    stdout: write('out'),
    stderr: write('err'),
  });
  return { code, ...output };
}

/** Runs the program as the pod does: from a mounted ConfigMap, whose files are links. */
async function asProcess(input: string) {
  const link = `${input}.mjs`;
  symlinkSync(SCRIPT, link);
  const child = spawn(process.execPath, [link, input]);
  const output = { out: collect(child.stdout), err: collect(child.stderr) };
  const [code] = await once(child, 'close');
  return { code, out: await output.out, err: await output.err };
}

const KEPT = {
  pair: MAIN.pair,
  is_public: true,
  store_dir: '/nix/store',
  priority: 41,
  upstream_cache_key_names: ['cache.nixos.org-1'],
  retention_period: 'Global' as const,
};

describe('the program that keeps the caches', () => {
  test('creates a missing cache with its pair, each request with no more rights than it needs (W-B8, Q7)', async () => {
    const { server, endpoint } = await serve();
    expect(await run(declare(endpoint), asProcess)).toEqual({
      code: 0,
      out: 'main: created\n',
      err: '',
    });
    expect(server.caches.get('main')).toEqual(KEPT);
    expect(server.requests).toEqual(['GET main r', 'POST main cc', 'GET main r', 'PATCH main cr']);
  });

  test('changes nothing that is as declared (W-B8)', async () => {
    const { server, endpoint } = await serve();
    server.caches.set('main', KEPT);
    expect(await run(declare(endpoint))).toEqual({ code: 0, out: 'main: as declared\n', err: '' });
    expect(server.requests).toEqual(['GET main r', 'PATCH main cr']);
    expect(server.caches.get('main')).toEqual(KEPT);
  });

  test('changes what differs, and only that', async () => {
    const { server, endpoint } = await serve();
    server.caches.set('main', { ...KEPT, is_public: false, priority: 40 });
    const result = await run(
      declare(endpoint, {}, { retentionSec: 86_400, upstreamKeyNames: ['b', 'a'] }),
    );
    expect(result).toEqual({
      code: 0,
      out: 'main: is_public false -> true, priority 40 -> 41, upstream_cache_key_names ["cache.nixos.org-1"] -> ["a","b"], retention_period "Global" -> {"Period":86400}\n',
      err: '',
    });
    expect(server.caches.get('main')).toEqual({
      ...KEPT,
      upstream_cache_key_names: ['a', 'b'],
      retention_period: { Period: 86_400 },
    });
    expect(server.requests).toContain('PATCH main cr,cq');
  });

  test('takes names of upstream keys in any order', async () => {
    const { server, endpoint } = await serve();
    server.caches.set('main', { ...KEPT, upstream_cache_key_names: ['b', 'a'] });
    const result = await run(declare(endpoint, {}, { upstreamKeyNames: ['a', 'b'] }));
    expect(result.out).toBe('main: as declared\n');
  });

  test('leaves a cache alone that nobody declares', async () => {
    const { server, endpoint } = await serve();
    server.caches.set('other', KEPT);
    await run(declare(endpoint));
    expect(server.caches.get('other')).toEqual(KEPT);
    expect(server.requests.join()).not.toContain('other');
  });

  test('carries issuer and audience where the server is bound to them', async () => {
    const { endpoint } = await serve({ issuer: 'flywheel', audience: 'caches' });
    const bound = declare(endpoint, { issuer: 'flywheel', audiences: ['caches', 'others'] });
    expect((await run(bound)).code).toBe(0);
    expect((await run(declare(endpoint))).code).toBe(1);
  });

  test('reaches a cache whose name has a plus sign and capitals', async () => {
    const { server, endpoint } = await serve();
    const result = await run(declare(endpoint, {}, { name: 'Team+shared' }));
    expect(result.out).toBe('Team+shared: created\n');
    expect([...server.caches.keys()]).toEqual(['Team+shared']);
  });

  test('prints the key to put into the settings when they have none', async () => {
    const { endpoint } = await serve();
    const result = await run(declare(endpoint, {}, { publicKey: undefined }));
    expect(result).toEqual({
      code: 0,
      out: `main: created, put this into the settings: attic.caches.main.publicKey: ${MAIN.publicKey}\n`,
      err: '',
    });
  });

  test('waits for a server that starts, and meets dropped connections and 429 with patience (L20)', async () => {
    const { server, endpoint } = await serve({ first: [503, 0, 429, 500] });
    expect((await run(declare(endpoint, { waitSec: 3 }))).code).toBe(0);
    expect(server.caches.has('main')).toBe(true);
  });
});

describe('what the program refuses', () => {
  test("rejects a server that signs with another key, and keeps the server's (L13)", async () => {
    const { server, endpoint } = await serve();
    server.caches.set('main', { ...KEPT, pair: OTHER.pair });
    expect(await run(declare(endpoint), asProcess)).toEqual({
      code: 1,
      out: '',
      err: `main: the server signs with ${OTHER.publicKey}, and the pair in the Secret nix-cache/attic-main-signing is ${MAIN.publicKey}: readers who trust the one refuse the other; put the server's pair into the Secret, or give the cache another name\n`,
    });
    expect(server.caches.get('main')?.pair).toBe(OTHER.pair);
  });

  test('rejects a pair that is not the one of the settings before it asks the server', async () => {
    const { server, endpoint } = await serve();
    const result = await run(declare(endpoint, {}, { publicKey: OTHER.publicKey }));
    expect(result.err).toBe(
      `main: the settings say publicKey ${OTHER.publicKey}, and the pair in the Secret nix-cache/attic-main-signing is ${MAIN.publicKey}: one of the two is not of this cache\n`,
    );
    expect(result.code).toBe(1);
    expect(server.requests).toEqual([]);
  });

  test.each([
    ['a line end', `${MAIN.pair}\n`],
    ['the public half only', MAIN.publicKey],
    ['nothing', ''],
  ])('rejects a signing Secret with %s, without showing it', async (_what, pair) => {
    const { endpoint } = await serve();
    expect(await run(declare(endpoint, { pair }))).toEqual({
      code: 1,
      out: '',
      err: 'main: the Secret nix-cache/attic-main-signing must hold name:base64 of the 64 bytes of an Ed25519 pair, without blanks or a line end\n',
    });
  });

  test('rejects a server that tells clients another address (L13)', async () => {
    const { server, endpoint } = await serve({ address: 'http://10.0.0.1:8080/' });
    server.caches.set('main', KEPT);
    expect(await run(declare(endpoint))).toEqual({
      code: 1,
      out: '',
      err: [
        'main: the server tells clients api_endpoint http://10.0.0.1:8080/ where https://cache.example.org/ is declared: it runs with another server.toml',
        'main: the server tells clients substituter_endpoint http://10.0.0.1:8080/main where https://cache.example.org/main is declared: it runs with another server.toml',
        '',
      ].join('\n'),
    });
  });

  test.each([
    ['a cache that is missing', undefined, 401],
    ['a public cache that is as declared already', KEPT, 403],
  ])(
    'rejects a key that the server does not verify with, at %s (L4, L14)',
    async (_what, kept, status) => {
      const { server, endpoint } = await serve({ key: randomBytes(64) });
      if (kept !== undefined) server.caches.set('main', kept);
      const result = await run(declare(endpoint));
      expect(result).toEqual({
        code: 1,
        out: '',
        err: `main: ${endpoint} is reachable and refuses our token (${status}): the key in the Secret nix-cache/attic-jwt-signing is not the one the server verifies with, or issuer and audiences differ\n`,
      });
    },
  );

  test('says of a server that always answers 500 that it runs and cannot work (L14)', async () => {
    const { endpoint } = await serve({ first: Array(100).fill(500) });
    expect((await run(declare(endpoint))).err).toBe(
      `main: ${endpoint} answers 500: it runs and cannot do its work; its log says why, most often database or object store (given up after 0.3 s)\n`,
    );
  });

  test('says of a refused connection that the server is down or the address wrong (L14)', async () => {
    const { server, endpoint } = await serve();
    server.close();
    expect(await run(declare(endpoint))).toEqual({
      code: 1,
      out: '',
      err: `main: ${endpoint} refuses connections: the server is down, or the address is wrong (given up after 0.3 s)\n`,
    });
  });

  test('says of silence that the network is in the way (L14)', async () => {
    const { endpoint } = await serve({ silent: true });
    expect((await run(declare(endpoint, { timeoutSec: 0.2 }))).err).toBe(
      `main: ${endpoint} does not answer within 0.2 s: the network, or a network policy, is in the way (given up after 0.3 s)\n`,
    );
  });

  test('says of a server without such an address that it is another (L14)', async () => {
    const { endpoint } = await serve({ first: [404, 404] });
    expect((await run(declare(endpoint))).err).toBe(
      `main: ${endpoint} answers 404 where caches are made: it is no Attic server, or the address is wrong\n`,
    );
  });

  test('says which request was answered with what when it is none of these (L20)', async () => {
    const { endpoint } = await serve({ first: [400] });
    expect((await run(declare(endpoint))).err).toBe('main: reading was answered with 400\n');
  });

  test('goes on with the next cache, and fails in the end', async () => {
    const { server, endpoint } = await serve();
    const good = declare(endpoint).caches[0];
    const caches = [{ ...good, name: 'bad', publicKey: OTHER.publicKey }, good];
    const result = await run({ ...declare(endpoint), caches } as ReturnType<typeof declare>);
    expect(result.code).toBe(1);
    expect(result.out).toBe('main: created\n');
    expect(server.caches.has('bad')).toBe(false);
  });
});
