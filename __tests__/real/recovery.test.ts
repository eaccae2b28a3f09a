import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HonestStore } from '../../backend/lying-store/honest-store.ts';
import { liesNamed } from '../../backend/lying-store/lies.ts';
import { LyingStore } from '../../backend/lying-store/lying-store.ts';
import { type ServedStore, serveStore } from '../../backend/lying-store/serve-store.ts';
import { accept } from '../../backend/recovery/commands/accept.ts';
import { adopt } from '../../backend/recovery/commands/adopt.ts';
import { move } from '../../backend/recovery/commands/move.ts';
import { recover } from '../../backend/recovery/commands/recover.ts';
import { apply } from '../../backend/tofu/commands/apply.ts';
import { deploy } from '../../backend/tofu/commands/deploy.ts';
import { destroy } from '../../backend/tofu/commands/destroy.ts';
import { plan } from '../../backend/tofu/commands/plan.ts';
import { state } from '../../backend/tofu/commands/state.ts';
import { unlock } from '../../backend/tofu/commands/unlock.ts';
import { freshIdentity } from '../../operations/rehearsal/store/buckets.ts';
import { driverGround } from './driver-ground.ts';
import { type DriverStack, resources, waiting } from './driver-stack.ts';

const NAME = 'arc-runners';
const TYPED = ['--confirm', NAME];

const ground = driverGround();

/** A stack that was applied once. */
async function applied(store = ground.realStore(), name?: string): Promise<DriverStack> {
  const stack = ground.stackOn(store, name);
  stack.write(resources({ one: 'first' }));
  const said = await stack.run(deploy, ['--first-run']);
  expect(said.code, said.problems).toBe(0);
  return stack;
}

async function held(
  stack: DriverStack,
): Promise<{ serial: number; lineage: string; names: string[] }> {
  const { serial, lineage, resources: all } = JSON.parse(String(await stack.object()));
  return { serial, lineage, names: all.map(({ name }: { name: string }) => name).sort() };
}

/** Begins an apply that adds a resource and waits in another. */
async function underWay(stack: DriverStack) {
  stack.write(resources({ one: 'first', two: 'second', three: waiting(stack.home) }));
  const planned = await stack.run(plan);
  expect(planned.code, planned.problems).toBe(0);
  const ending = stack.run(apply);
  while (!existsSync(join(stack.home, 'held'))) await pause(20);
  return { ending, free: () => writeFileSync(join(stack.home, 'free'), '') };
}

/** The tofu that runs in the folder of a stack. */
function tofuOf(stack: DriverStack): number {
  const found = readdirSync('/proc').find((pid) => {
    try {
      const isTofu = readlinkSync(`/proc/${pid}/exe`).endsWith('/tofu');
      return isTofu && readlinkSync(`/proc/${pid}/cwd`) === stack.folder;
    } catch {
      return false;
    }
  });
  if (found === undefined) throw new Error('no tofu runs there');
  return Number(found);
}

