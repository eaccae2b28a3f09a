import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readSettings } from '../../config/read-settings.ts';
import type { StoreKind } from '../../operations/rehearsal/store/kinds.ts';
import { type RunningStore, startStore } from '../../operations/rehearsal/store/store.ts';
import { locate } from '../../operations/tools/locate.ts';
import { EXAMPLES, exampleFile } from '../support/examples.ts';
import { needsProgram } from './needs.ts';
import { RequestRecorder } from './request-recorder.ts';
import { type SynthesizedExample, synthesizeExample } from './synthesized-example.ts';
import { backendOf, storeEnvironment, TofuFolder } from './tofu-folder.ts';

/** What tofu says of each kind of store, in the store's own words. */
interface Words {
  readonly wrongSecret: RegExp;
  readonly unknownKey: RegExp;
  /** To an identity that has another bucket, a store need not admit that one is missing. */
  readonly missingBucket: RegExp;
}

const SIGNATURE = /StatusCode: 403, .*api error SignatureDoesNotMatch: /;
const UNKNOWN = /StatusCode: 403, .*api error InvalidAccessKeyId: /;
const KINDS: readonly (readonly [StoreKind, Words])[] = [
  [
    'versitygw',
    { wrongSecret: SIGNATURE, unknownKey: UNKNOWN, missingBucket: /S3 bucket does not exist/ },
  ],
  [
    'minio',
    { wrongSecret: SIGNATURE, unknownKey: UNKNOWN, missingBucket: /HeadObject.* 403,.*Forbidden/s },
  ],
  [
    'rustfs',
    {
      wrongSecret: SIGNATURE,
      unknownKey: UNKNOWN,
      missingBucket: /S3 bucket does not exist|AccessDenied|Forbidden/,
    },
  ],
];
const STACKS = ['arc-runners', 'attic', 'gitlab-runners', 'runner-dashboard'] as const;

const synthesized = new Map<string, SynthesizedExample>();
const folders: TofuFolder[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) folder.remove();
});
afterAll(() => {
  for (const { outdir } of synthesized.values()) rmSync(outdir, { recursive: true, force: true });
});

function stackJson(example: string, stack: string): unknown {
  const made = synthesized.get(example) ?? synthesizeExample(example);
  synthesized.set(example, made);
  return made.stacks.find(({ name }) => name === stack)?.json;
}

/** A store of the kind for all tests of a group, where both programs are there. */
function withStore(kind: StoreKind, example: string): { readonly store: () => RunningStore } {
  let store: RunningStore | undefined;
  beforeAll(async () => {
    const [tofu, program] = await Promise.all([locate('tofu'), locate(kind)]);
    if (tofu.status === 'missing' || program.status === 'missing') return;
    store = await startStore({ kind, settings: readSettings(exampleFile(example)) });
  });
  beforeEach(async (context) => {
    await needsProgram(context, 'tofu');
    await needsProgram(context, kind);
  });
  afterAll(async () => await store?.stop());
  return {
    store: () => {
      if (store === undefined) throw new Error(`no ${kind} was started`);
      return store;
    },
  };
}

async function folderOf(json: unknown, environment: NodeJS.ProcessEnv, resource?: object) {
  const tofu = await locate('tofu');
  if (tofu.status === 'missing') throw new Error(tofu.because);
  const folder = new TofuFolder(tofu.path, json, environment, resource);
  folders.push(folder);
  return folder;
}

