import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HonestStore } from '../../backend/lying-store/honest-store.ts';
import { serveStore } from '../../backend/lying-store/serve-store.ts';
import type { StoreKeys } from '../../backend/store/store-access.ts';
import { type Store, StoreClient } from '../../backend/store/store-client.ts';
import { freshIdentity } from '../../operations/rehearsal/store/buckets.ts';
import { startStore } from '../../operations/rehearsal/store/store.ts';
import { complaintOf } from '../../operations/tofu/run-tofu.ts';
import { locate } from '../../operations/tools/locate.ts';
import { CountedStore, lockBytes } from '../backend/gateway/tofu-requests.ts';
import { figure } from '../support/long.ts';
import { BUCKET, jsonOf, Operator, REGION } from './gateway-operator.ts';
import { findHidden, findInBytes } from './hidden-text.ts';
import { needsProgram } from './needs.ts';
import { RequestRecorder } from './request-recorder.ts';
import { stateIdentity, TofuFolder } from './tofu-folder.ts';

/** What the gateway may add to a plan and the apply of it, in times that somebody waits for the store. */
const ADDED_TRIPS = 6;
const LARGE_MIB = figure(8, 100);

const folders: TofuFolder[] = [];
const closing: (() => Promise<void> | void)[] = [];
let tofu = '';
beforeEach(async (context) => {
  tofu = await needsProgram(context, 'tofu');
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  for (const folder of folders.splice(0)) folder.remove();
});

function operatorOf(store: Store, key: string): Operator {
  const operator = new Operator(tofu, store, key);
  folders.push(operator.folder);
  return operator;
}

/** A store that is really asked over the wire. */
interface Place {
  readonly endpoint: string;
  readonly region: string;
  readonly keys: StoreKeys;
  stop(): Promise<void>;
}

const PLACES: Readonly<Record<string, () => Promise<Place>>> = {
  'the honest store': async () => {
    const keys = freshIdentity();
    const store = new HonestStore({ bucket: BUCKET });
    const served = await serveStore({ store, keys, region: REGION });
    return { endpoint: served.endpoint, region: REGION, keys, stop: () => served.stop() };
  },
  versitygw: async () => {
    const store = await startStore({ kind: 'versitygw' });
    const { endpoint, region } = store;
    return { endpoint, region, keys: stateIdentity(store), stop: () => store.stop() };
  },
};

