import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSettings } from '../../config/read-settings.ts';
import { freshIdentity } from '../../operations/rehearsal/store/buckets.ts';
import { type RunningStore, startStore } from '../../operations/rehearsal/store/store.ts';
import { locate } from '../../operations/tools/locate.ts';
import { EXAMPLES, exampleFile } from '../support/examples.ts';
import { findHidden, findInBytes, type Needles } from './hidden-text.ts';
import { needsProgram } from './needs.ts';
import { synthesizeExample } from './synthesized-example.ts';
import { stateIdentity, storeEnvironment, TofuFolder } from './tofu-folder.ts';

const KIND = 'versitygw';

describe('the search for what must not be there', () => {
  const secret = 'q7/Zk+2 "x"???>>>~~~';
  const hidden: [string, Buffer][] = [
    ['as it is', Buffer.from(`key=${secret}`)],
    ...[0, 1, 2].map((shift): [string, Buffer] => [
      'base64',
      Buffer.from(Buffer.from(`${'-'.repeat(shift)}${secret}!`).toString('base64')),
    ]),
    ['base64url', Buffer.from(Buffer.from(`key: ${secret}!`).toString('base64url'))],
    ['URL-encoded', Buffer.from(`?key=${encodeURIComponent(secret)}`)],
    ['hex', Buffer.from(Buffer.from(secret).toString('hex'))],
    ['JSON', Buffer.from(JSON.stringify({ secret }))],
    ['as it is', gzipSync(secret)],
    ['as it is', archiveOf(Buffer.from(secret))],
  ];

  test.each(hidden)('finds a secret %s', (encoding, bytes) => {
    expect(findInBytes(bytes, { secret })).toContain(`secret (${encoding})`);
    expect(findInBytes(bytes, { other: secret.replace('7', '8') })).toEqual([]);
  });
});

describe.each(EXAMPLES)('what is synthesized from %s', (example) => {
  test('holds no credential and no endpoint of the environment', () => {
    const identity = freshIdentity();
    const endpoint = 'https://states.example.com:9443';
    const { outdir } = synthesizeExample(example, {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ACCESS_KEY_ID: identity.accessKeyId,
      AWS_SECRET_ACCESS_KEY: identity.secretAccessKey,
      TOFU_BACKEND_S3_ENDPOINT: endpoint,
      TOFU_BACKEND_S3_ACCESS_KEY_ID: identity.accessKeyId,
      TOFU_BACKEND_S3_SECRET_ACCESS_KEY: identity.secretAccessKey,
    });
    try {
      expect(findHidden(outdir, { ...identity, endpoint: 'states.example.com' })).toEqual([]);
      expect(findHidden(outdir, { bucket: 'tofu-state' })).not.toEqual([]);
    } finally {
      rmSync(outdir, { recursive: true });
    }
  });
});

describe('what tofu leaves behind', () => {
  let store: RunningStore | undefined;
  let json: unknown;
  const folders: TofuFolder[] = [];

  beforeAll(async () => {
    const program = await locate(KIND);
    if (program.status === 'missing') return;
    const { outdir, stacks } = synthesizeExample('minimal');
    json = stacks.find(({ name }) => name === 'attic')?.json;
    rmSync(outdir, { recursive: true });
    store = await startStore({ kind: KIND, settings: readSettings(exampleFile('minimal')) });
  });
  afterAll(async () => {
    for (const folder of folders) folder.remove();
    await store?.stop();
  });

  function folderOf(tofu: string, running: RunningStore) {
    const folder = new TofuFolder(tofu, json, storeEnvironment(running));
    folders.push(folder);
    return folder;
  }

  test('holds no credential and no endpoint that came by the environment: folder, plan file and logs', async (context) => {
    const tofu = await needsProgram(context, 'tofu');
    await needsProgram(context, KIND);
    const running = started(store);
    const folder = folderOf(tofu, running);
    const said = [await folder.run(['init']), await folder.run(['plan', '-out=planned'])];
    const { accessKeyId, secretAccessKey } = stateIdentity(running);
    for (const [index, { code, stdout, stderr }] of said.entries()) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      writeFileSync(join(folder.path, `log-${index}`), `${stdout}${stderr}`);
    }
    const needles: Needles = {
      accessKeyId,
      secretAccessKey,
      endpoint: running.endpoint.replace('http://', ''),
    };
    expect(findHidden(folder.path, needles)).toEqual([]);
    expect(findHidden(folder.path, { bucket: 'tofu-state' })).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^\.terraform\/terraform\.tfstate: /),
        expect.stringMatching(/^planned: /),
      ]),
    );
  });

  test('tells the identity, but never the secret, when a person asks for a trace', async (context) => {
    const tofu = await needsProgram(context, 'tofu');
    await needsProgram(context, KIND);
    const running = started(store);
    const folder = folderOf(tofu, running);
    const { code, stderr } = await folder.run(['init'], { TF_LOG: 'trace' });
    expect(code).toBe(0);
    const { accessKeyId, secretAccessKey } = stateIdentity(running);
    const trace = Buffer.from(stderr);
    expect(findInBytes(trace, { secretAccessKey })).toEqual([]);
    expect(findInBytes(trace, { accessKeyId })).toEqual(['accessKeyId (as it is)']);
  });

  test('would hold credentials that are given to init, which is why none are', async (context) => {
    const tofu = await needsProgram(context, 'tofu');
    await needsProgram(context, KIND);
    const running = started(store);
    const folder = folderOf(tofu, running);
    const { accessKeyId, secretAccessKey } = stateIdentity(running);
    const given = [`access_key=${accessKeyId}`, `secret_key=${secretAccessKey}`];
    expect(
      (await folder.run(['init', ...given.map((each) => `-backend-config=${each}`)])).code,
    ).toBe(0);
    expect((await folder.run(['plan', '-lock=false', '-out=planned'])).code).toBe(0);
    const found = findHidden(folder.path, { secretAccessKey });
    expect(found).toEqual([
      '.terraform/terraform.tfstate: secretAccessKey (as it is)',
      'planned: secretAccessKey (as it is)',
    ]);
  });
});

function started(store: RunningStore | undefined): RunningStore {
  if (store === undefined) throw new Error(`no ${KIND} was started`);
  return store;
}

/** An archive with one packed file, as far as a reader needs it. */
function archiveOf(content: Buffer): Buffer {
  const packed = deflateRawSync(content);
  const name = Buffer.from('file');
  const local = Buffer.alloc(30);
  local.write('PK\u0003\u0004', 'latin1');
  local.writeUInt16LE(name.length, 26);
  const entry = Buffer.alloc(46);
  entry.write('PK\u0001\u0002', 'latin1');
  entry.writeUInt16LE(8, 10);
  entry.writeUInt32LE(packed.length, 20);
  return Buffer.concat([local, name, packed, entry, name]);
}
