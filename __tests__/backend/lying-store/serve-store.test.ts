import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { SYSTEM_CLOCK } from '../../../backend/lying-store/clock.ts';
import { enact } from '../../../backend/lying-store/enact.ts';
import { HonestStore } from '../../../backend/lying-store/honest-store.ts';
import { liesNamed } from '../../../backend/lying-store/lies.ts';
import { LyingStore } from '../../../backend/lying-store/lying-store.ts';
import type { Reply, Replying, Transport } from '../../../backend/lying-store/reply.ts';
import { type ServedStore, serveStore } from '../../../backend/lying-store/serve-store.ts';
import { sha256, signedHeaders } from '../../../backend/store/signature.ts';
import type { StoreAccess } from '../../../backend/store/store-access.ts';
import { type Store, StoreClient, type StoreRequest } from '../../../backend/store/store-client.ts';
import { StoreTrouble } from '../../../backend/store/store-trouble.ts';

const KEYS = { accessKeyId: 'AKIDSERVED', secretAccessKey: 'secret-of-the-served' };
const REGION = 'us-east-1';
const KEY = 'attic/some state (1)+é.tfstate';
const TEXT = '0123456789abcdefghij';

const served: ServedStore[] = [];
const clients: StoreClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await Promise.all(served.splice(0).map((store) => store.stop()));
});

async function open(store: Replying = honest(), more: { latencyMs?: number } = {}) {
  const door = await serveStore({ store, keys: KEYS, region: REGION, ...more });
  served.push(door);
  return door;
}

function honest(): HonestStore {
  return new HonestStore({ bucket: 'tofu-state' });
}

function clientOf({ endpoint }: ServedStore, more: Partial<StoreAccess> = {}): StoreClient {
  const access = { endpoint, bucket: 'tofu-state', region: REGION, pathStyle: true, keys: KEYS };
  const client = new StoreClient({ ...access, ...more });
  clients.push(client);
  return client;
}

async function heard(store: Store, request: StoreRequest): Promise<string> {
  try {
    const { status, body } = await store.send(request);
    const code = /<Code>(\w+)</.exec(body.toString())?.[1] ?? body.toString();
    return `${status} ${code}`.trim();
  } catch (error) {
    if (error instanceof StoreTrouble) return error.kind;
    throw error;
  }
}

