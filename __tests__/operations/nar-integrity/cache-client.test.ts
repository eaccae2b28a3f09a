import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { CacheClient, redirectTarget } from '../../../operations/nar-integrity/cache-client.ts';
import { selfSigned } from '../../../operations/rehearsal/stacks/self-signed.ts';
import { serve, type TestServer } from '../../support/http-server.ts';
import { check, KEY, Servers, SHORT_MS } from './check.ts';
import { atBody, cut, makePath, status, whole } from './made-cache.ts';

const servers = new Servers();
afterEach(() => servers.close());

const TOKEN = 'token-that-nobody-may-see';
const SIGNATURE = 'X-Amz-Signature=0123456789abcdef';
const GOOD = makePath();

/** A cache whose bodies are in an object store, as Attic answers for a NAR of one chunk. */
async function redirected(answer: Parameters<typeof serve>[0]) {
  const store = servers.keep(await serve(answer));
  const location = `http://${store.authority}/attic/chunk?${SIGNATURE}`;
  const answers = atBody(() => status(307, { location }))(GOOD);
  return { store, cache: await servers.cache([GOOD], answers) };
}

function checked(server: TestServer, more: readonly string[] = [], idleMs?: number) {
  const environment = { ATTIC_TOKEN: TOKEN };
  return check(server, [GOOD.hash], { words: [...KEY, ...more], environment, idleMs });
}

describe('a body in an object store', () => {
  test('is read there, and the store never sees the token (R4, W-A3)', async () => {
    const { store, cache } = await redirected((_, response) => void response.end(GOOD.body));
    const { code, text } = await checked(cache);
    expect([code, text]).toEqual([
      0,
      expect.stringContaining(`from http://${store.authority}/attic/chunk\n`),
    ]);
    expect(cache.headers.map(({ authorization }) => authorization)).toEqual([
      `Bearer ${TOKEN}`,
      `Bearer ${TOKEN}`,
    ]);
    expect(store.requests).toEqual([`GET /attic/chunk?${SIGNATURE}`]);
    expect(store.headers[0]).not.toHaveProperty('authorization');
  });

  test.each<[string, number, string, Parameters<typeof serve>[0]]>([
    [
      'is not there',
      2,
      '/attic/chunk answers 404',
      (_, response) => status(404, {}, '<Code>NoSuchKey</Code>')(response, _),
    ],
    [
      'is not handed out',
      1,
      'answers 403 to the address that Attic has signed for it',
      (_, response) => status(403)(response, _),
    ],
    [
      'is cut off',
      2,
      'cut off at byte 9',
      (request, response) => cut(GOOD.body, 9)(response, request),
    ],
    [
      'stops coming',
      1,
      'sends nothing more after byte 9',
      (_, response) => void response.writeHead(200).write(GOOD.body.subarray(0, 9)),
    ],
    ['is never answered', 1, 'which says nothing for 0.15 s', () => {}],
  ])(
    'that %s ends with %d, and neither token nor signature is shown (R4, W-A3)',
    async (_, exit, words, answer) => {
      const { cache } = await redirected(answer);
      const idleMs = words.includes('nothing') ? SHORT_MS : undefined;
      const forms = [[], ['--json']].map((form) => checked(cache, form, idleMs));
      for (const { code, text } of await Promise.all(forms)) {
        expect([code, text]).toEqual([exit, expect.stringContaining(words)]);
        expect(text).not.toMatch(/X-Amz|0123456789abcdef|token-that/);
      }
    },
  );

  test('whose store cannot be reached from here is not called bad (R4)', async () => {
    const { store, cache } = await redirected(() => {});
    await store.close();
    const { code, text } = await checked(cache);
    expect(code).toBe(1);
    expect(text).toContain(
      `the server leads to http://${store.authority}/attic/chunk, which refuses the connection`,
    );
    expect(text).not.toContain('X-Amz');
  });
});

describe('a narinfo', () => {
  test('may name another server, which never sees the token either, and its query is not shown (W-A3)', async () => {
    const store = servers.keep(
      await serve((request, response) => whole(GOOD.body)(response, request)),
    );
    const path = makePath({ fields: { URL: `http://${store.authority}/nar/x.nar?${SIGNATURE}` } });
    const cache = await servers.cache([path]);
    for (const more of [[], ['--json']]) {
      const { code, text } = await checked(cache, more);
      expect([code, text]).toEqual([0, expect.not.stringContaining('X-Amz')]);
    }
    expect(store.headers.map(({ authorization }) => authorization)).toEqual([undefined, undefined]);
  });
});

describe('a client of a cache', () => {
  const access = { cache: 'main', environment: {} };

  test('puts addresses together as Nix does', () => {
    const client = new CacheClient({ ...access, endpoint: new URL('https://a.example/attic/') });
    const of = (url: string) => client.addressOf(url).href;
    expect(of('nar/x.nar')).toBe('https://a.example/attic/main/nar/x.nar');
    expect(of('//b.example/x')).toBe('https://a.example/attic/main///b.example/x');
    expect(of('https://b.example/x')).toBe('https://b.example/x');
  });

  test('follows a redirect on the same server with the token', async () => {
    const server = await servers.cache([], {
      '/main/a': status(302, { location: '/main/b' }),
      '/main/b': status(200, {}, 'b'),
    });
    const client = new CacheClient({
      ...access,
      endpoint: new URL(`http://${server.authority}`),
      token: TOKEN,
    });
    await expect(client.text('a', 100)).resolves.toEqual({ status: 200, text: 'b' });
    expect(server.headers.map(({ authorization }) => authorization)).toEqual([
      `Bearer ${TOKEN}`,
      `Bearer ${TOKEN}`,
    ]);
  });

  test('never goes on without encryption where it began with it', () => {
    const at = new URL('https://a.example/x');
    expect(redirectTarget(at, '/y').href).toBe('https://a.example/y');
    expect(redirectTarget(at, 'https://b.example/y').href).toBe('https://b.example/y');
    expect(() => redirectTarget(at, 'http://a.example/y')).toThrow(
      'redirects to an address without encryption',
    );
  });

  test('reads no more of a text than it was told to', async () => {
    const server = await servers.cache([], { '/main/a': status(200, {}, 'x'.repeat(200_000)) });
    const client = new CacheClient({ ...access, endpoint: new URL(`http://${server.authority}`) });
    await expect(client.text('a', 100)).resolves.toEqual({ status: 200, text: 'x'.repeat(100) });
  });

  test('trusts no certificate that nobody vouches for', async () => {
    const { certificate, key } = selfSigned('localhost');
    const server = createServer({ cert: certificate, key });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const client = new CacheClient({ ...access, endpoint: new URL(`https://127.0.0.1:${port}`) });
    await expect(client.open('x')).rejects.toThrow('has a certificate that is not trusted here');
    await new Promise((resolve) => server.close(resolve));
  });
});