describe.each(KINDS)('tofu on %s', (kind, words) => {
  describe.each(EXAMPLES)('with the settings %s', (example) => {
    const { store } = withStore(kind, example);

    test.each(STACKS)(
      'keeps state and lock of %s under its key and nowhere else',
      async (stack) => {
        const recorder = await RequestRecorder.before(store().endpoint);
        const json = stackJson(example, stack);
        const folder = await folderOf(json, storeEnvironment(store(), recorder.endpoint));
        const { bucket, key } = backendOf(json);
        const object = `/${bucket}/${key}`;
        const said = [await folder.run(['init']), await folder.run(['apply', '-auto-approve'])];
        await recorder.stop();
        expect(said.map(({ code, stderr }) => ({ code, stderr }))).toEqual([
          { code: 0, stderr: '' },
          { code: 0, stderr: '' },
        ]);
        const requests = recorder.requests.map(({ path, ...rest }) => ({
          ...rest,
          path: path.split('?')[0],
        }));
        expect(requests).toContainEqual({
          method: 'PUT',
          path: `${object}.tflock`,
          ifNoneMatch: '*',
        });
        expect(requests).toContainEqual({ method: 'PUT', path: object });
        expect(requests).toContainEqual({ method: 'DELETE', path: `${object}.tflock` });
        const places = new Set(requests.map(({ path }) => path));
        expect([...places].sort()).toEqual([`/${bucket}`, object, `${object}.tflock`].sort());
        // From the store itself: what tofu wrote through the recorder is what it finds without it.
        const state = await folder.run(['state', 'pull'], {
          AWS_ENDPOINT_URL_S3: store().endpoint,
        });
        expect(JSON.parse(state.stdout).resources).toMatchObject([{ type: 'terraform_data' }]);
      },
    );
  });

  describe('with two at once', () => {
    const { store } = withStore(kind, 'minimal');

    test('gives the lock to one, and again when it is free', async () => {
      const json = stackJson('minimal', 'attic');
      const environment = storeEnvironment(store());
      const waits = {
        provisioner: {
          'local-exec': { command: 'touch held; until [ -e free ]; do sleep 0.05; done' },
        },
      };
      const holder = await folderOf(json, environment, { terraform_data: { holds: waits } });
      const other = await folderOf(json, environment);
      expect((await holder.run(['init'])).code).toBe(0);
      expect((await other.run(['init'])).code).toBe(0);
      const applied = holder.run(['apply', '-auto-approve']);
      while (!existsSync(join(holder.path, 'held'))) await pause(20);
      const refused = await other.run(['plan']);
      writeFileSync(join(holder.path, 'free'), '');
      expect(refused.code).toBe(1);
      expect(refused.stderr).toMatch(/Error acquiring the state lock/);
      expect(refused.stderr).toMatch(/Path: +tofu-state\/attic\/terraform\.tfstate/);
      expect((await applied).code).toBe(0);

      // Also where the bucket keeps old versions, and with them the delete marker of the lock.
      const again = await other.run(['plan']);
      expect(again.code, again.stderr).toBe(0);
    });
  });

  describe('with what is wrong', () => {
    const { store } = withStore(kind, 'minimal');

    async function initWith(change: NodeJS.ProcessEnv, json = stackJson('minimal', 'attic')) {
      const environment = { ...storeEnvironment(store()), ...change };
      return await (await folderOf(json, environment)).run(['init']);
    }

    test('says that a secret is wrong, in the words of the store', async () => {
      const { code, stderr } = await initWith({ AWS_SECRET_ACCESS_KEY: 'another' });
      expect(code).toBe(1);
      expect(stderr).toMatch(words.wrongSecret);
    });

    test('says that a key is unknown, in the words of the store', async () => {
      const { code, stderr } = await initWith({ AWS_ACCESS_KEY_ID: 'NOBODY' });
      expect(code).toBe(1);
      expect(stderr).toMatch(words.unknownKey);
    });

    test('says that it has no key, and asks no other place of this machine for one', async () => {
      const { code, stderr } = await initWith({
        AWS_ACCESS_KEY_ID: undefined,
        AWS_SECRET_ACCESS_KEY: undefined,
      });
      expect(code).toBe(1);
      expect(stderr).toContain('No valid credential sources found');
    });

    test('says that a bucket is missing, and makes none', async () => {
      const json = structuredClone(stackJson('minimal', 'attic'));
      Object.assign(backendOf(json), { bucket: 'no-such-bucket' });
      const first = await initWith({}, json);
      const second = await initWith({}, json);
      for (const { code, stderr } of [first, second]) {
        expect(code).toBe(1);
        expect(stderr).toMatch(words.missingBucket);
      }
    });
  });
});