describe('a served store', () => {
  test('answers over the wire as it does in the process', async () => {
    const here = honest();
    const there = clientOf(await open());
    const requests: readonly StoreRequest[] = [
      { method: 'PUT', key: KEY, body: Buffer.from(TEXT), headers: { 'if-none-match': '*' } },
      { method: 'PUT', key: KEY, body: Buffer.from(TEXT), headers: { 'if-none-match': '*' } },
      { method: 'GET', key: KEY },
      { method: 'HEAD', key: KEY },
      { method: 'GET', query: { 'list-type': '2', prefix: 'attic/some ' } },
      { method: 'GET', query: { versioning: '' } },
      { method: 'HEAD' },
      { method: 'DELETE', key: KEY },
      { method: 'GET', key: KEY },
      { method: 'GET', key: 'no/such' },
      { method: 'GET', bucket: 'no-such' },
    ];
    for (const request of requests) {
      const [one, other] = [await here.send(request), await there.send(request)];
      expect(other.status).toBe(one.status);
      expect(withoutTimes(other.body)).toBe(withoutTimes(one.body));
      for (const name of ['etag', 'content-length', 'content-type', 'x-amz-version-id']) {
        expect([name, other.headers[name]]).toEqual([name, one.headers[name]]);
      }
    }
    expect(await heard(there, { method: 'GET', bucket: '' })).toContain('200');
  });

  test('listens on this machine only', async () => {
    expect((await open()).endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  test('says that a port is taken', async () => {
    const port = Number(new URL((await open()).endpoint).port);
    await expect(serveStore({ store: honest(), keys: KEYS, region: REGION, port })).rejects.toThrow(
      `cannot listen on port ${port} of 127.0.0.1: EADDRINUSE`,
    );
  });

  test.each<[string, Partial<StoreAccess>, string]>([
    ['another key', { keys: { ...KEYS, accessKeyId: 'AKIDOTHER' } }, '403 InvalidAccessKeyId'],
    ['another secret', { keys: { ...KEYS, secretAccessKey: 'x' } }, '403 SignatureDoesNotMatch'],
    ['another region', { region: 'eu-1' }, '403 SignatureDoesNotMatch'],
  ])('lets nobody in who has signed with %s', async (_, access, expected) => {
    const client = clientOf(await open(), access);
    expect(await heard(client, { method: 'GET', key: KEY })).toBe(expected);
  });

  test('lets nobody in without a signature, or with another body than was signed', async () => {
    const { endpoint } = await open();
    expect((await fetch(`${endpoint}/tofu-state/k`)).status).toBe(403);
    const send = async (signed: string, sent: string, more: Record<string, string> = {}) => {
      const request = { method: 'PUT', origin: endpoint, path: '/tofu-state/k', query: {} };
      const headers = await signedHeaders({ ...request, headers: {} }, Buffer.from(signed), {
        keys: KEYS,
        region: REGION,
      });
      const { host: _, ...others } = headers;
      const answer = await fetch(`${endpoint}/tofu-state/k`, {
        method: 'PUT',
        body: sent,
        headers: { ...others, ...more },
      });
      return `${answer.status} ${/<Code>(\w+)</.exec(await answer.text())?.[1] ?? ''}`.trim();
    };
    expect(await send('text', 'text')).toBe('200');
    expect(await send('text', 'other')).toBe('400 XAmzContentSHA256Mismatch');
    const unsigned = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    expect(await send('text', 'text', unsigned)).toBe('403 SignatureDoesNotMatch');
  });

  test('says of a body that is signed piece by piece that it must come in one', async () => {
    const { endpoint } = await open();
    const { host: _, ...headers } = signedAs('PUT', endpoint, 'STREAMING-UNSIGNED-PAYLOAD-TRAILER');
    const answer = await fetch(`${endpoint}/tofu-state/k`, { method: 'PUT', body: 'x', headers });
    expect(answer.status).toBe(501);
    expect(await answer.text()).toContain(
      'The body must be sent in one piece with its hash signed',
    );
  });

  test('answers every request so many milliseconds late', async () => {
    const client = clientOf(await open(honest(), { latencyMs: 30 }));
    const before = performance.now();
    await client.send({ method: 'HEAD' });
    // A timer may come a millisecond early.
    expect(performance.now() - before).toBeGreaterThanOrEqual(29);
  });

  test('tells whoever looks on of the requests that were let in', async () => {
    const seen: string[] = [];
    const observe = ({ method, bucket, key }: StoreRequest) => {
      seen.push(`${method} ${bucket} ${key}`);
    };
    const door = await serveStore({ store: honest(), keys: KEYS, region: REGION, observe });
    served.push(door);
    await clientOf(door).send({ method: 'GET', key: KEY });
    await clientOf(door, { region: 'eu-1' }).send({ method: 'GET', key: 'other' });
    expect(seen).toEqual([`GET tofu-state ${KEY}`]);
  });

  test('lies to whoever asks', async () => {
    const store = new LyingStore(honest(), { lies: liesNamed(['hidden-key', 'lock-lost']) });
    const client = clientOf(await open(store));
    const put = (key: string) => client.send({ method: 'PUT', key, body: Buffer.from('x') });
    await put('k');
    await put('k.tflock');
    expect(await heard(client, { method: 'GET', key: 'k' })).toBe('404 NoSuchKey');
    expect(await heard(client, { method: 'GET', key: 'k.tflock' })).toBe('404 NoSuchKey');
  });
});

describe('what happens to an answer on its way', () => {
  function replying(transport: Transport): Replying & Store {
    const body = Buffer.from(TEXT);
    const headers = { 'content-length': String(body.length), 'content-type': 'text/plain' };
    const answer: Reply = { status: 200, headers, body, transport };
    return {
      reply: async () => answer,
      send: (request) => enact(answer, request, SYSTEM_CLOCK),
    };
  }

  test.each<[string, Transport, string]>([
    ['a cut in the body', { kind: 'cut', after: 7 }, 'cut'],
    ['a cut in the head', { kind: 'cut', after: 'head' }, 'cut'],
    ['a cut before anything', { kind: 'cut', after: 'nothing' }, 'cut'],
    ['silence', { kind: 'hang' }, 'timeout'],
    ['a slow drip', { kind: 'drip', pieceBytes: 1, pauseMs: 1_000 }, 'timeout'],
    ['a drip that ends in time', { kind: 'drip', pieceBytes: 10, pauseMs: 1 }, `200 ${TEXT}`],
    ['a length that is too long', { kind: 'length', declared: 40 }, 'cut'],
    ['a length that is too short', { kind: 'length', declared: 8 }, 'cut'],
    ['no HTTP', { kind: 'not-http', tls: false }, 'cut'],
  ])('%s is the same over the wire and in the process', async (_, transport, expected) => {
    const store = replying(transport);
    const request: StoreRequest = { method: 'GET', key: 'k', deadlineMs: 150 };
    expect(await heard(store, request)).toBe(expected);
    expect(await heard(clientOf(await open(store)), request)).toBe(expected);
  });

  test('an alert of TLS comes as it is, and a client in the process is told of TLS', async () => {
    const store = replying({ kind: 'not-http', tls: true });
    expect(await heard(store, { method: 'GET', key: 'k' })).toBe('tls');
    const { endpoint } = await open(store);
    const headers = Object.entries(signedAs('GET', endpoint, sha256('')));
    const lines = headers.map(([name, value]) => `${name}: ${value}`);
    const socket = connect(Number(new URL(endpoint).port), '127.0.0.1');
    socket.write(`GET /tofu-state/k HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    const bytes: Buffer[] = [];
    for await (const part of socket) bytes.push(part);
    expect(Buffer.concat(bytes).subarray(0, 3)).toEqual(Buffer.from([0x15, 0x03, 0x03]));
  });

  test('nobody listens for a while, and then somebody does again', async () => {
    const refusing = replying({ kind: 'refuse', ms: 100 });
    const request: StoreRequest = { method: 'GET', key: 'k' };
    expect(await heard(refusing, request)).toBe('refused');
    let asked = 0;
    const door = await open({
      reply: async (asking) => {
        asked += 1;
        return asked === 1 ? await refusing.reply(asking) : await honest().reply(asking);
      },
    });
    const client = clientOf(door);
    expect(await heard(client, request)).toBe('cut');
    expect(await heard(client, request)).toBe('refused');
    let now = await heard(client, request);
    while (now === 'refused') {
      await pause(10);
      now = await heard(client, request);
    }
    expect(now).toBe('404 NoSuchKey');
  });

  test('a store ends although somebody waits for it', async () => {
    const door = await open(replying({ kind: 'hang' }));
    const waiting = heard(clientOf(door), { method: 'GET', key: 'k' });
    await pause(20);
    await door.stop();
    expect(await waiting).toBe('cut');
  });
});

/** The headers of a signed request on /tofu-state/k whose body is declared as given, signed here by hand. */
function signedAs(method: string, endpoint: string, payload: string): Record<string, string> {
  const hmac = (key: string | Buffer, text: string) =>
    createHmac('sha256', key).update(text).digest();
  const at = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const day = at.slice(0, 8);
  const signed = {
    host: new URL(endpoint).host,
    'x-amz-content-sha256': payload,
    'x-amz-date': at,
  };
  const names = Object.keys(signed).join(';');
  const lines = Object.entries(signed).map(([name, value]) => `${name}:${value}\n`);
  const canonical = [method, '/tofu-state/k', '', lines.join(''), names, payload].join('\n');
  const scope = `${day}/${REGION}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', at, scope, sha256(canonical)].join('\n');
  const key = [day, REGION, 's3', 'aws4_request'].reduce<string | Buffer>(
    hmac,
    `AWS4${KEYS.secretAccessKey}`,
  );
  const signature = hmac(key, text).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${KEYS.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...signed, authorization };
}

function withoutTimes(body: Buffer): string {
  return body.toString().replaceAll(/<LastModified>[^<]*</g, '<LastModified><');
}
