import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HonestStore } from '../../backend/lying-store/honest-store.ts';
import { liesNamed } from '../../backend/lying-store/lies.ts';
import { LyingStore } from '../../backend/lying-store/lying-store.ts';
import { type ServedStore, serveStore } from '../../backend/lying-store/serve-store.ts';
import { apply } from '../../backend/tofu/commands/apply.ts';
import { deploy } from '../../backend/tofu/commands/deploy.ts';
import { plan } from '../../backend/tofu/commands/plan.ts';
import { state } from '../../backend/tofu/commands/state.ts';
import { unlock } from '../../backend/tofu/commands/unlock.ts';
import { freshIdentity } from '../../operations/rehearsal/store/buckets.ts';
import { driverGround, OUTPUT } from './driver-ground.ts';
import { type DriverStack, resources, waiting } from './driver-stack.ts';
import { findHidden } from './hidden-text.ts';

const { realStore, stackOn, applied } = driverGround();

describe('what a shell has left behind', () => {
  test('does not get past the lock, nor to another state (S11)', async () => {
    const stack = await applied();
    const info = {
      ID: 'c0ffee00-0000-4000-8000-000000000000',
      Operation: 'OperationTypeApply',
      Who: 'ada@elsewhere',
      Created: new Date().toISOString(),
    };
    await stack.put(`${stack.key}.tflock`, JSON.stringify(info));
    const games = {
      TF_CLI_ARGS: '-lock=false',
      TF_CLI_ARGS_plan: '-lock=false -state=other.tfstate',
      TF_WORKSPACE: 'other',
      TF_DATA_DIR: join(stack.home, 'elsewhere'),
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1',
      AWS_PROFILE: 'nobody',
    };
    const said = await stack.run(plan, [], games);
    expect(said.code).not.toBe(0);
    expect(said.problems).toContain(
      'not passed on to tofu: TF_CLI_ARGS, TF_CLI_ARGS_plan, TF_DATA_DIR, TF_WORKSPACE',
    );
    expect(said.problems).toContain('ada@elsewhere');
    expect(said.problems).toContain(`just tofu-unlock ${stack.stack} ${info.ID}`);
    expect(existsSync(join(stack.home, 'elsewhere'))).toBe(false);

    const wrong = await stack.run(unlock, [
      'c0ffee00-0000-4000-8000-000000000001',
      '--confirm',
      'arc-runners',
    ]);
    expect(wrong.code).toBe(2);
    expect((await stack.run(unlock, [info.ID, '--confirm', 'attic'])).code).toBe(1);
    expect(await stack.object(`${stack.key}.tflock`)).toBeDefined();
    const freed = await stack.run(unlock, [info.ID, '--confirm', 'arc-runners']);
    expect(freed.code, freed.problems).toBe(0);
    expect(await stack.object(`${stack.key}.tflock`)).toBeUndefined();
    const after = await stack.run(plan, [], games);
    expect(after.code, after.problems).toBe(0);
    expect(after.results).toContain('no changes');
  });

  test('does not replace a provider: a configuration with overrides is refused', async () => {
    const stack = await applied();
    const file = join(stack.home, 'tofurc');
    writeFileSync(file, 'provider_installation {\n  dev_overrides {\n    "x/y" = "/tmp"\n  }\n}\n');
    const said = await stack.run(plan, [], { TF_CLI_CONFIG_FILE: file });
    expect(said.code).toBe(64);
    expect(said.problems).toContain('dev_overrides');
  });

  test('is of the backend over HTTP: named, and not used (S4)', async () => {
    const stack = await applied();
    const said = await stack.run(plan, [], { TF_HTTP_ADDRESS: 'https://gitlab.example.org/state' });
    expect(said.code, said.problems).toBe(0);
    expect(said.problems).toContain('TF_HTTP_ADDRESS: compatibility only');
  });

  test('reaches tofu with no key of the store, whatever it is called there', async () => {
    const { keys } = realStore();
    const stack = stackOn(realStore());
    const dump = join(stack.home, 'dump');
    const command = `env > ${dump}; cat /proc/$PPID/cmdline /proc/$PPID/environ >> ${dump}`;
    stack.write(resources({ one: { provisioner: { 'local-exec': { command } } } }));
    const said = await stack.run(deploy, ['--first-run'], { COPY_OF_KEY: keys.secretAccessKey });
    expect(said.code, said.problems).toBe(0);
    writeFileSync(join(stack.home, 'said'), said.results + said.problems);
    const text = readFileSync(dump, 'utf8');
    expect(text).toMatch(/AWS_ENDPOINT_URL_S3=http:\/\/127\.0\.0\.1:\d+/);
    expect(text).not.toContain(realStore().endpoint);
    const needles = { key: keys.accessKeyId, secret: keys.secretAccessKey };
    for (const folder of [stack.home, stack.work]) expect(findHidden(folder, needles)).toEqual([]);
  });
});

