import { afterEach, describe, expect, test } from 'vitest';
import type { Credentials } from '../../../operations/registry/credentials.ts';
import { Registry } from '../../../operations/registry/registry.ts';
import { type Outgoing, transport, Unreachable } from '../../../operations/registry/transport.ts';
import { Image } from '../../../values/image.ts';
import type { TestServer } from '../../support/http-server.ts';
import {
  digestOf,
  indexBody,
  type RegistryBehaviour,
  startRegistry,
  startTokenServer,
} from '../../support/registry-server.ts';

const BODY = indexBody('one');
const PLATFORM_TYPE = 'application/vnd.docker.distribution.manifest.v2+json';
const NOBODY = async () => undefined;
const PASSWORD = { kind: 'password', username: 'anna', password: 's3cret' } as const;

const running: TestServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function registry(behaviour: RegistryBehaviour = {}, credentials?: Credentials) {
  const server = await startRegistry({ manifests: { 'team/app:1.0': BODY }, ...behaviour });
  running.push(server);
  const send = transport({ attempts: 1, timeoutMs: 500, environment: {} });
  const client = new Registry(send, credentials === undefined ? NOBODY : async () => credentials);
  const image = (tag = '1.0', digest = 'unresolved') =>
    Image.of({ name: `${server.authority}/team/app`, tag, digest });
  return { server, client, image };
}

async function tokens(accepted?: Parameters<typeof startTokenServer>[0]) {
  const server = await startTokenServer(accepted);
  running.push(server);
  return server;
}

