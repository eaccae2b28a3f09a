import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HonestStore } from '../../backend/lying-store/honest-store.ts';
import { lieNamed } from '../../backend/lying-store/lies.ts';
import { LyingStore } from '../../backend/lying-store/lying-store.ts';
import type { Store } from '../../backend/store/store-client.ts';
import { lockBytes } from '../backend/gateway/tofu-requests.ts';
import { BUCKET, ERRORED_STATE, Operator } from './gateway-operator.ts';
import { needsProgram } from './needs.ts';
import type { TofuFolder } from './tofu-folder.ts';

const folders: TofuFolder[] = [];
let tofu = '';
beforeEach(async (context) => {
  tofu = await needsProgram(context, 'tofu');
});
afterEach(() => {
  for (const folder of folders.splice(0)) folder.remove();
});

function operatorOf(store: Store, key: string): Operator {
  const operator = new Operator(tofu, store, key);
  folders.push(operator.folder);
  return operator;
}

/** What stock tofu does not see, and what it ends with through the gateway. */
const READING: readonly (readonly [lie: string, code: string])[] = [
  ['hidden-key', 'state-hidden'],
  ['zero-body', 'state-empty'],
  ['older-state', 'state-rolled-back'],
  ['no-such-bucket', 'bucket-hidden'],
  ['unlock-removes-state', 'state-hidden'],
  ['refused', 'store-unreachable'],
  ['read-unavailable', 'store-fails'],
];

describe('tofu through the gateway, on a store that lies', () => {
  async function lying(...lies: string[]) {
    const store = new LyingStore(new HonestStore({ bucket: BUCKET }));
    const operator = await operatorOf(store, 'lying/terraform.tfstate').applied();
    await operator.good(['apply', '-auto-approve', '-replace=terraform_data.probe'], {
      writes: true,
    });
    store.lie(lies.map(lieNamed));
    // Some begin with whatever comes first after they are told to.
    await operator.run(['plan']);
    return { store, operator };
  }

  test.each(READING)(
    'plans nothing where it is told of no state, or of another one (%s): %s (S9)',
    async (lie, code) => {
      const { operator } = await lying(lie);
      const { code: ended, stdout } = await operator.run(['plan']);
      expect(ended).toBe(1);
      expect(stdout).not.toContain('to add');
      expect(operator.codes).toContain(code);
    },
  );

  test.each([
    ['write-dropped', 'write-lost'],
    ['half-kept', 'write-changed'],
    ['write-unavailable', 'write-refused'],
  ])(
    'keeps what a store does not (%s): %s, and the state is in the folder (S8)',
    async (lie, code) => {
      const { operator } = await lying(lie);
      const applied = await operator.run(
        ['apply', '-auto-approve', '-replace=terraform_data.probe'],
        { writes: true },
      );
      expect(applied.code).toBe(1);
      expect(operator.codes).toContain(code);
      // tofu counts once more for its file, so what was to be written and what it left are told apart by their resources.
      const errored = JSON.parse(readFileSync(join(operator.folder.path, ERRORED_STATE), 'utf8'));
      const unkept = JSON.parse(operator.gateway?.unkept?.toString() ?? '');
      expect(errored).toMatchObject({ lineage: unkept.lineage, resources: unkept.resources });
      expect(errored.serial).toBe(unkept.serial + 1);
    },
  );

  test('is not let past a lock that a store would give away twice (S11)', async () => {
    const { operator, store } = await lying('if-none-match-ignored');
    store.truth.plant(BUCKET, operator.state.lockKey, lockBytes('theirs', 'alice@laptop'));
    const { code, stderr } = await operator.run(['apply', '-auto-approve'], { writes: true });
    expect(code).toBe(1);
    expect(stderr).toMatch(/Who: +alice@laptop/);
    const lock = store.truth.bucketNamed(BUCKET)?.current(operator.state.lockKey)?.body;
    expect(lock).toEqual(lockBytes('theirs', 'alice@laptop'));
  });

  test.each([
    { how: 'by its option', args: ['-lock=false'], environment: {} },
    { how: 'by the environment', args: [], environment: { TF_CLI_ARGS_apply: '-lock=false' } },
  ])('writes nothing without a lock, asked for $how (S11)', async ({ args, environment }) => {
    const { operator, store } = await lying();
    const before = store.truth.bucketNamed(BUCKET)?.current(operator.state.key)?.body;
    const { code } = await operator.run(
      ['apply', '-auto-approve', '-replace=terraform_data.probe', ...args],
      { writes: true },
      environment,
    );
    expect(code).toBe(1);
    expect(operator.codes).toEqual(['write-without-lock']);
    expect(store.truth.bucketNamed(BUCKET)?.current(operator.state.key)?.body).toEqual(before);
    expect(existsSync(join(operator.folder.path, ERRORED_STATE))).toBe(true);
  });

  test('reaches no other workspace', async () => {
    const { operator } = await lying();
    const { code } = await operator.run(['workspace', 'new', 'other'], { writes: true });
    expect(code).toBe(1);
    expect(new Set(operator.codes)).toEqual(new Set(['request-refused']));
  });

  test('does not empty a state by an apply whose resources are gone from the configuration', async () => {
    const { operator } = await lying();
    const file = join(operator.folder.path, 'cdk.tf.json');
    const { resource: _, ...rest } = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify(rest));
    const { code } = await operator.run(['apply', '-auto-approve'], { writes: true });
    expect(code).toBe(1);
    expect(operator.codes).toContain('write-empties');
    rmSync(join(operator.folder.path, ERRORED_STATE));
  });
});
