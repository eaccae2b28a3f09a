import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, type TestContext, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { casIntegrityCheck } from '../../backend/cas-integrity/command.ts';
import { StoreClient } from '../../backend/store/store-client.ts';
import { readSettings } from '../../config/read-settings.ts';
import { freePorts } from '../../operations/rehearsal/ports.ts';
import { type RunningStore, startStore } from '../../operations/rehearsal/store/store.ts';
import { eventually } from '../support/cluster-objects.ts';
import { exampleFile } from '../support/examples.ts';
import { configFile, configFiles } from './components/config-files.ts';
import { scratchFolder, writeText } from './components/scratch.ts';
import { type ServerProcess, startServer } from './components/server-process.ts';
import { needsProgram } from './needs.ts';
import { run } from './run-program.ts';

const FILE = 'config.yaml';
const folder = scratchFolder('bazel-remote');

/** The configuration with only the places changed: folder, addresses and bucket of this machine. */
async function onThisMachine(text: string, data: string, store?: RunningStore) {
  const [http, grpc] = await freePorts(2);
  const config = parse(text);
  mkdirSync(join(folder, data), { recursive: true });
  Object.assign(config, {
    dir: join(folder, data),
    http_address: `127.0.0.1:${http}`,
    grpc_address: `127.0.0.1:${grpc}`,
  });
  if (store !== undefined) {
    const bazel = store.buckets.find(({ purpose }) => purpose === 'bazel');
    if (bazel === undefined) throw new Error('the store has no bucket of Bazel');
    const { accessKeyId, secretAccessKey } = bazel.identity;
    Object.assign(config.s3_proxy, {
      endpoint: new URL(store.endpoint).host,
      aws_shared_credentials_file: writeText(
        folder,
        'credentials',
        `[default]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
      ),
    });
  }
  const file = writeText(folder, `${data}.yaml`, stringify(config));
  return { file, address: `http://127.0.0.1:${http}` };
}

let store: Promise<RunningStore> | undefined;
const servers: ServerProcess[] = [];
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await (await store?.catch(() => undefined))?.stop();
});

/** The cache as its pod starts it, with a bucket of a real store behind it and nothing on its disk. */
async function needsCache(context: TestContext, data: string) {
  const program = await needsProgram(context, 'bazel-remote');
  await needsProgram(context, 'versitygw');
  store ??= startStore({ kind: 'versitygw', settings: readSettings(exampleFile('tinyland')) });
  const text = configFile('tinyland', FILE);
  const { file, address } = await onThisMachine(text, data, await store);
  const server = await startServer(program, ['--config_file', file], {
    health: `${address}/status`,
  });
  servers.push(server);
  return { server, address };
}

const BLOB = randomBytes(3 * 1024 * 1024);
const HASH = createHash('sha256').update(BLOB).digest('hex');
const PATH = `/cas/${HASH}`;

async function put(address: string, blob: Buffer): Promise<void> {
  const hash = createHash('sha256').update(blob).digest('hex');
  const { status } = await fetch(`${address}/cas/${hash}`, { method: 'PUT', body: blob });
  expect(status).toBe(200);
}

/** The bucket behind the cache, and what leads the check to it. */
async function bazelBucket() {
  if (store === undefined) throw new Error('the store is started with the first cache');
  const { endpoint, buckets } = await store;
  const bazel = buckets.find(({ purpose }) => purpose === 'bazel');
  if (bazel === undefined) throw new Error('the store has no bucket of Bazel');
  const { name, identity: keys } = bazel;
  const bucket = new StoreClient({
    endpoint,
    bucket: name,
    region: 'us-east-1',
    pathStyle: true,
    keys,
  });
  const variables = {
    FLYWHEEL_CONFIG: exampleFile('tinyland'),
    BAZEL_CACHE_S3_ENDPOINT: endpoint,
    BAZEL_CACHE_S3_ACCESS_KEY_ID: keys.accessKeyId,
    BAZEL_CACHE_S3_SECRET_ACCESS_KEY: keys.secretAccessKey,
  };
  return { bucket, variables };
}

async function check(args: readonly string[], environment: NodeJS.ProcessEnv) {
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  const code = await casIntegrityCheck(args, { result: say, problem: say }, environment);
  return { code, said: lines.join('\n') };
}

describe('the Bazel cache, run by bazel-remote', () => {
  test('understands its file, takes a blob in, and keeps it in the bucket', async (context) => {
    const first = await needsCache(context, 'first');
    const stored = await fetch(first.address + PATH, { method: 'PUT', body: BLOB });
    expect(stored.status).toBe(200);
    await eventually('the upload', () => /S3 UPLOAD .* OK/.test(first.server.said()) || undefined);
    expect(await first.server.stop()).toBe(0);

    const second = await needsCache(context, 'second');
    const found = await fetch(second.address + PATH);
    expect(found.status).toBe(200);
    expect(Buffer.from(await found.arrayBuffer()).equals(BLOB)).toBe(true);
  });

  test('is proved by the bytes that its objects decode to, and a damaged one is found (R9, B3)', async (context) => {
    const { address, server } = await needsCache(context, 'proved');
    for (const blob of [BLOB, Buffer.from('x')]) await put(address, blob);
    await eventually('the uploads', () => server.said().split(/S3 UPLOAD .* OK/)[2]);
    const { bucket, variables } = await bazelBucket();
    const digest = `${HASH}/${BLOB.length}`;
    const asked = ['--digest', digest, '--endpoint', address];
    expect(await check(asked, variables)).toMatchObject({ code: 0 });
    expect(await check(['--all'], variables)).toMatchObject({ code: 0 });

    const key = `cas.v2/${HASH.slice(0, 2)}/${HASH}`;
    const { body } = await bucket.send({ method: 'GET', key });
    expect(createHash('sha256').update(body).digest('hex')).not.toBe(HASH);
    const damaged = Buffer.from(body);
    damaged[body.length >> 1] = (damaged[body.length >> 1] ?? 0) ^ 1;
    await bucket.send({ method: 'PUT', key, body: damaged });
    const { code, said } = await check(asked, variables);
    expect(code, said).toBe(2);
    expect(said).toMatch(/the sources have not changed/);
    bucket.close();
  });

  test('serves the metrics that the alerts ask for', async (context) => {
    const { address } = await needsCache(context, 'metrics');
    const text = await (await fetch(`${address}/metrics`)).text();
    expect(text).toMatch(/^bazel_remote_disk_cache_size_bytes_limit\{type="evict"\} /m);
    expect(text).toMatch(/^bazel_remote_disk_cache_evicted_bytes_total /m);
    const limit = /limit\{type="evict"\} (\S+)/.exec(text)?.[1];
    expect(Number(limit)).toBe(parse(configFile('tinyland', FILE)).max_size * 1024 ** 3);
  });

  for (const { settings, text } of configFiles(FILE)) {
    test(`with the file of ${settings} refuses a way of storing that it does not know`, async (context) => {
      const program = await needsProgram(context, 'bazel-remote');
      const broken = text.replace('storage_mode: zstd', 'storage_mode: lzma');
      const { file } = await onThisMachine(broken, `broken-${settings}`);
      const { code, stdout, stderr } = await run(program, ['--config_file', file]);
      expect([code, `${stdout}${stderr}`]).toEqual([
        1,
        expect.stringMatching(/storage.mode.*must/i),
      ]);
    });
  }
});