describe.each(Object.entries(PLACES))('tofu through the gateway, on %s', (name, start) => {
  let place: Place | undefined;
  beforeAll(async () => {
    if (name === 'versitygw' && (await locate('versitygw')).status === 'missing') return;
    place = await start();
  });
  beforeEach(async (context) => {
    if (name === 'versitygw') await needsProgram(context, 'versitygw');
  });
  afterAll(async () => await place?.stop());

  function running(): Place {
    if (place === undefined) throw new Error(`no ${name} was started`);
    return place;
  }

  function client(): StoreClient {
    const { endpoint, region, keys } = running();
    const store = new StoreClient({ endpoint, region, keys, bucket: BUCKET, pathStyle: true });
    closing.push(() => store.close());
    return store;
  }

  test('plans, applies, changes and destroys, and the gateway finds nothing (S1)', async () => {
    const operator = operatorOf(client(), 'whole/terraform.tfstate');
    await operator.good(['init'], { firstRun: true });
    await operator.good(['plan', '-out=planned'], { firstRun: true });
    await operator.good(['apply', 'planned'], { firstRun: true, writes: true });
    await operator.good(['plan', '-detailed-exitcode']);
    expect((await operator.good(['state', 'list'])).stdout).toBe('terraform_data.probe\n');
    expect((await operator.good(['output', '-json'])).stdout.trim()).toBe('{}');
    await operator.good(['apply', '-auto-approve', '-replace=terraform_data.probe'], {
      writes: true,
    });
    const before = operator.witness.marks.get('arc-runners')?.serial ?? 0;
    await operator.good(['destroy', '-auto-approve'], { writes: true, destroys: true });
    const stored = await operator.store.send({ method: 'GET', key: operator.state.key });
    expect(JSON.parse(stored.body.toString())).toMatchObject({ resources: [] });
    expect(operator.witness.marks.get('arc-runners')?.serial).toBeGreaterThan(before);
    const lock = await operator.store.send({ method: 'GET', key: operator.state.lockKey });
    expect(lock.status).toBe(404);
  });

  test.each([
    { when: 'the first time', first: true },
    { when: 'later', first: false },
  ])(
    `waits for the store at most ${ADDED_TRIPS} times more for a plan and its apply: $when`,
    async ({ when, first }) => {
      const recorder = await RequestRecorder.before(running().endpoint);
      closing.push(() => recorder.stop());
      const bare = new TofuFolder(tofu, jsonOf(`bare-${first}/terraform.tfstate`), {
        AWS_ENDPOINT_URL_S3: recorder.endpoint,
        AWS_ACCESS_KEY_ID: running().keys.accessKeyId,
        AWS_SECRET_ACCESS_KEY: running().keys.secretAccessKey,
      });
      folders.push(bare);
      const counted = new CountedStore(client());
      const operator = operatorOf(counted, `counted-${first}/terraform.tfstate`);
      const declared = { firstRun: first };
      await bare.run(['init']);
      if (first) await operator.good(['init'], declared);
      else await operator.applied();
      if (!first) await bare.run(['apply', '-auto-approve']);
      const [bareBefore, before] = [recorder.requests.length, counted.trips];
      for (const args of [
        ['plan', '-replace=terraform_data.probe', '-out=p'],
        ['apply', 'p'],
      ]) {
        const fitting = args.filter((word) => !first || !word.startsWith('-replace'));
        expect((await bare.run(fitting)).code).toBe(0);
        await operator.good(fitting, { ...declared, writes: true });
      }
      const without = recorder.requests.length - bareBefore;
      const through = counted.trips - before;
      process.stdout.write(
        `gateway on ${name}, plan and apply ${when}: ${without} round trips without it, ${through} with it, ${through - without} added\n`,
      );
      expect(through - without).toBeLessThanOrEqual(ADDED_TRIPS);
    },
  );

  test('pushes a state that follows the last one, and none that goes back, not even by force', async () => {
    const operator = await operatorOf(client(), 'pushed/terraform.tfstate').applied();
    const pulled = await operator.good(['state', 'pull']);
    const { serial, ...state } = JSON.parse(pulled.stdout);
    const push = async (next: number, ...options: string[]) => {
      writeFileSync(
        join(operator.folder.path, 'next.tfstate'),
        JSON.stringify({ ...state, serial: next, outputs: { n: { value: next, type: 'number' } } }),
      );
      return await operator.run(['state', 'push', ...options, 'next.tfstate'], { writes: true });
    };
    expect((await push(serial + 5)).code).toBe(0);
    expect(operator.codes).toEqual([]);
    expect(operator.witness.marks.get('arc-runners')?.serial).toBeGreaterThan(serial);
    const back = await push(serial, '-force');
    expect(back.code).toBe(1);
    expect(operator.codes).toEqual(['write-backwards']);
    expect(complaintOf(back)).toContain('WriteBackwards');
  });

  test('names whoever holds the lock, and removes it only by its declared id', async () => {
    const operator = await operatorOf(client(), 'locked/terraform.tfstate').applied();
    const id = '6f1f8d6e-6d4b-4f62-9f4e-111111111111';
    await operator.store.send({
      method: 'PUT',
      key: operator.state.lockKey,
      body: lockBytes(id, 'alice@laptop'),
    });
    const refused = await operator.run(['plan']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/Error acquiring the state lock/);
    expect(refused.stderr).toMatch(/Who: +alice@laptop/);
    expect(operator.codes).toEqual([]);
    expect(operator.gateway?.notes).toEqual([
      expect.stringContaining(`tofu-unlock arc-runners ${id}`),
    ]);

    const undeclared = await operator.run(['force-unlock', '-force', id]);
    expect(undeclared.code).toBe(1);
    expect(operator.codes).toEqual(['request-refused']);

    await operator.good(['force-unlock', '-force', id], { unlocks: id });
    await operator.good(['plan', '-detailed-exitcode']);
  });

  test(`carries a state of ${LARGE_MIB} MiB`, async () => {
    const operator = await operatorOf(client(), 'large/terraform.tfstate').applied();
    const { serial, ...state } = JSON.parse((await operator.good(['state', 'pull'])).stdout);
    const outputs = { large: { value: 'x'.repeat(LARGE_MIB * 2 ** 20), type: 'string' } };
    writeFileSync(
      join(operator.folder.path, 'large.tfstate'),
      JSON.stringify({ ...state, serial: serial + 1, outputs }),
    );
    await operator.good(['state', 'push', 'large.tfstate'], { writes: true });
    const pulled = await operator.good(['state', 'pull']);
    expect(pulled.stdout.length).toBeGreaterThan(LARGE_MIB * 2 ** 20);
  });

  test('never learns the keys of the store, nor where it is', async () => {
    const operator = await operatorOf(client(), 'secret/terraform.tfstate').applied();
    const said = await operator.run(['plan', '-out=planned'], {}, { TF_LOG: 'trace' });
    expect(said.code).toBe(0);
    const { keys, endpoint } = running();
    const needles = {
      accessKeyId: keys.accessKeyId,
      secretAccessKey: keys.secretAccessKey,
      endpoint: endpoint.replace('http://', ''),
    };
    expect(findInBytes(Buffer.from(`${said.stdout}${said.stderr}`), needles)).toEqual([]);
    expect(findHidden(operator.folder.path, needles)).toEqual([]);
    // The search finds what is there: the key of the run that is over.
    const ofRun = { accessKeyId: operator.gateway?.keys.accessKeyId ?? '' };
    expect(findInBytes(Buffer.from(said.stderr), ofRun)).not.toEqual([]);
  });
});
