import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { digestText, parseDigest } from '../../../backend/cas-integrity/digest.ts';
import { ServerWay } from '../../../backend/cas-integrity/server-way.ts';
import { judge, type Verdict } from '../../../backend/cas-integrity/verdict.ts';
import { serve, type TestServer } from '../../support/http-server.ts';
import { casblobOf, frameOf, hashOf } from './casblob-maker.ts';

const BLOB = Buffer.from('a blob that a build asks for');
const DIGEST = { hash: hashOf(BLOB), size: BLOB.length };
/** Longer than what a stream holds back, so that what had arrived is not what was taken. */
const LONG = Buffer.alloc(300_000, 'x');

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

type Answer = (response: ServerResponse, asked: number, request: IncomingMessage) => void;

/** A server that answers so, and the way to it; silence ends after a moment. */
async function serverThat(answer: Answer, authorization?: string) {
  let asked = 0;
  const server = await serve((request, response) => {
    asked += 1;
    answer(response, asked, request);
  });
  const way = wayTo(`http://${server.authority}`, authorization);
  closing.push(() => server.close());
  return { server, way };
}

function wayTo(url: string, authorization?: string): ServerWay {
  const way = new ServerWay({ url, source: 'this test', authorization }, 150);
  closing.unshift(() => way.close());
  return way;
}

async function verdictOf(answer: Answer): Promise<Verdict & { readonly server: TestServer }> {
  const { server, way } = await serverThat(answer);
  return { ...judge(DIGEST, await way.look(DIGEST)), server };
}

/** Sends a head that promises a length, and fewer bytes. */
function breakOff(response: ServerResponse, sent: Uint8Array, promised: number): void {
  response.writeHead(200, { 'content-length': promised });
  response.write(sent, () => response.destroy());
}

describe('a blob through the server', () => {
  test('is hashed as builds get it, and asked for without an encoding (R9)', async () => {
    const { server, ...verdict } = await verdictOf((response) => response.end(BLOB));
    expect(verdict).toEqual({
      status: 'good',
      detail: 'decodes to its hash, 28 bytes',
      size: 28,
    });
    expect(server.requests).toEqual([`GET /cas/${DIGEST.hash}`]);
    expect(server.headers[0]?.['accept-encoding']).toBe('identity');
  });

  test.each([
    ['a plain frame', frameOf(BLOB)],
    ['the object with its header', casblobOf(BLOB)],
  ])('is decoded where it comes in zstd all the same: %s (R9)', async (_, body) => {
    const { status } = await verdictOf((response) =>
      response.writeHead(200, { 'content-encoding': 'zstd' }).end(body),
    );
    expect(status).toBe('good');
  });

  const answers: readonly (readonly [string, Answer, Verdict['status'], RegExp])[] = [
    [
      'of other bytes',
      (response) => response.end('other'),
      'damaged',
      /^decodes to another hash, d9298/,
    ],
    ['of 404', (response) => response.writeHead(404).end('Not found'), 'missing', /^is not there$/],
    [
      'of 401',
      (response) => response.writeHead(401).end(),
      'unknown',
      /answers 401: set BAZEL_CACHE_ACCOUNT to/,
    ],
    [
      'of 500',
      (response) => response.writeHead(500).end('final offset \u001b[31m\nmore'),
      'unknown',
      /answers 500 \(final offset \\u001b\[31m\); it may fail to read its own object, so look in the bucket too$/,
    ],
    [
      'in another encoding',
      (response) => response.writeHead(200, { 'content-encoding': 'br' }).end('x'),
      'unknown',
      /in the encoding br$/,
    ],
    [
      'of a cut frame',
      (response) =>
        response.writeHead(200, { 'content-encoding': 'zstd' }).end(frameOf(BLOB).subarray(0, -8)),
      'damaged',
      /^decodes to another hash, /,
    ],
    ['that does not begin', () => {}, 'unknown', /nothing arrived for 0.15 s$/],
    [
      'that does not go on',
      (response) => void response.writeHead(200, { 'content-length': 9 }).write('x'),
      'unknown',
      /nothing arrived for 0.15 s$/,
    ],
    [
      'that breaks off at the same byte again',
      (response) => breakOff(response, LONG, 400_000),
      'truncated',
      /^breaks off at byte 300000, twice$/,
    ],
    [
      'that breaks off elsewhere',
      (response, asked) => breakOff(response, LONG.subarray(asked), 400_000),
      'unknown',
      /^breaks off at byte 299998, and not there when it is read again/,
    ],
    [
      'that breaks off once',
      (response, asked) =>
        asked === 1 ? breakOff(response, BLOB.subarray(9), 28) : void response.end(BLOB),
      'good',
      /^decodes to its hash/,
    ],
  ];

  test.each(answers)(
    'with an answer %s is judged by that (R9)',
    async (_, answer, status, detail) => {
      const verdict = await verdictOf(answer);
      expect([verdict.status, verdict.detail]).toEqual([status, expect.stringMatching(detail)]);
    },
  );

  test('is asked for with the account, which no message repeats', async () => {
    const authorization = `Basic ${Buffer.from('reader:hunter2').toString('base64')}`;
    const { server, way } = await serverThat(
      (response) => response.writeHead(401).end(),
      authorization,
    );
    const told = JSON.stringify([await way.health(), await way.look(DIGEST)]);
    expect(server.headers.map((headers) => headers.authorization)).toEqual([
      authorization,
      authorization,
    ]);
    expect(told).not.toMatch(/hunter2|cmVhZGVy/);
  });
});

describe('the health of a server', () => {
  test.each([
    [200, true, /^answers$/],
    [401, true, /^answers, and wants an account: set BAZEL_CACHE_ACCOUNT/],
    [404, false, /^answers 404 for the empty blob/],
    [503, false, /^answers 503 for the empty blob/],
  ])('is told by its answer %d', async (status, reachable, detail) => {
    const { server, way } = await serverThat((response) => response.writeHead(status).end());
    const health = await way.health();
    expect(health.reachable).toBe(reachable);
    expect(health.detail).toMatch(detail);
    expect(server.requests[0]).toMatch(/^HEAD \/cas\/e3b0c442/);
  });

  test('is a wrong address or a server that is down, where connections are refused', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => listener.once('listening', resolve));
    const address = listener.address();
    await new Promise((resolve) => listener.close(resolve));
    const port = typeof address === 'object' ? address?.port : 0;
    expect((await wayTo(`http://127.0.0.1:${port}`).health()).detail).toBe(
      'refuses connections: the address is wrong, or the server is down',
    );
  });

  test('is the network, where nothing comes back', async () => {
    const { way } = await serverThat(() => {});
    expect((await way.health()).detail).toMatch(/^does not answer in time: the network/);
  });
});

describe('a digest', () => {
  test('is written as Bazel writes it', () => {
    const { hash } = DIGEST;
    expect(parseDigest(hash.toUpperCase())).toEqual({ hash });
    expect(parseDigest(`${hash}/0`)).toEqual({ hash, size: 0 });
    expect(digestText(parseDigest(`${hash}/28`))).toBe(`${hash}/28`);
  });

  test.each([
    '',
    'abc',
    `sha256:${DIGEST.hash}`,
    `${DIGEST.hash}/`,
    `${DIGEST.hash}/-1`,
    `${DIGEST.hash}/01`,
  ])('is not %j', (text) => {
    expect(() => parseDigest(text)).toThrow(/^--digest must be 64 hexadecimal digits/);
  });
});
