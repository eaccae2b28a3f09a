import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, type TestContext, test } from 'vitest';
import { HonestStore } from '../../backend/lying-store/honest-store.ts';
import { lieNamed } from '../../backend/lying-store/lies.ts';
import { LyingStore } from '../../backend/lying-store/lying-store.ts';
import { RECORDED_RUNS, type RecordedRun } from '../../backend/lying-store/recorded-requests.ts';
import type { Replying } from '../../backend/lying-store/reply.ts';
import { serveStore } from '../../backend/lying-store/serve-store.ts';
import { isState, readState } from '../../backend/state/state-document.ts';
import { StoreClient } from '../../backend/store/store-client.ts';
import { freshIdentity } from '../../operations/rehearsal/store/buckets.ts';
import { Bench } from '../backend/lying-store/bench.ts';
import { TOLD_LIES } from '../backend/lying-store/told-lies.ts';
import { needsProgram } from './needs.ts';
import { backendOf, TofuFolder } from './tofu-folder.ts';

const STACK = JSON.parse(
  readFileSync('__tests__/stacks/__snapshots__/minimal/attic.tf.json', 'utf8'),
);
const { bucket: BUCKET, key: KEY, region: REGION } = backendOf(STACK);
const LOCK = `${KEY}.tflock`;

const cleanings: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const clean of cleanings.splice(0).reverse()) await clean();
});

/** A store that is served, and folders of a stack that lead there. */
class Scene {
  readonly truth = new HonestStore({ bucket: BUCKET, region: REGION });
  readonly store = new LyingStore(this.truth);
  /** What was asked since it was last looked at, in the words of the recording. */
  private asked: string[] = [];
  private readonly keys = freshIdentity();
  private endpoint = '';
  private tofu = '';

  static async open(context: TestContext): Promise<Scene> {
    const scene = new Scene();
    scene.tofu = await needsProgram(context, 'tofu');
    const { keys } = scene;
    const served = await serveStore({ store: scene.recorded(), keys, region: REGION });
    cleanings.push(() => served.stop());
    scene.endpoint = served.endpoint;
    return scene;
  }

  folder(resource: object = { terraform_data: { probe: { input: 'probe' } } }): TofuFolder {
    const environment = {
      AWS_ENDPOINT_URL_S3: this.endpoint,
      AWS_ACCESS_KEY_ID: this.keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: this.keys.secretAccessKey,
    };
    const folder = new TofuFolder(this.tofu, STACK, environment, resource);
    cleanings.push(() => folder.remove());
    return folder;
  }

