import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { proxyFor } from '../../../operations/registry/proxy.ts';
import { transport, Unreachable } from '../../../operations/registry/transport.ts';
import { serve, type TestServer } from '../../support/http-server.ts';

const running: TestServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function started(handle: Parameters<typeof serve>[0]): Promise<TestServer> {
  const server = await serve(handle);
  running.push(server);
  return server;
}

/** Answers the first requests with these, and all further ones with 200. */
function inTurn(...answers: ((response: ServerResponse) => void)[]) {
  return started((_, response) => {
    const answer = answers.shift();
    if (answer === undefined) response.end('good');
    else answer(response);
  });
}

function get(server: TestServer, path = '/', headers = {}) {
  const send = transport({ timeoutMs: 300, maxWaitMs: 2000, environment: {} });
  return send({ method: 'GET', url: new URL(`http://${server.authority}${path}`), headers });
}

const status =
  (code: number, headers: Record<string, string> = { 'retry-after': '0' }) =>
  (response: ServerResponse) =>
    void response.writeHead(code, headers).end();

describe('transport', () => {
  test.each([429, 500, 502, 503, 504])('asks again after %d (L20)', async (code) => {
    const server = await inTurn(status(code), status(code));
    await expect(get(server)).resolves.toMatchObject({ status: 200 });
    expect(server.requests).toHaveLength(3);
  });

  test.each([400, 401, 403, 404, 405])('takes %d for the answer', async (code) => {
    const server = await inTurn(status(code));
    await expect(get(server)).resolves.toMatchObject({ status: code });
    expect(server.requests).toHaveLength(1);
  });

  test('hands over the last answer when nothing helps', async () => {
    const server = await inTurn(...Array.from({ length: 9 }, () => status(503)));
    await expect(get(server)).resolves.toMatchObject({ status: 503 });
    expect(server.requests).toHaveLength(4);
  });

  test('waits as long as the server asks, in seconds or until a date', async () => {
    const server = await inTurn(status(429, { 'retry-after': '1' }));
    const begin = performance.now();
    await get(server);
    expect(performance.now() - begin).toBeGreaterThanOrEqual(990);
    const dated = await inTurn(status(429, { 'retry-after': new Date(0).toUTCString() }));
    await expect(get(dated)).resolves.toMatchObject({ status: 200 });
  });

  test('rejects to wait longer than a person would', async () => {
    const server = await inTurn(status(429, { 'retry-after': '900' }));
    await expect(get(server)).rejects.toThrow(new Unreachable('asks to be left alone for 900 s'));
    expect(server.requests).toHaveLength(1);
  });

  test('asks again when an answer breaks off, and says so when it always does', async () => {
    const broken = (response: ServerResponse) => {
      response.writeHead(200, { 'content-length': 100, 'retry-after': '0' });
      response.write('half', () => response.destroy());
    };
    await expect(get(await inTurn(broken))).resolves.toMatchObject({ body: Buffer.from('good') });
    const send = transport({ attempts: 1, environment: {} });
    const url = new URL(`http://${(await inTurn(broken)).authority}/`);
    await expect(send({ method: 'GET', url })).rejects.toThrow(
      new Unreachable('breaks off in the middle of its answer'),
    );
  });

  test('gives up on a server that is silent, before or within its answer', async () => {
    const send = transport({ attempts: 1, timeoutMs: 100, environment: {} });
    const silent = await started(() => {});
    const slow = await started((_, response) => void response.writeHead(200).write('half'));
    for (const { authority } of [silent, slow]) {
      await expect(send({ method: 'GET', url: new URL(`http://${authority}/`) })).rejects.toThrow(
        new Unreachable('does not answer within 0.1 s'),
      );
    }
  });

  test('says that nobody is there', async () => {
    const server = await serve(() => {});
    await server.close();
    const send = transport({ attempts: 1, environment: {} });
    await expect(
      send({ method: 'GET', url: new URL(`http://${server.authority}/`) }),
    ).rejects.toThrow(new Unreachable('cannot be reached: ECONNREFUSED'));
  });

  test('rejects an answer without end', async () => {
    const send = transport({ attempts: 1, maxBytes: 10, environment: {} });
    const server = await started((_, response) => void response.end('x'.repeat(1000)));
    await expect(
      send({ method: 'GET', url: new URL(`http://${server.authority}/`) }),
    ).rejects.toThrow(new Unreachable('answers with more than 10 bytes'));
  });

  test('follows a redirect on the same host with its credentials', async () => {
    const server = await inTurn(status(307, { location: '/elsewhere' }));
    await get(server, '/', { authorization: 'Bearer secret', accept: 'a' });
    expect(server.requests).toEqual(['GET /', 'GET /elsewhere']);
    expect(server.headers[1]).toMatchObject({ authorization: 'Bearer secret', accept: 'a' });
  });

  test('follows a redirect to another host without them (W-A3)', async () => {
    const other = await inTurn();
    const server = await inTurn(status(302, { location: `http://${other.authority}/blob` }));
    await get(server, '/', { authorization: 'Bearer secret', accept: 'a' });
    expect(other.requests).toEqual(['GET /blob']);
    expect(other.headers[0]).toMatchObject({ accept: 'a' });
    expect(other.headers[0]).not.toHaveProperty('authorization');
  });

  test('never carries a form to where a redirect leads', async () => {
    const other = await inTurn();
    const server = await inTurn(status(307, { location: `http://${other.authority}/` }));
    const send = transport({ environment: {} });
    const form = new URLSearchParams({ refresh_token: 'secret' });
    const url = new URL(`http://${server.authority}/token`);
    await expect(send({ method: 'POST', url, form })).resolves.toMatchObject({ status: 307 });
    expect(other.requests).toEqual([]);
  });

  test.each([
    ['without end', '/', 'redirects without end'],
    ['to a file', 'file:///etc/passwd', 'redirects to what is no address'],
    ['to nothing', 'http://', 'redirects to what is no address'],
  ])('rejects a redirect %s', async (_, location, message) => {
    const server = await inTurn(...Array.from({ length: 9 }, () => status(302, { location })));
    await expect(get(server)).rejects.toThrow(new Unreachable(message));
  });
});

