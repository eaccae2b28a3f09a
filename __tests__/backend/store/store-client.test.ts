import { afterEach, describe, expect, test } from 'vitest';
import { sha256, signatureFault } from '../../../backend/store/signature.ts';
import { StoreClient } from '../../../backend/store/store-client.ts';
import { StoreTrouble } from '../../../backend/store/store-trouble.ts';
import { serve, type TestServer } from '../../support/http-server.ts';

const KEYS = { accessKeyId: 'reader', secretAccessKey: 'a secret of this test' };
const servers: TestServer[] = [];
const clients: StoreClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const server of servers.splice(0)) await server.close();
});

async function storeThat(handle: Parameters<typeof serve>[0]) {
  const server = await serve(handle);
  servers.push(server);
  return { server, client: clientAt(`http://${server.authority}`) };
}

function clientAt(endpoint: string, pathStyle = true): StoreClient {
  const access = { endpoint, bucket: 'tofu-state', region: 'eu-west-1', pathStyle, keys: KEYS };
  const client = new StoreClient(access);
  clients.push(client);
  return client;
}

/** Why no whole answer came. */
async function troubleIn(request: Promise<unknown>): Promise<string> {
  const trouble = await request.then(
    () => undefined,
    (error) => error,
  );
  if (trouble instanceof StoreTrouble) return trouble.kind;
  throw new Error(`no trouble with a store: ${trouble}`);
}

describe('a client of a store', () => {
  test('addresses a key in the bucket of the state, the bucket itself, and the store', async () => {
    const { server, client } = await storeThat((_, response) => response.end());
    await client.send({ method: 'GET', key: 'a key/of (it)=.tfstate' });
    await client.send({ method: 'GET', query: { 'list-type': '2', prefix: 'env:/' } });
    await client.send({ method: 'HEAD', bucket: 'another' });
    await client.send({ method: 'GET', bucket: '' });
    expect(server.requests).toEqual([
      'GET /tofu-state/a%20key/of%20%28it%29%3D.tfstate',
      'GET /tofu-state?list-type=2&prefix=env%3A%2F',
      'HEAD /another',
      'GET /',
    ]);
    expect(client.sent).toBe(4);
  });

  test('signs what it sends, as a store verifies it', async () => {
    const { server, client } = await storeThat((_, response) => response.end());
    const body = Buffer.from('{"serial":1}');
    await client.send({ method: 'PUT', key: 'k', headers: { 'if-match': '"e"' }, body });
    const headers = server.headers[0] as Record<string, string>;
    expect(headers['x-amz-content-sha256']).toBe(sha256(body));
    expect(headers['if-match']).toBe('"e"');
    const request = {
      method: 'PUT',
      origin: `http://${server.authority}`,
      path: '/tofu-state/k',
      query: {},
      headers,
    };
    expect(await signatureFault(request, { keys: KEYS, region: 'eu-west-1' })).toBeUndefined();
  });

  test('returns the whole answer, whatever its status is, and tries nothing again', async () => {
    const { server, client } = await storeThat((_, response) => {
      response.writeHead(503, { ETag: '"e"' }).end('<Error/>');
    });
    const answer = await client.send({ method: 'GET', key: 'k' });
    expect(answer.status).toBe(503);
    expect(answer.headers.etag).toBe('"e"');
    expect(answer.body.toString()).toBe('<Error/>');
    expect(server.requests).toHaveLength(1);
  });

  test('takes no body that is shorter than its head says', async () => {
    const { client } = await storeThat((_, response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('{"serial":');
      setImmediate(() => response.destroy());
    });
    expect(await troubleIn(client.send({ method: 'GET', key: 'k' }))).toBe('cut');
  });

  test('gives up at its deadline, also in the middle of a body', async () => {
    const { client } = await storeThat((request, response) => {
      if (request.method === 'GET') response.writeHead(200, { 'Content-Length': 9 }).write('{');
    });
    const deadlineMs = 30;
    expect(await troubleIn(client.send({ method: 'GET', key: 'k', deadlineMs }))).toBe('timeout');
    expect(await troubleIn(client.send({ method: 'HEAD', key: 'k', deadlineMs }))).toBe('timeout');
  });

  test('says that nobody listens, and that a server does not speak TLS', async () => {
    const { server } = await storeThat((_, response) => response.end());
    expect(await troubleIn(clientAt(`https://${server.authority}`).send({ method: 'GET' }))).toBe(
      'tls',
    );
    await server.close();
    expect(await troubleIn(clientAt(`http://${server.authority}`).send({ method: 'GET' }))).toBe(
      'refused',
    );
  });

  test('puts the bucket into the host name where the store has no path style', async () => {
    const { server } = await storeThat((_, response) => response.end());
    const client = clientAt(`http://localhost:${server.authority.split(':')[1]}`, false);
    const trouble = await client.send({ method: 'GET', key: 'k' }).catch((error) => error);
    // Not every machine has an address for names below localhost; which name was asked for is the same.
    const asked = server.headers[0]?.host ?? trouble.cause.hostname;
    expect(asked.split(':')[0]).toBe('tofu-state.localhost');
  });
});
