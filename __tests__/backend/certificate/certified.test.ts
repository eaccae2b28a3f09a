import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { certificateOf, certificateText } from '../../../backend/certificate/certificate.ts';
import { certificateFile, certified } from '../../../backend/certificate/certified.ts';
import { prove } from '../../../backend/certificate/prove.ts';
import { HonestStore } from '../../../backend/lying-store/honest-store.ts';
import { lieNamed } from '../../../backend/lying-store/lies.ts';
import { LyingStore } from '../../../backend/lying-store/lying-store.ts';
import type { StoreAccess } from '../../../backend/store/store-access.ts';
import type { Store, StoreRequest } from '../../../backend/store/store-client.ts';

const ACCESS: StoreAccess = {
  endpoint: 'http://127.0.0.1:9000',
  bucket: 'tofu-state',
  region: 'us-east-1',
  pathStyle: true,
  keys: { accessKeyId: 'the-key-id', secretAccessKey: 'the-secret-key' },
};

let folder: string;
let memory: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flywheel-certified-'));
  memory = join(folder, 'tofu-state', 'attic');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** An honest store that counts, and says what it is. */
class Named implements Store {
  sent = 0;
  server = 'RustFS';
  private readonly truth = new HonestStore({ bucket: 'tofu-state' });

  async send(request: StoreRequest) {
    this.sent += 1;
    const answer = await this.truth.send(request);
    return { ...answer, headers: { ...answer.headers, server: this.server } };
  }
}

const ask = (store: Store, environment: NodeJS.ProcessEnv = {}) =>
  certified({ store, access: ACCESS, memory, environment });

describe('certified', () => {
  test('proves a store that has no certificate, and keeps what it found for all stacks of the bucket', async () => {
    const store = new Named();
    expect(await ask(store)).toEqual({ compareAndSwap: true });
    const file = certificateFile(memory, ACCESS);
    expect(file).toBe(certificateFile(join(folder, 'tofu-state', 'arc-runners'), ACCESS));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      form: 'short',
      store: { endpoint: ACCESS.endpoint, server: 'RustFS' },
    });
    expect(readFileSync(file, 'utf8')).not.toContain('the-secret-key');
  });

  test('asks one question as long as that certificate is valid', async () => {
    const store = new Named();
    await ask(store);
    const before = store.sent;
    expect(await ask(store)).toEqual({ compareAndSwap: true });
    expect(store.sent - before).toBe(1);
  });

  test('proves anew when another server stands behind the address', async () => {
    const store = new Named();
    await ask(store);
    const before = store.sent;
    store.server = 'MinIO';
    await ask(store);
    expect(store.sent - before).toBeGreaterThan(20);
  });

  test('knows a store of which the writes cannot be made conditional', async () => {
    const store = new LyingStore(new HonestStore({ bucket: 'tofu-state' }), {
      lies: [lieNamed('if-match-ignored')],
    });
    expect(await ask(store)).toEqual({ compareAndSwap: false });
  });

  test('rejects a store in which no state is safe, each time anew (2)', async () => {
    const store = new LyingStore(new HonestStore({ bucket: 'tofu-state' }), {
      lies: [lieNamed('if-none-match-ignored')],
    });
    for (let time = 0; time < 2; time += 1) {
      await expect(ask(store)).rejects.toMatchObject({
        message: expect.stringMatching(
          /^no state is safe in http:\/\/127\.0\.0\.1:9000, bucket tofu-state: .*\n {4}conditional-create: a second create over the first is taken: locks exclude nobody\n(?:.|\n)*just state-store-certify$/,
        ),
        exitCode: 2,
      });
    }
  });

  test('rejects a store that could not be tried (1)', async () => {
    const store = new LyingStore(new HonestStore({ bucket: 'tofu-state' }), {
      lies: [lieNamed('refused')],
    });
    await expect(ask(store)).rejects.toMatchObject({
      message: expect.stringContaining('could not be found out'),
      exitCode: 1,
    });
  });

  test('relies on the certificate that the environment names, and asks nothing', async () => {
    const store = new Named();
    const proving = await prove(store, 'tofu-state', 'short');
    const file = join(folder, 'certificate.json');
    const certificate = certificateOf(proving, { access: ACCESS, form: 'full', by: 'ada@home' });
    writeFileSync(file, certificateText(certificate));
    const before = store.sent;
    expect(await ask(store, { FLYWHEEL_STORE_CERTIFICATE: file })).toEqual({
      compareAndSwap: true,
    });
    expect(store.sent).toBe(before);
    const other = { ...ACCESS, bucket: 'other' };
    await expect(
      certified({
        store,
        access: other,
        memory,
        environment: { FLYWHEEL_STORE_CERTIFICATE: file },
      }),
    ).rejects.toMatchObject({ exitCode: 64 });
  });

  test('goes on without keeping anything where it may not write', async () => {
    writeFileSync(join(folder, 'tofu-state'), 'a file where the folder would be');
    expect(await ask(new Named())).toEqual({ compareAndSwap: true });
  });
});
