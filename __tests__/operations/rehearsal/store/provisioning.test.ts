import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readSettings } from '../../../../config/read-settings.ts';
import { storeBuckets } from '../../../../operations/rehearsal/store/buckets.ts';
import {
  clientOf,
  type Provisioning,
  patient,
  proveIdentities,
} from '../../../../operations/rehearsal/store/provisioning.ts';
import { rustfs } from '../../../../operations/rehearsal/store/rustfs.ts';
import { RustFsStandIn } from '../../../constructs/object-store/rustfs-stand-in.ts';

const settings = readSettings();
let folder = '';
let store = new RustFsStandIn();
let provisioning: Provisioning;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flywheel-provisioning-'));
  store = new RustFsStandIn();
  provisioning = {
    endpoint: await store.start(),
    region: settings.state.region,
    root: RustFsStandIn.root,
    buckets: storeBuckets(settings),
    folder,
    signal: new AbortController().signal,
  };
});

afterEach(() => {
  store.stop();
  rmSync(folder, { recursive: true });
});

describe('a RustFS', () => {
  test('gets its buckets, policies and identities from the script of the bucket Job', async () => {
    await rustfs.provision(provisioning);
    expect([...store.buckets.keys()]).toEqual(['attic', 'bazel-cache', 'tofu-state']);
    expect([...store.policies.keys()]).toEqual([
      'bucket-attic',
      'bucket-bazel-cache',
      'bucket-tofu-state',
    ]);
    expect([...store.users.keys()]).toEqual(
      provisioning.buckets.map(({ identity }) => identity.accessKeyId),
    );
    await proveIdentities(provisioning);
    const [attic] = provisioning.buckets;
    if (attic === undefined) throw new Error('there is no bucket');
    const answer = await clientOf(provisioning, attic.identity)('GET', '/tofu-state');
    expect(answer.status).toBe(403);
  });

  test('leaves no secret in its folder', async () => {
    await rustfs.provision(provisioning);
    expect(existsSync(join(folder, 'secrets'))).toBe(false);
    expect(readdirSync(folder).sort()).toEqual(['buckets.json', 'buckets.log']);
    const written = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
    for (const { identity } of provisioning.buckets) {
      expect(written.join()).not.toContain(identity.secretAccessKey);
    }
  });

  test('that refuses is quoted, and no secret stays behind then either', async () => {
    store.misbehave = ({ path }) =>
      path.endsWith('/add-user')
        ? { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' }
        : undefined;
    await expect(rustfs.provision(provisioning)).rejects.toThrow(
      'the script of the bucket Job failed: failed   the store refused to create the identity of bucket attic: 403 AccessDenied',
    );
    expect(existsSync(join(folder, 'secrets'))).toBe(false);
  });
});

describe('the proof of the identities', () => {
  test('rejects a store that lets one into the bucket of another', async () => {
    await rustfs.provision(provisioning);
    const attic = provisioning.buckets[0]?.identity.accessKeyId;
    store.misbehave = ({ path, caller }) =>
      path === '/tofu-state' && caller === attic ? { status: 200, body: '' } : undefined;
    await expect(proveIdentities(provisioning)).rejects.toThrow(
      'the identity of bucket attic is not kept out of bucket tofu-state: 200 instead of 403',
    );
  });

  test('rejects a store that keeps one out of its own bucket', async () => {
    await rustfs.provision(provisioning);
    store.misbehave = ({ path, method }) =>
      path === '/bazel-cache' && method === 'GET'
        ? { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' }
        : undefined;
    await expect(proveIdentities(provisioning)).rejects.toThrow(
      'the store refused to let the identity of bucket bazel-cache in: 403 AccessDenied',
    );
  });
});

describe('a store that is still starting', () => {
  /** A store that answers with these codes, one after the other. */
  function answering(...codes: number[]) {
    const asked: string[] = [];
    const send = async (method: string, path: string) => {
      asked.push(`${method} ${path}`);
      return { status: codes.shift() ?? 200, headers: {}, text: '' };
    };
    return { asked, send: send as unknown as ReturnType<typeof clientOf> };
  }

  test('is asked again as long as it answers 503', async () => {
    const { asked, send } = answering(503, 503, 200);
    const answer = await patient(send, new AbortController().signal)('PUT', '/a');
    expect([answer.status, asked]).toEqual([200, ['PUT /a', 'PUT /a', 'PUT /a']]);
  });

  test('is not asked again when it refuses, or when nobody waits any more', async () => {
    const refused = answering(403, 200);
    expect((await patient(refused.send, new AbortController().signal)('PUT', '/a')).status).toBe(
      403,
    );
    const ended = answering(503, 200);
    expect((await patient(ended.send, AbortSignal.abort())('PUT', '/a')).status).toBe(503);
  });
});