describe('a state that the store did not take', () => {
  const keys = freshIdentity();
  let store: LyingStore;
  let served: ServedStore;

  beforeEach(async () => {
    store = new LyingStore(new HonestStore({ bucket: 'tofu-state', region: 'us-east-1' }));
    served = await serveStore({ store, keys, region: 'us-east-1' });
  });
  afterEach(async () => await served.stop());

  async function lost(lie: string): Promise<DriverStack> {
    const stack = await applied({ endpoint: served.endpoint, keys });
    const { ending, free } = await underWay(stack);
    store.lie(liesNamed([lie]));
    free();
    const said = await ending;
    store.cease();
    expect([2, 4]).toContain(said.code);
    return stack;
  }

  test.each([['write-denied'], ['write-dropped'], ['kept-with-one-byte-changed'], ['disk-full']])(
    'is pushed by tofu under the lock, read back, and cleared: %s (S8)',
    async (lie) => {
      const stack = await lost(lie);
      const said = await stack.run(recover);
      expect(said.code, said.problems).toBe(0);
      expect(said.results).toContain('    terraform_data.three');
      expect(said.results).toContain(`pushed under the lock of ${NAME}, read back and compared`);
      expect((await held(stack)).names).toEqual(['one', 'three', 'two']);
      expect(existsSync(join(stack.folder, 'errored.tfstate'))).toBe(false);
      const after = await stack.run(plan);
      expect(after.code, after.problems).toBe(0);
      expect(after.results).toContain('no changes');
      expect((await stack.run(recover)).results).toContain('nothing waits to be recovered');
    },
  );

  test('stays kept while the store still refuses, and is pushed later (S8)', async () => {
    const stack = await lost('write-denied');
    store.lie(liesNamed(['write-denied']));
    const refused = await stack.run(recover);
    expect(refused.code).not.toBe(0);
    expect((await stack.run(plan)).code).not.toBe(0);
    store.cease();
    const said = await stack.run(recover);
    expect(said.code, said.problems).toBe(0);
    expect((await held(stack)).names).toEqual(['one', 'three', 'two']);
    expect((await stack.run(plan)).results).toContain('no changes');
  });

  test('is given up only by the name of the stack, and put aside (S8)', async () => {
    const stack = await lost('write-denied');
    expect((await stack.run(recover, ['--discard', '--confirm', 'attic'])).code).toBe(1);
    expect((await stack.run(plan)).code).toBe(4);
    const said = await stack.run(recover, ['--discard', ...TYPED]);
    expect(said.code, said.problems).toBe(0);
    const aside = /put aside as (\S+)/.exec(said.results)?.[1] ?? '';
    expect(readFileSync(aside, 'utf8')).toContain('"three"');
    const after = await stack.run(plan);
    expect(after.code, after.problems).toBe(0);
    expect(after.results).toContain('2 to add');
  });
});

describe('a tofu that was killed', () => {
  test('leaves its lock to a person; what has no identity outside is named as duplicated (S8)', async () => {
    const stack = await applied();
    const { ending } = await underWay(stack);
    process.kill(tofuOf(stack), 'SIGKILL');
    const said = await ending;
    expect(said.code).toBe(4);
    writeFileSync(join(stack.home, 'free'), '');
    expect((await held(stack)).names).toEqual(['one']);

    const blocked = await stack.run(adopt, TYPED);
    expect(blocked.code).toBe(4);
    const [, id = ''] = /just tofu-unlock arc-runners (\S+)/.exec(blocked.problems) ?? [];
    expect((await stack.run(unlock, [id, ...TYPED])).code).toBe(0);
    expect((await stack.run(plan)).code).toBe(4);

    const adopted = await stack.run(adopt, TYPED);
    expect(adopted.code, adopted.problems).toBe(0);
    expect(adopted.results).toMatch(/duplicated terraform_data\.two: it was made, and is nowhere/);
    expect(adopted.results).toMatch(/duplicated terraform_data\.three: it was under way/);
    expect(adopted.results).toContain('a plan now makes 2, changes 0, removes or replaces 0');
    const after = await stack.run(deploy);
    expect(after.code, after.problems).toBe(0);
    expect((await held(stack)).names).toEqual(['one', 'three', 'two']);
  });

  test('in its very first apply leaves a stack that can be begun again', async () => {
    const stack = ground.stackOn(ground.realStore());
    stack.write(resources({ one: 'first', three: waiting(stack.home) }));
    expect((await stack.run(plan, ['--first-run'])).code).toBe(0);
    const ending = stack.run(apply);
    while (!existsSync(join(stack.home, 'held'))) await pause(20);
    process.kill(tofuOf(stack), 'SIGKILL');
    expect((await ending).code).toBe(4);
    writeFileSync(join(stack.home, 'free'), '');
    const lock = JSON.parse(String(await stack.object(`${stack.key}.tflock`)));
    expect((await stack.run(unlock, [lock.ID, ...TYPED])).code).toBe(0);
    const adopted = await stack.run(adopt, TYPED);
    expect(adopted.code, adopted.problems).toBe(0);
    const after = await stack.run(deploy, ['--first-run']);
    expect(after.code, after.problems).toBe(0);
  });
});