describe('proxyFor', () => {
  const Https = new URL('https://registry.example.org/v2/');

  test.each<[string, string, NodeJS.ProcessEnv, string | undefined]>([
    [
      'takes HTTPS_PROXY for https',
      Https.href,
      { HTTPS_PROXY: 'http://proxy:3128' },
      'http://proxy:3128/',
    ],
    [
      'reads small letters first',
      Https.href,
      { https_proxy: 'http://a:1', HTTPS_PROXY: 'http://b:2' },
      'http://a:1/',
    ],
    ['takes HTTP_PROXY for http only', Https.href, { HTTP_PROXY: 'http://proxy:3128' }, undefined],
    ['adds the scheme', 'http://a.example/', { HTTP_PROXY: 'proxy:3128' }, 'http://proxy:3128/'],
    [
      'goes directly to loopback',
      'http://127.0.0.1:5000/',
      { HTTP_PROXY: 'http://proxy:1' },
      undefined,
    ],
    [
      'obeys NO_PROXY',
      Https.href,
      { HTTPS_PROXY: 'http://proxy:1', NO_PROXY: 'a, registry.example.org' },
      undefined,
    ],
    [
      'takes a domain for all below it',
      Https.href,
      { HTTPS_PROXY: 'http://proxy:1', no_proxy: '.example.org' },
      undefined,
    ],
    [
      'takes a star for everything',
      Https.href,
      { HTTPS_PROXY: 'http://proxy:1', NO_PROXY: '*' },
      undefined,
    ],
    [
      'compares ports',
      Https.href,
      { HTTPS_PROXY: 'http://proxy:1', NO_PROXY: 'example.org:8443' },
      'http://proxy:1/',
    ],
    [
      'knows no half names',
      Https.href,
      { HTTPS_PROXY: 'http://proxy:1', NO_PROXY: 'ample.org' },
      'http://proxy:1/',
    ],
  ])('%s', (_, url, environment, proxy) => {
    expect(proxyFor(new URL(url), environment)?.href).toBe(proxy);
  });
});

describe('a proxy', () => {
  test('is asked for the whole address of http, with its own credentials', async () => {
    const proxy = await inTurn();
    const send = transport({ environment: { HTTP_PROXY: `http://me:pass@${proxy.authority}` } });
    await send({ method: 'GET', url: new URL('http://registry.example.org/v2/') });
    expect(proxy.requests).toEqual(['GET http://registry.example.org/v2/']);
    expect(proxy.headers[0]).toMatchObject({
      host: 'registry.example.org',
      'proxy-authorization': `Basic ${Buffer.from('me:pass').toString('base64')}`,
    });
  });

  test('is asked for a tunnel to https, and gets to see nothing else', async () => {
    const seen: string[] = [];
    const proxy = createServer((socket) => {
      socket
        .on('error', () => {})
        .on('data', (data) => {
          seen.push(data.toString('latin1'));
          if (seen.length === 1) socket.write('HTTP/1.1 200 OK\r\n\r\n');
          else socket.destroy();
        });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = proxy.address() as { port: number };
    const send = transport({
      attempts: 1,
      environment: { HTTPS_PROXY: `http://127.0.0.1:${address.port}` },
    });
    const url = new URL('https://registry.example.org/v2/');
    await expect(
      send({ method: 'GET', url, headers: { authorization: 'Bearer secret' } }),
    ).rejects.toThrow(Unreachable);
    proxy.close();
    expect(seen[0]).toMatch(/^CONNECT registry\.example\.org:443 HTTP\/1\.1\r\n/);
    // The first byte of a TLS handshake.
    expect(seen[1]?.charCodeAt(0)).toBe(0x16);
    expect(seen.join('')).not.toContain('secret');
  });

  test('that refuses is named', async () => {
    const proxy = createServer((socket) => {
      socket.on('data', () => socket.end('HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n'));
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = proxy.address() as { port: number };
    const send = transport({
      attempts: 1,
      environment: { HTTPS_PROXY: `http://127.0.0.1:${address.port}` },
    });
    await expect(
      send({ method: 'GET', url: new URL('https://registry.example.org/') }),
    ).rejects.toThrow(new Unreachable('cannot be reached: the proxy answers 407'));
    proxy.close();
  });
});
