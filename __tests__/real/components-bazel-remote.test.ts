import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, type TestContext, test } from 'vitest';
import { parse, stringify } from 'yaml';
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
const PATH = `/cas/${createHash('sha256').update(BLOB).digest('hex')}`;

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
