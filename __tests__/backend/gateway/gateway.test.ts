import { createHash, createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { startGateway } from '../../../backend/gateway/gateway.ts';
import type { RunningGateway } from '../../../backend/gateway/gateway-options.ts';
import { sha256, signedHeaders } from '../../../backend/store/signature.ts';
import type { StoreKeys } from '../../../backend/store/store-access.ts';
import { StoreClient } from '../../../backend/store/store-client.ts';
import { lockBytes, Scene, STATE, stateBytes } from './tofu-requests.ts';

const REGION = 'eu-central-1';
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function started(
  scene: Scene,
  more: Partial<Parameters<typeof startGateway>[0]> = {},
): Promise<RunningGateway> {
  const gateway = await startGateway({
    state: STATE,
    region: REGION,
    declaration: { writes: true },
    store: scene.store,
    witness: scene.witness,
    by: 'tester@here',
    compareAndSwap: true,
    pauseMs: 1,
    ...more,
  });
  closing.push(() => gateway.stop());
  return gateway;
}

function clientOf({ endpoint }: RunningGateway, keys: StoreKeys, region = REGION): StoreClient {
  const client = new StoreClient({ endpoint, region, keys, bucket: STATE.bucket, pathStyle: true });
  closing.push(() => client.close());
  return client;
}

/** A request past every client, with a body that need not be the one that was signed. */
async function raw(
  { endpoint, keys }: RunningGateway,
  body: Buffer,
  {
    method = 'PUT',
    signed = body,
    changed = {},
  }: { readonly method?: string; readonly signed?: Buffer; readonly changed?: object } = {},
): Promise<{ readonly status: number; readonly text: string }> {
  const path = `/${STATE.bucket}/${STATE.key}`;
  const headers = await signedHeaders(
    { method, origin: endpoint, path, query: {}, headers: { ...changed } },
    signed,
    { keys, region: REGION },
  );
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${endpoint}${path}`, { method, headers: { ...headers, ...changed } });
    sent.once('error', reject);
    sent.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.end(body);
  });
}

describe('a gateway', () => {
  test('answers whoever has the keys of its run, as a store does', async () => {
    const scene = await new Scene().withState();
    const gateway = await started(scene);
    expect(gateway.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const tofu = clientOf(gateway, gateway.keys);
    const lock = lockBytes('ours');
    const created = { 'if-none-match': '*' };
    expect(
      (await tofu.send({ method: 'PUT', key: STATE.lockKey, headers: created, body: lock })).status,
    ).toBe(200);
    const head = await tofu.send({ method: 'HEAD', key: STATE.key });
    const get = await tofu.send({ method: 'GET', key: STATE.key });
    expect(get.body).toEqual(stateBytes(7, { instances: 2 }));
    for (const { headers } of [head, get]) {
      expect(headers).toMatchObject({
        'content-length': String(get.body.length),
        etag: `"${createHash('md5').update(get.body).digest('hex')}"`,
        'last-modified': expect.stringMatching(/GMT$/),
        'x-amz-version-id': expect.any(String),
      });
    }
    const next = stateBytes(8);
    expect((await tofu.send({ method: 'PUT', key: STATE.key, body: next })).status).toBe(200);
    expect((await tofu.send({ method: 'DELETE', key: STATE.lockKey })).status).toBe(204);
    expect(gateway.findings).toEqual([]);
    expect(scene.stored()).toEqual(next);
  });

  test('has other keys and another port in every run', async () => {
    const scene = await new Scene().withState();
    const [one, other] = [await started(scene), await started(scene)];
    expect(one.endpoint).not.toBe(other.endpoint);
    expect(one.keys.accessKeyId).not.toBe(other.keys.accessKeyId);
    expect(one.keys.secretAccessKey).not.toBe(other.keys.secretAccessKey);
    const { status, body } = await clientOf(other, one.keys).send({
      method: 'GET',
      key: STATE.key,
    });
    expect(status).toBe(403);
    expect(body.toString()).toContain('<Code>InvalidAccessKeyId</Code>');
  });

  test('refuses a secret and a region that are not those of its run', async () => {
    const gateway = await started(await new Scene().withState());
    const wrong = { ...gateway.keys, secretAccessKey: 'x'.repeat(40) };
    for (const client of [clientOf(gateway, wrong), clientOf(gateway, gateway.keys, 'us-east-1')]) {
      const { status, body } = await client.send({ method: 'GET', key: STATE.key });
      expect(status).toBe(403);
      expect(body.toString()).toContain('<Code>SignatureDoesNotMatch</Code>');
    }
    expect(gateway.findings).toEqual([]);
    expect(gateway.notes).toEqual([
      'the gateway has refused a request that tofu cannot have sent: 403',
    ]);
  });

  test('takes no body but the one that was signed', async () => {
    const scene = await new Scene().withState();
    const gateway = await started(scene);
    const body = stateBytes(8);
    const changed = await raw(gateway, stateBytes(9), { signed: body });
    expect(changed).toMatchObject({
      status: 400,
      text: expect.stringContaining('XAmzContentSHA256Mismatch'),
    });
    const digest = await raw(gateway, body, { changed: { 'x-amz-checksum-sha256': 'AAAA' } });
    expect(digest).toMatchObject({
      status: 400,
      text: expect.stringContaining('x-amz-checksum-sha256'),
    });
    expect(scene.stored()).toEqual(stateBytes(7, { instances: 2 }));
  });

  test('takes the checksum that tofu sends', async () => {
    const gateway = await started(await new Scene().withState());
    const body = stateBytes(8);
    const sum = createHash('sha256').update(body).digest('base64');
    const { status, text } = await raw(gateway, body, {
      changed: { 'x-amz-checksum-sha256': sum },
    });
    // It goes on to the lock, which nobody has taken.
    expect(status).toBe(403);
    expect(text).toContain('<Code>WriteWithoutLock</Code>');
  });

  test('refuses a method that S3 does not have', async () => {
    const gateway = await started(await new Scene().withState());
    expect((await raw(gateway, Buffer.alloc(0), { method: 'PATCH' })).status).toBe(405);
  });

  test('refuses a body that is larger than any state, before it has come', async () => {
    const gateway = await started(await new Scene().withState());
    const size = String(300 * 2 ** 20);
    const refused = new Promise((resolve, reject) => {
      const sent = httpRequest(`${gateway.endpoint}/${STATE.bucket}/${STATE.key}`, {
        method: 'PUT',
        headers: { 'content-length': size },
      });
      sent.once('response', ({ statusCode }) => resolve(statusCode));
      sent.once('error', reject);
      sent.write('{');
      closing.push(() => void sent.destroy());
    });
    expect(await refused).toBe(413);
  });

  test('ends what it waits for when it is stopped, and says what was not kept', async () => {
    const scene = await new Scene().withState();
    const state = { ...STATE, holdsOwnStore: true };
    const gateway = await started(scene, { state, restartMs: 600_000, pauseMs: 500 });
    const tofu = clientOf(gateway, gateway.keys);
    const headers = { 'if-none-match': '*' };
    await tofu.send({ method: 'PUT', key: STATE.lockKey, headers, body: lockBytes('ours') });
    await tofu.send({ method: 'GET', key: STATE.key });
    scene.lie('write-unavailable');
    const lied = scene.store.lied;
    const writing = tofu.send({ method: 'PUT', key: STATE.key, body: stateBytes(8) });
    while (scene.store.lied === lied) await new Promise(setImmediate);
    await gateway.stop();
    await writing.catch(() => {});
    expect(gateway.unkept).toEqual(stateBytes(8));
    expect(gateway.findings).toMatchObject([{ code: 'write-refused', exitCode: 4 }]);
  });
});

describe('a body whose hash is not signed', () => {
  test.each([
    'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    'UNSIGNED-PAYLOAD',
  ])('is refused in words: %s', async (hash) => {
    const gateway = await started(await new Scene().withState());
    const answer = await fetch(`${gateway.endpoint}/${STATE.bucket}/${STATE.key}`, {
      method: 'PUT',
      headers: signedByHand(gateway, hash),
      body: stateBytes(8),
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain(
      `<Code>InvalidRequest</Code><Message>a body is taken in one piece, with its hash signed, and not as ${hash}</Message>`,
    );
  });
});

/** A signature by the letter of its specification, also over what no client of ours would sign. */
function signedByHand({ endpoint, keys }: RunningGateway, hash: string): Record<string, string> {
  const { host } = new URL(endpoint);
  const at = new Date().toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const scope = [at.slice(0, 8), REGION, 's3', 'aws4_request'];
  const named = { host, 'x-amz-content-sha256': hash, 'x-amz-date': at };
  const names = Object.keys(named).join(';');
  const lines = Object.entries(named).map(([name, value]) => `${name}:${value}\n`);
  const path = `/${STATE.bucket}/${STATE.key}`;
  const canonical = ['PUT', path, '', lines.join(''), names, hash].join('\n');
  const text = ['AWS4-HMAC-SHA256', at, scope.join('/'), sha256(canonical)].join('\n');
  const hmac = (key: Buffer, value: string) => createHmac('sha256', key).update(value).digest();
  const key = scope.reduce(hmac, Buffer.from(`AWS4${keys.secretAccessKey}`));
  const signature = hmac(key, text).toString('hex');
  const { host: _, ...sent } = named;
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope.join('/')}, SignedHeaders=${names}, Signature=${signature}`,
  };
}