  /** Runs tofu, which has to succeed, and gives back what it asked. */
  async asks(folder: TofuFolder, ...args: readonly string[]): Promise<string[]> {
    this.asked = [];
    const { code, stderr } = await folder.run(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return this.asked;
  }

  takeAsked(): string[] {
    return this.asked.splice(0);
  }

  state() {
    const read = readState(this.truth.bucketNamed(BUCKET)?.current(KEY)?.body ?? Buffer.alloc(0));
    return isState(read) ? { serial: read.serial, instances: read.instances } : read;
  }

  private recorded(): Replying {
    return {
      reply: async (request) => {
        const { method, key, headers = {} } = request;
        const answer = await this.store.reply(request);
        const names = new Map([
          [KEY, 'state'],
          [LOCK, 'lock'],
        ]);
        const condition = headers['if-none-match'] === '*' ? ' if free' : '';
        const what =
          key === undefined
            ? `LIST ${request.query?.prefix}`
            : `${method} ${names.get(key) ?? key}${condition}`;
        this.asked.push(`${what}: ${answer.status}`);
        return answer;
      },
    };
  }
}

/** No TLS is spoken on this wire, and for the others real time has to pass. */
const NOT_ON_A_WIRE = ['tls-broken', 'refused', 'slow-drip', 'two-winners'];

describe('the lies', () => {
  const rows = TOLD_LIES.filter(({ name }) => !NOT_ON_A_WIRE.includes(name));

  test.each(rows)(
    '$name is told over the wire as in the process',
    async ({ name, asks, answers }) => {
      const keys = freshIdentity();
      const bench = await Bench.withThreeStates();
      const served = await serveStore({ store: bench.store, keys, region: REGION });
      const { endpoint } = served;
      const client = new StoreClient({
        endpoint,
        bucket: BUCKET,
        region: REGION,
        pathStyle: true,
        keys,
      });
      cleanings.push(
        () => served.stop(),
        () => client.close(),
      );
      bench.askOver(client, 300);
      bench.lie(lieNamed(name));
      expect(await bench.askAll(asks)).toEqual(answers);
    },
  );
});

test('two who ask for a lock at once are both told over the wire that it is theirs', async () => {
  const keys = freshIdentity();
  const truth = new HonestStore({ bucket: BUCKET, region: REGION });
  const store = new LyingStore(truth, { lies: [lieNamed('two-winners')] });
  const served = await serveStore({ store, keys, region: REGION });
  const { endpoint } = served;
  const client = new StoreClient({
    endpoint,
    bucket: BUCKET,
    region: REGION,
    pathStyle: true,
    keys,
  });
  cleanings.push(
    () => served.stop(),
    () => client.close(),
  );
  const take = (id: string) =>
    client.send({
      method: 'PUT',
      key: LOCK,
      headers: { 'if-none-match': '*' },
      body: Buffer.from(id),
    });
  const both = await Promise.all([take('one'), take('other')]);
  expect(both.map(({ status }) => status)).toEqual([200, 200]);
  expect((await take('third')).status).toBe(412);
});

describe('tofu on the store of the model', () => {
  test('asks what was recorded, and is content', async (context) => {
    const scene = await Scene.open(context);
    const folder = scene.folder();
    const runs: readonly (readonly [RecordedRun, readonly string[]])[] = [
      ['init of a new stack', ['init']],
      ['plan of a new stack', ['plan']],
      ['first apply', ['apply', '-auto-approve']],
      ['init', ['init', '-reconfigure']],
      ['plan', ['plan']],
      ['apply', ['apply', '-auto-approve', '-replace=terraform_data.probe']],
      ['destroy', ['destroy', '-auto-approve']],
    ];
    for (const [run, args] of runs) {
      expect([run, await scene.asks(folder, ...args)]).toEqual([run, RECORDED_RUNS[run]]);
    }
    expect(scene.state()).toEqual({ serial: expect.any(Number), instances: 0 });
    expect(scene.truth.bucketNamed(BUCKET)?.keys()).toEqual([KEY]);
  });

  test('gives the lock to one of two, and again when it is free (S11)', async (context) => {
    const scene = await Scene.open(context);
    const waits = {
      provisioner: {
        'local-exec': { command: 'touch held; until [ -e free ]; do sleep 0.05; done' },
      },
    };
    const holder = scene.folder({ terraform_data: { holds: waits } });
    const other = scene.folder();
    await scene.asks(holder, 'init');
    await scene.asks(other, 'init');
    const applied = holder.run(['apply', '-auto-approve']);
    while (!existsSync(join(holder.path, 'held'))) await pause(20);
    scene.takeAsked();
    const refused = await other.run(['plan']);
    const asked = scene.takeAsked();
    writeFileSync(join(holder.path, 'free'), '');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('Error acquiring the state lock');
    expect(refused.stderr).toContain(`Path:      ${BUCKET}/${KEY}`);
    expect(asked).toEqual(RECORDED_RUNS['plan beside a lock']);
    expect((await applied).code).toBe(0);
    expect((await other.run(['plan'])).code).toBe(0);
  });

  test('is let in with the right keys only', async (context) => {
    const scene = await Scene.open(context);
    const { code, stderr } = await scene
      .folder()
      .run(['init'], { AWS_SECRET_ACCESS_KEY: 'another' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/StatusCode: 403, .*api error SignatureDoesNotMatch: /);
  });

  test('believes lies: nothing is there, an older state, a write that was dropped', async (context) => {
    const scene = await Scene.open(context);
    const folder = scene.folder();
    await scene.asks(folder, 'init');
    await scene.asks(folder, 'apply', '-auto-approve');
    await scene.asks(folder, 'apply', '-auto-approve', '-replace=terraform_data.probe');
    const before = scene.state();
    for (const [lie, says] of [
      ['hidden-key', '1 to add, 0 to change, 0 to destroy'],
      ['zero-body', '1 to add, 0 to change, 0 to destroy'],
      ['older-state', 'No changes'],
    ] as const) {
      scene.store.lie([lieNamed(lie)]);
      const { code, stdout } = await folder.run(['plan']);
      scene.store.cease();
      expect([lie, code]).toEqual([lie, 0]);
      expect(stdout).toContain(says);
    }
    scene.store.lie([lieNamed('write-dropped')]);
    const { code, stdout } = await folder.run(['destroy', '-auto-approve']);
    expect(code).toBe(0);
    expect(stdout).toContain('Destroy complete! Resources: 1 destroyed.');
    expect(scene.state()).toEqual(before);
  });
});