describe('two runs', () => {
  async function held(stack: DriverStack) {
    stack.write(resources({ one: waiting(stack.home) }));
    const planned = await stack.run(plan, ['--first-run']);
    expect(planned.code, planned.problems).toBe(0);
    const running = stack.run(apply);
    while (!existsSync(join(stack.home, 'held'))) await pause(20);
    return running;
  }

  const free = (stack: DriverStack) => writeFileSync(join(stack.home, 'free'), '');

  test('in one checkout do not write over each other', async () => {
    const stack = stackOn(realStore());
    const first = held(stack);
    while (!existsSync(join(stack.home, 'held'))) await pause(20);
    const second = await stack.run(plan);
    free(stack);
    expect(second.code).toBe(1);
    expect(second.problems).toContain(
      `tofu-apply arc-runners runs in this checkout already, as process ${process.pid}`,
    );
    const made = await first;
    expect(made.code, made.problems).toBe(0);
  });

  test('in two checkouts exclude each other by the lock in the store (S11)', async () => {
    const stack = stackOn(realStore());
    const first = held(stack);
    while (!existsSync(join(stack.home, 'held'))) await pause(20);
    const other = stackOn(realStore());
    const second = await other.run(plan, ['--first-run']);
    free(stack);
    expect(second.code).not.toBe(0);
    expect(second.problems).toContain(`${userInfo().username}@${hostname()}`);
    const made = await first;
    expect(made.code, made.problems).toBe(0);
  });

  test('plan on one state, and the later one is not applied', async () => {
    const stack = await applied();
    const other = stackOn(realStore());
    for (const each of [stack, other]) each.write(resources({ one: 'first', late: each.home }));
    for (const each of [stack, other]) {
      const planned = await each.run(plan);
      expect(planned.code, planned.problems).toBe(0);
    }
    expect((await stack.run(apply)).code).toBe(0);
    const stale = await other.run(apply);
    expect(stale.code).toBe(2);
    expect(stale.problems).toContain(
      'the state has moved on since the plan of arc-runners was made',
    );
  });
});

describe('an interruption', () => {
  async function underWay(stack: DriverStack) {
    stack.write(resources({ made: 'before', one: waiting(stack.home) }));
    const planned = await stack.run(plan, ['--first-run']);
    expect(planned.code, planned.problems).toBe(0);
    const running = stack.run(apply);
    while (!existsSync(join(stack.home, 'held'))) await pause(20);
    return { running };
  }

  test('is passed on: tofu keeps the state of what it has made, and nothing has to be recovered', async () => {
    const stack = stackOn(realStore());
    const { running } = await underWay(stack);
    process.kill(process.pid, 'SIGINT');
    const said = await running;
    expect(said.code).toBe(130);
    expect(said.problems).toContain('interrupted: tofu ends what it has begun and keeps the state');
    const names = JSON.parse(String(await stack.object())).resources.map(
      ({ name }: { name: string }) => name,
    );
    expect(names).toContain('made');
    expect(await stack.object(`${stack.key}.tflock`)).toBeUndefined();
    const after = await stack.run(plan);
    expect(after.code, after.problems).toBe(0);
  });

  test('comes from a deadline as well', async () => {
    const stack = stackOn(realStore());
    stack.write(resources({ one: waiting(stack.home) }));
    expect((await stack.run(plan, ['--first-run'])).code).toBe(0);
    const said = await stack.run(apply, ['--deadline', '2s']);
    expect(said.code).toBe(1);
    expect(said.problems).toContain('not done after 2 s: tofu is asked to end');
    expect(await stack.object(`${stack.key}.tflock`)).toBeUndefined();
  });

  test('of driver and tofu together is found by the next run, from the events that tofu had written', async () => {
    const stack = await applied();
    const resource = { addr: 'terraform_data.new', resource_type: 'terraform_data' };
    const begun = { type: 'apply_start', hook: { resource, action: 'create' } };
    mkdirSync(stack.work, { recursive: true });
    writeFileSync(join(stack.work, 'events.jsonl'), `${JSON.stringify(begun)}\n{"type":"apply_com`);
    const said = await stack.run(plan);
    expect(said.code).toBe(4);
    expect(said.problems).toContain('0 resources were made, and 1 was under way');
    expect((await stack.run(plan)).code).toBe(4);
  });
});