describe('Registry', () => {
  test('returns the digest of an index, which is the hash of its body (W-C2)', async () => {
    const { client, image, server } = await registry();
    await expect(client.manifestOf(image())).resolves.toEqual({
      digest: digestOf(BODY),
      kind: 'index',
    });
    expect(server.headers[0]?.accept).toMatch(/^application\/vnd\.oci\.image\.index\.v1\+json, /);
    expect(server.headers[0]?.accept).toContain(
      'application/vnd.docker.distribution.manifest.list.v2+json',
    );
  });

  test('asks for headers alone when the tag still has the pinned digest', async () => {
    const { client, image, server } = await registry();
    await client.manifestOf(image('1.0', digestOf(BODY)));
    expect(server.requests).toEqual(['HEAD /v2/team/app/manifests/1.0']);
  });

  test('reports a manifest of one platform as such', async () => {
    const { client, image } = await registry({ contentType: PLATFORM_TYPE });
    await expect(client.manifestOf(image())).resolves.toMatchObject({ kind: 'platform' });
  });

  test('believes the manifest where the header says nothing', async () => {
    const { client, image } = await registry({ contentType: 'application/json' });
    await expect(client.manifestOf(image())).resolves.toMatchObject({ kind: 'index' });
  });

  test('knows when there is no such tag', async () => {
    const { client, image } = await registry();
    await expect(client.manifestOf(image('2.0'))).resolves.toBeUndefined();
  });

  test('knows what can still be pulled by its digest', async () => {
    const { client, image } = await registry();
    await expect(client.has(image(), digestOf(BODY))).resolves.toBe(true);
    await expect(client.has(image(), digestOf('another'))).resolves.toBe(false);
  });

  test('gets a token for everybody where the registry asks for one', async () => {
    const tokenServer = await tokens();
    const { client, image, server } = await registry({ tokenServer });
    await expect(client.manifestOf(image())).resolves.toMatchObject({ kind: 'index' });
    expect(tokenServer.requests).toEqual([
      'GET /token?service=test&scope=repository%3Ateam%2Fapp%3Apull',
    ]);
    expect(tokenServer.headers[0]).not.toHaveProperty('authorization');
    expect(server.requests).toHaveLength(3);
  });

  test('proves who asks to the token server, and shows the registry only the token', async () => {
    const tokenServer = await tokens({ basic: 'anna:s3cret' });
    const { client, image, server } = await registry({ tokenServer }, PASSWORD);
    await expect(client.manifestOf(image())).resolves.toMatchObject({ kind: 'index' });
    expect(server.headers.map(({ authorization }) => authorization)).toEqual([
      undefined,
      'Bearer token-1',
      'Bearer token-1',
    ]);
  });

  test('exchanges a token that stands for a login', async () => {
    const tokenServer = await tokens({ refreshToken: 'refresh' });
    const { client, image } = await registry(
      { tokenServer },
      { kind: 'identity-token', token: 'refresh' },
    );
    await expect(client.manifestOf(image())).resolves.toMatchObject({ kind: 'index' });
    expect(tokenServer.bodies).toEqual([
      'service=test&scope=repository%3Ateam%2Fapp%3Apull&grant_type=refresh_token&client_id=flywheel&refresh_token=refresh',
    ]);
  });

  test('proves who asks to a registry without a token server', async () => {
    const { client, image } = await registry({ basic: 'anna:s3cret' }, PASSWORD);
    await expect(client.manifestOf(image())).resolves.toMatchObject({ kind: 'index' });
  });

  test.each<[string, RegistryBehaviour, string]>([
    [
      'content that does not have the digest it claims',
      { claims: digestOf('another') },
      'sends content that is not what it says it is',
    ],
    [
      'a page instead of a manifest',
      { contentType: 'text/html', manifests: { 'team/app:1.0': '<html>' } },
      'answers with what is no manifest',
    ],
    [
      'a manifest of the first schema',
      {
        contentType: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
        manifests: { 'team/app:1.0': '{"schemaVersion":1}' },
      },
      'answers with what is no manifest',
    ],
    [
      'a login that is missing',
      { basic: 'anna:s3cret' },
      'refuses access; if the image is private: docker login',
    ],
    [
      'a server that fails',
      {
        faults: [
          (_, response) => void response.writeHead(500).end(),
          (_, response) => void response.writeHead(500).end(),
        ],
      },
      'answers 500',
    ],
    [
      'a limit',
      {
        faults: [
          (_, response) => void response.writeHead(429).end(),
          (_, response) => void response.writeHead(429).end(),
        ],
      },
      'limits requests; try again later',
    ],
    [
      'a token server without encryption',
      {
        faults: [
          (_, response) =>
            void response
              .writeHead(401, {
                'www-authenticate': 'Bearer realm="http://auth.example.org/token"',
              })
              .end(),
        ],
      },
      'sends to a token server without encryption',
    ],
    [
      'a challenge that is none',
      {
        faults: [
          (_, response) => void response.writeHead(401).end(),
          (_, response) => void response.writeHead(401).end(),
        ],
      },
      'refuses access; if the image is private: docker login',
    ],
  ])('rejects %s (L14)', async (_, behaviour, message) => {
    const { client, image } = await registry(behaviour);
    const failure = await client.manifestOf(image()).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Unreachable);
    expect((failure as Unreachable).message).toContain(message);
  });

  test('rejects a wrong login, and repeats neither name nor password', async () => {
    const tokenServer = await tokens({ basic: 'anna:other' });
    const { client, image } = await registry({ tokenServer }, PASSWORD);
    await expect(client.manifestOf(image())).rejects.toThrow(
      new Unreachable('refuses a token: its token server answers 401'),
    );
  });

  test.each([
    ['docker.io/library/node', 'https://registry-1.docker.io/v2/library/node/manifests/1.0'],
    ['ghcr.io/team/app', 'https://ghcr.io/v2/team/app/manifests/1.0'],
    ['127.0.0.1:5000/app', 'http://127.0.0.1:5000/v2/app/manifests/1.0'],
    ['localhost:5000/app', 'http://localhost:5000/v2/app/manifests/1.0'],
    ['192.168.1.1:5000/app', 'https://192.168.1.1:5000/v2/app/manifests/1.0'],
  ])('finds %s at %s', async (name, url) => {
    const asked: Outgoing[] = [];
    const send = async (request: Outgoing) => {
      asked.push(request);
      return { status: 404, headers: {}, body: Buffer.alloc(0) };
    };
    await new Registry(send, NOBODY).manifestOf(
      Image.of({ name, tag: '1.0', digest: 'unresolved' }),
    );
    expect(asked[0]?.url.href).toBe(url);
  });
});
