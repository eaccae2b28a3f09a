import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSettings } from '../../config/read-settings.ts';
import { residentMemory } from '../../operations/rehearsal/child.ts';
import { missingOf } from '../../operations/rehearsal/installed.ts';
import { KINDS, type StoreKind } from '../../operations/rehearsal/store/kinds.ts';
import { clientOf } from '../../operations/rehearsal/store/provisioning.ts';
import { type RunningStore, startStore } from '../../operations/rehearsal/store/store.ts';
import { locate } from '../../operations/tools/locate.ts';
import { socketsOf } from '../support/open-sockets.ts';

const READY_SEC = 15;
const MEMORY_MIB = 400;
const LOOPBACK = /^(127\.|::1$)/;
const KIND_NAMES = Object.keys(KINDS) as StoreKind[];
const tofu = await locate('tofu');
const STORES = await Promise.all(
  KIND_NAMES.map(async (kind) => ({ kind, missing: await missingOf([kind]) })),
);

/** The backend as the stacks have it, and a resource that needs no provider from elsewhere. */
function configuration({ endpoint, region, buckets }: RunningStore) {
  const bucket = buckets.find(({ purpose }) => purpose === 'state')?.name;
  return {
    terraform: {
      backend: {
        s3: {
          bucket,
          key: 'rehearsal/terraform.tfstate',
          region,
          endpoints: { s3: endpoint },
          use_lockfile: true,
          use_path_style: true,
          skip_credentials_validation: true,
          skip_metadata_api_check: true,
          skip_region_validation: true,
          skip_requesting_account_id: true,
        },
      },
    },
    resource: { terraform_data: { kept: { input: 'kept in the store' } } },
  };
}

function runTofu(folder: string, { buckets }: RunningStore, words: readonly string[]) {
  const identity = buckets.find(({ purpose }) => purpose === 'state')?.identity;
  const program = tofu.status === 'found' ? tofu.path : '';
  const { status, stdout, stderr } = spawnSync(program, [...words, '-no-color'], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: '/usr/bin:/bin',
      HOME: folder,
      CHECKPOINT_DISABLE: '1',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ACCESS_KEY_ID: identity?.accessKeyId ?? '',
      AWS_SECRET_ACCESS_KEY: identity?.secretAccessKey ?? '',
    },
  });
  return { status, output: stdout, errors: stderr };
}