describe('a run on a store that changes meanwhile', () => {
  const keys = freshIdentity();
  let store: LyingStore;
  let served: ServedStore;

  beforeEach(async () => {
    store = new LyingStore(new HonestStore({ bucket: 'tofu-state', region: 'us-east-1' }));
    served = await serveStore({ store, keys, region: 'us-east-1' });
  });
  afterEach(async () => await served.stop());

  test.each([
    ['write-denied', 4],
    ['write-dropped', 2],
    ['disk-full', 4],
  ] as const)(
    'keeps the state that the store does not keep (%s), and the next run waits for it (S8)',
    async (lie, code) => {
      const stack = await applied({ endpoint: served.endpoint, keys });
      stack.write(resources({ one: 'first', three: waiting(stack.home) }), OUTPUT);
      expect((await stack.run(plan)).code).toBe(0);
      const running = stack.run(apply);
      while (!existsSync(join(stack.home, 'held'))) await pause(20);
      store.lie(liesNamed([lie]));
      writeFileSync(join(stack.home, 'free'), '');
      const said = await running;
      store.cease();
      expect(said.code).toBe(code);
      expect(said.problems).toMatch(/the state that could not be written is kept: .*\.tfstate/);
      expect(said.problems).toContain('run just tofu-state-recover arc-runners');
      const next = await stack.run(plan);
      expect(next.code).toBe(4);
      expect(next.problems).toContain('a state that the store is not proved to have');
    },
  );

  test('is killed by Ctrl-C given twice: what it had begun is journalled, its lock is named, and the next run waits for both (S8)', async () => {
    const stack = stackOn({ endpoint: served.endpoint, keys });
    stack.write(resources({ made: 'before', one: waiting(stack.home) }));
    expect((await stack.run(plan, ['--first-run'])).code).toBe(0);
    const running = stack.run(apply);
    while (!existsSync(join(stack.home, 'held'))) await pause(20);
    // After the first, tofu keeps the state, which takes long enough for the second.
    store.lie(liesNamed(['slow']));
    process.kill(process.pid, 'SIGINT');
    while (store.lied === 0) await pause(20);
    process.kill(process.pid, 'SIGINT');
    store.cease();
    const said = await running;
    expect(said.code).toBe(4);
    expect(said.problems).toContain('killed: what tofu had begun is in the journal');
    expect(said.problems).toMatch(
      /what tofu had begun is kept: .*\.jsonl\n {4}run just tofu-state-adopt/,
    );
    expect(said.problems).toMatch(/just tofu-unlock arc-runners [0-9a-f-]{36}/);
    for (const command of [plan, apply]) {
      const next = await stack.run(command);
      expect(next.code).toBe(4);
      expect(next.problems).toContain('run just tofu-state-adopt arc-runners');
    }
  });

  test.each([['hidden-key'], ['hidden-bucket']])(
    'plans nothing where the state is hidden (%s) (S7, S9)',
    async (lie) => {
      const stack = await applied({ endpoint: served.endpoint, keys });
      store.lie(liesNamed([lie]));
      const said = await stack.run(plan);
      expect(said.code).toBe(2);
      expect(said.problems).toContain('arc-runners is not touched');
      expect((await stack.run(state, ['list'])).code).not.toBe(0);
      expect(existsSync(join(stack.work, 'plan.tfplan'))).toBe(false);
    },
  );
});
