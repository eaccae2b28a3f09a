import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lieNamed } from '../../../backend/lying-store/lies.ts';
import { LyingStore } from '../../../backend/lying-store/lying-store.ts';
import { keepErroredState, keptStates } from '../../../backend/recovery/errored-state.ts';
import { openJournal } from '../../../backend/recovery/journal.ts';
import { discardKept, recoverState } from '../../../backend/recovery/recover.ts';
import type { Store } from '../../../backend/store/store-client.ts';
import { ModelTofu } from './model-tofu.ts';
import { LINEAGE, OTHER_LINEAGE, RecoveryGround, stateBytes, typed } from './recovery-ground.ts';

let ground: RecoveryGround;
let guards: object[];
beforeEach(() => {
  ground = new RecoveryGround();
  guards = [];
});
afterEach(() => ground.remove());

async function subject(store: Store = ground.store, name = 'attic') {
  const { state, printer, stackFolder: folder } = ground;
  const witness = await ground.witness();
  const tofu = new ModelTofu({ state, store, witness, folder });
  const guard = async (how: object) => void guards.push(how);
  return { state, tofu, printer, guard, confirm: typed(name) };
}

function wait(bytes: Buffer) {
  const kept = keepErroredState(ground.state, ground.stackFolder, bytes);
  if (kept === undefined) throw new Error('nothing was kept');
  return kept;
}
const stored = async () => JSON.parse((await ground.stored())?.toString('utf8') ?? 'null');
const A = { 'terraform_data.a': '1' };
const AB = { ...A, 'terraform_data.b': '2' };