describe.each(STORES)('$kind as a rehearsal store', ({ kind, missing }) => {
  describe.skipIf(missing.length > 0)(
    missing.length > 0 ? `(not run: ${missing.join('; ')})` : 'started once',
    () => {
      const began = Date.now();
      let readySec = 0;
      let store: RunningStore;

      beforeAll(async () => {
        const settings = readSettings();
        store = await startStore({
          kind,
          // Neither is what a server would take if it did not listen to what it is told.
          address: '127.90.0.7',
          settings: { ...settings, state: { ...settings.state, region: 'eu-rehearsal-1' } },
        });
        readySec = (Date.now() - began) / 1000;
      }, 120_000);

      afterAll(async () => {
        await store?.stop();
      });

      function group(): number {
        if (store.pid === undefined) throw new Error('the server does not run');
        return store.pid;
      }

      function as(purpose: string) {
        const bucket = store.buckets.find((each) => each.purpose === purpose);
        if (bucket === undefined) throw new Error(`there is no bucket for ${purpose}`);
        return { name: bucket.name, send: clientOf(store, bucket.identity) };
      }

      test('is ready in time and takes little memory', async () => {
        const memory = (await residentMemory([group()])).get(group()) ?? 0;
        process.stdout.write(
          `${kind}: ready in ${readySec.toFixed(1)} s, ${Math.round(memory / 2 ** 20)} MiB\n`,
        );
        expect(readySec).toBeLessThan(READY_SEC);
        expect(memory).toBeGreaterThan(0);
        expect(memory).toBeLessThan(MEMORY_MIB * 2 ** 20);
      });

      test('refuses the key of Attic on the bucket of the state, for reading and for writing', async () => {
        const { send } = as('attic');
        expect((await send('PUT', '/attic/chunk', { body: 'chunk' })).status).toBe(200);
        expect((await send('GET', '/attic/chunk')).text).toBe('chunk');
        const query = { 'list-type': '2' };
        expect((await send('GET', '/tofu-state', { query })).status).toBe(403);
        expect((await send('PUT', '/tofu-state/stolen', { body: 'x' })).status).toBe(403);
        const state = as('state').send;
        expect((await state('GET', '/tofu-state/stolen')).status).toBe(404);
        expect((await state('GET', '/attic/chunk')).status).toBe(403);
        expect((await as('bazel').send('GET', '/attic/chunk')).status).toBe(403);
      });

      test('refuses a key that is wrong', async () => {
        const { accessKeyId } = store.root;
        const send = clientOf(store, { accessKeyId, secretAccessKey: 'x'.repeat(40) });
        expect((await send('GET', '/')).status).toBe(403);
      });

      test.each([
        { purpose: 'state', kept: KINDS[kind].noVersions === undefined ? 2 : 1 },
        { purpose: 'attic', kept: 1 },
      ])('keeps $kept versions for $purpose', async ({ purpose, kept }) => {
        const { name, send } = as(purpose);
        for (const body of ['one', 'two']) {
          expect((await send('PUT', `/${name}/twice`, { body })).status).toBe(200);
        }
        const root = clientOf(store, store.root);
        const { text } = await root('GET', `/${name}`, { query: { versions: '' } });
        expect(text.match(/<Version>(?:(?!<\/Version>).)*twice/gs)).toHaveLength(kept);
      });

      test.skipIf(tofu.status === 'missing')(
        `holds a state whose lock OpenTofu takes again and again${tofu.status === 'missing' ? ` (not run: ${tofu.because})` : ''}`,
        () => {
          const folder = mkdtempSync(join(tmpdir(), 'flywheel-store-tofu-'));
          try {
            writeFileSync(join(folder, 'main.tf.json'), JSON.stringify(configuration(store)));
            const run = (...words: string[]) => runTofu(folder, store, words);
            expect(run('init', '-input=false')).toMatchObject({ status: 0 });
            expect(run('apply', '-auto-approve', '-input=false')).toMatchObject({ status: 0 });
            for (const _ of [1, 2]) {
              expect(run('plan', '-detailed-exitcode', '-input=false')).toMatchObject({
                status: 0,
              });
            }
            expect(run('state', 'list').output).toBe('terraform_data.kept\n');
          } finally {
            rmSync(folder, { recursive: true });
          }
        },
        120_000,
      );

      test('speaks to nobody but this machine', () => {
        if (process.platform !== 'linux') return;
        const sockets = socketsOf(group());
        expect(sockets.filter(({ listens }) => listens).length).toBeGreaterThan(0);
        expect(
          sockets.filter(({ listens, local, remote }) => !LOOPBACK.test(listens ? local : remote)),
        ).toEqual([]);
      });

      test.each([{ abrupt: false }, { abrupt: true }])(
        'has the same address, objects and identities after a restart: $abrupt',
        async (how) => {
          const { name, send } = as('state');
          const object = `/${name}/restart-${how.abrupt}`;
          expect((await send('PUT', object, { body: 'kept' })).status).toBe(200);
          const { endpoint, pid } = store;
          await store.restart(how);
          expect(store.endpoint).toBe(endpoint);
          expect(store.pid).not.toBe(pid);
          expect((await send('GET', object)).text).toBe('kept');
          expect((await as('attic').send('GET', object)).status).toBe(403);
        },
        60_000,
      );

      test('prints no secret', () => {
        const log = readFileSync(store.log, 'utf8');
        const all = [store.root, ...store.buckets.map(({ identity }) => identity)];
        expect(all.filter(({ secretAccessKey }) => log.includes(secretAccessKey))).toEqual([]);
      });

      test('says so when it ends by itself, and leaves nothing when it is stopped', async () => {
        process.kill(-group(), 'SIGKILL');
        await expect(store.trouble).rejects.toThrow(`${kind} has ended; it said last:`);
        const folder = dirname(store.log);
        expect(existsSync(folder)).toBe(true);
        await store.stop();
        expect(existsSync(folder)).toBe(false);
      });
    },
  );
});