describe('a store that has gone back, or lost the state', () => {
  async function twice(): Promise<{ stack: DriverStack; old: string; now: string }> {
    const stack = await applied();
    const old = String(await stack.object());
    stack.write(resources({ one: 'first', two: 'second' }));
    expect((await stack.run(deploy)).code).toBe(0);
    return { stack, old, now: String(await stack.object()) };
  }
  const named = (text: string) => {
    const { serial, lineage } = JSON.parse(text);
    return ['--serial', `${serial}`, '--lineage', `${lineage}`];
  };

  test('is refused, until a person accepts what is there', async () => {
    const { stack, old } = await twice();
    await stack.put(stack.key, old);
    expect((await stack.run(plan)).code).toBe(2);
    expect((await stack.run(accept, [...named(old), '--confirm', 'attic'])).code).toBe(1);
    expect((await stack.run(plan)).code).toBe(2);
    const said = await stack.run(accept, [...named(old), ...TYPED]);
    expect(said.code, said.problems).toBe(0);
    const after = await stack.run(deploy);
    expect(after.code, after.problems).toBe(0);
    expect(await held(stack)).toMatchObject({ names: ['one', 'two'] });
  });

  test('is mended by a backup (S9)', async () => {
    const { stack, now } = await twice();
    const backup = join(stack.home, 'backup.tfstate');
    writeFileSync(backup, now);
    await stack.forget();
    expect((await stack.run(plan, ['--first-run'])).code).toBe(2);
    const said = await stack.run(accept, [...named(now), '--from', backup, ...TYPED]);
    expect(said.code, said.problems).toBe(0);
    expect(String(await stack.object())).toBe(now);
    expect((await stack.run(plan)).results).toContain('no changes');
  });

  test('is mended without one: an empty state goes on with the history (S9)', async () => {
    const { stack, now } = await twice();
    await stack.forget();
    const { serial, lineage } = JSON.parse(now);
    const words = ['--serial', `${serial + 1}`, '--lineage', lineage, '--empty', ...TYPED];
    const said = await stack.run(accept, words);
    expect(said.code, said.problems).toBe(0);
    const adopted = await stack.run(adopt, TYPED);
    expect(adopted.code, adopted.problems).toBe(0);
    const after = await stack.run(deploy);
    expect(after.code, after.problems).toBe(0);
    expect(await held(stack)).toMatchObject({ lineage, names: ['one', 'two'] });
  });
});

describe('the stack that holds its own store', () => {
  const Own = ['--confirm', 'attic'];

  test('moves its state out, is destroyed, made again, and moves it back', async () => {
    const stack = await applied(ground.realStore(), 'attic');
    expect((await stack.run(destroy, Own)).code).toBe(2);
    const before = await held(stack);
    const out = await stack.run(move, ['--to', 'local']);
    expect(out.code, out.problems).toBe(0);

    const gone = await stack.run(destroy, Own);
    expect(gone.code, gone.problems).toBe(0);
    expect(await held(stack)).toEqual(before);
    const made = await stack.run(deploy);
    expect(made.code, made.problems).toBe(0);
    expect(JSON.parse((await stack.run(state, ['pull'])).results)).toMatchObject({
      lineage: before.lineage,
    });

    const back = await stack.run(move, ['--to', 's3']);
    expect(back.code, back.problems).toBe(0);
    const after = await held(stack);
    expect(after).toMatchObject({ lineage: before.lineage, names: ['one'] });
    expect(after.serial).toBeGreaterThan(before.serial);
    expect(await stack.object(`${stack.key}.tflock`)).toBeUndefined();
    expect((await stack.run(plan)).results).toContain('no changes');
  });

  test('keeps everybody else from the state that was left in the store', async () => {
    const stack = await applied(ground.realStore(), 'attic');
    expect((await stack.run(move, ['--to', 'local'])).code).toBe(0);
    const other = ground.stackOn(ground.realStore(), 'attic');
    other.write(resources({ one: 'first' }));
    const said = await other.run(plan);
    expect(said.code).not.toBe(0);
    expect(said.problems).toContain('tofu-state-move');
  });
});