describe('tofu-state-recover', () => {
  test('says that nothing waits', async () => {
    expect(await recoverState(await subject())).toBe(0);
    expect(ground.results).toEqual(['attic: nothing waits to be recovered']);
  });

  test('shows the difference, pushes under the lock, reads back, and clears (S8)', async () => {
    await ground.keep(stateBytes(3, A));
    writeFileSync(join(ground.stackFolder, 'errored.tfstate'), stateBytes(4, AB));
    const kept = keepErroredState(ground.state, ground.stackFolder);
    expect(await recoverState(await subject())).toBe(0);
    expect(ground.results).toEqual([
      `kept      serial 4 of lineage ${LINEAGE}, SHA-256 ${kept?.hash}, since ${kept?.at}`,
      `in store  serial 3 of lineage ${LINEAGE}`,
      'only in the kept one: 1',
      '    terraform_data.b',
      'the store has it: pushed under the lock of attic, read back and compared',
      'attic: nothing waits to be recovered',
    ]);
    expect(guards).toEqual([{ firstRun: false, writes: true }]);
    expect((await stored()).resources).toEqual(JSON.parse(`${stateBytes(4, AB)}`).resources);
    expect(await ground.stored(ground.state.lockKey)).toBeUndefined();
    expect(existsSync(join(ground.stackFolder, 'errored.tfstate'))).toBe(false);
  });

  test('pushes the first state of a stack that never had one', async () => {
    wait(stateBytes(1, A));
    expect(await recoverState(await subject())).toBe(0);
    expect(guards).toEqual([{ firstRun: true, writes: true }]);
    expect(await stored()).toMatchObject({ lineage: LINEAGE, resources: [{ name: 'a' }] });
  });

  test('pushes a state that a destroy has left without resources', async () => {
    await ground.keep(stateBytes(3, A));
    wait(stateBytes(4));
    expect(await recoverState(await subject())).toBe(0);
    expect(await stored()).toMatchObject({ resources: [] });
  });

  test('clears what the store has already, without writing', async () => {
    await ground.keep(stateBytes(4, A));
    // The same, as tofu writes it in another order of lines.
    wait(Buffer.from(JSON.stringify(JSON.parse(`${stateBytes(4, A)}`))));
    const before = await ground.stored();
    expect(await recoverState(await subject())).toBe(0);
    expect(ground.results).toContain('the store holds the same already');
    expect(await ground.stored()).toEqual(before);
    expect(guards).toEqual([]);
  });

  test('clears what the store has left behind, when it knows every resource of it', async () => {
    await ground.keep(stateBytes(6, AB));
    wait(stateBytes(5, A));
    expect(await recoverState(await subject())).toBe(0);
    expect(ground.results).toContain(
      'the store has gone on, and knows every resource of the state that was kept',
    );
  });

  test('clears earlier states of the same history with the last one', async () => {
    await ground.keep(stateBytes(3));
    wait(stateBytes(4, A));
    wait(stateBytes(5, AB));
    expect(await recoverState(await subject())).toBe(0);
    expect(keptStates(ground.state)).toEqual([]);
  });

  test.each([
    ['another lineage', stateBytes(4, A, OTHER_LINEAGE), 'they are two histories'],
    [
      'the same serial and other resources',
      stateBytes(3, AB),
      'somebody has written another state',
    ],
    ['a lower serial and a resource of its own', stateBytes(2, AB), 'somebody has written another'],
  ])('pushes nothing with %s, and says what can be done (S8)', async (_, bytes, words) => {
    await ground.keep(stateBytes(3, A));
    const kept = wait(bytes);
    expect(await recoverState(await subject())).toBe(2);
    expect(ground.problems.join('\n')).toContain(words);
    expect(await ground.stored()).toEqual(stateBytes(3, A));
    expect(readFileSync(kept.file)).toEqual(bytes);
  });

  test('pushes nothing that is no state', async () => {
    await ground.keep(stateBytes(3, A));
    wait(Buffer.from('<html>'));
    expect(await recoverState(await subject())).toBe(2);
    expect(ground.results[0]).toMatch(/\.tfstate is no state: the body is a page of HTML$/);
  });

  test('goes on to name a journal that waits too', async () => {
    await ground.keep(stateBytes(3, A));
    wait(stateBytes(4, AB));
    const journal = openJournal(ground.state);
    journal.note({
      type: 'apply_start',
      hook: { resource: { addr: 'terraform_data.z' }, action: 'create' },
    });
    journal.close('failed');
    expect(await recoverState(await subject())).toBe(4);
    expect(ground.problems).toEqual([
      `${journal.file} tells of a run that was killed; run just tofu-state-adopt attic`,
    ]);
  });

  test('touches nothing when the guard does not prove the store', async () => {
    await ground.keep(stateBytes(3, A));
    wait(stateBytes(4, AB));
    const guard = () => Promise.reject(new Error('not proved'));
    await expect(recoverState({ ...(await subject()), guard })).rejects.toThrow('not proved');
    expect(await ground.stored()).toEqual(stateBytes(3, A));
    expect(keptStates(ground.state)).toHaveLength(1);
  });

  test.each([
    'hidden-key',
    'older-state',
    'write-dropped',
    'write-denied',
    'kept-with-one-byte-changed',
    'zero-body',
  ])('keeps the copy where the store lies: %s (S8)', async (name) => {
    await ground.keep(stateBytes(2, {}));
    await ground.keep(stateBytes(3, A));
    const kept = wait(stateBytes(4, AB));
    const store = new LyingStore(ground.store, { lies: [lieNamed(name)] });
    await expect(recoverState(await subject(store))).rejects.toMatchObject({
      exitCode: expect.any(Number),
    });
    expect(keptStates(ground.state)).toMatchObject([{ hash: kept.hash }]);
  });

  test('succeeds the second time, when the store no longer lies', async () => {
    await ground.keep(stateBytes(3, A));
    wait(stateBytes(4, AB));
    const store = new LyingStore(ground.store, { lies: [lieNamed('write-denied')] });
    await expect(recoverState(await subject(store))).rejects.toThrow(
      /^tofu could not push the state/,
    );
    store.cease();
    expect(await recoverState(await subject(store))).toBe(0);
    expect((await stored()).resources).toHaveLength(2);
  });
});

describe('tofu-state-recover --discard', () => {
  test('names what is forgotten, and puts it aside when the name was typed (S8)', async () => {
    const kept = wait(stateBytes(4, AB));
    expect(await discardKept(await subject())).toBe(0);
    expect(ground.results.slice(0, 3)).toEqual([
      `${kept.file}, kept ${kept.at}: serial 4 of lineage ${LINEAGE}`,
      '    terraform_data.a',
      '    terraform_data.b',
    ]);
    const aside = /put aside as (\S+)$/.exec(ground.results.at(-2) ?? '')?.[1] ?? '';
    expect(readFileSync(aside)).toEqual(stateBytes(4, AB));
  });

  test('changes nothing when another name was typed', async () => {
    const kept = wait(stateBytes(4, AB));
    expect(await discardKept(await subject(ground.store, 'arc-runners'))).toBe(1);
    expect(keptStates(ground.state)).toMatchObject([{ hash: kept.hash }]);
  });

  test('asks no store', async () => {
    wait(stateBytes(4));
    const { tofu, ...rest } = await subject();
    expect(await discardKept(rest)).toBe(0);
    expect(tofu.runs).toEqual([]);
  });
});
