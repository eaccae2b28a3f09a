import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HonestStore } from '../../../backend/lying-store/honest-store.ts';
import { LIES, lieNamed } from '../../../backend/lying-store/lies.ts';
import { LyingStore } from '../../../backend/lying-store/lying-store.ts';
import { moveToLocal, moveToStore } from '../../../backend/recovery/move.ts';
import {
  localHome,
  localStore,
  markMoved,
  movedState,
} from '../../../backend/recovery/state-home.ts';
import { lockOf, takeLock } from '../../../backend/recovery/store-lock.ts';
import { sha256 } from '../../../backend/store/signature.ts';
import type { Store } from '../../../backend/store/store-client.ts';
import { figure } from '../../support/long.ts';
import { ModelTofu } from './model-tofu.ts';
import {
  BY,
  LINEAGE,
  markOfBytes,
  OTHER_LINEAGE,
  RecoveryGround,
  stateBytes,
} from './recovery-ground.ts';

let ground: RecoveryGround;
beforeEach(() => {
  ground = new RecoveryGround();
});
afterEach(() => ground.remove());

async function subject(store: Store = ground.store) {
  const { state, printer } = ground;
  return { state, store, printer, witness: await ground.witness(), by: BY };
}
const out = async (store?: Store) => moveToLocal(await subject(store));
const back = async (store?: Store) => moveToStore(await subject(store));

async function here(): Promise<Buffer | undefined> {
  const { key } = ground.state;
  const { status, body } = await localStore(ground.state).send({ method: 'GET', key });
  return status === 200 ? body : undefined;
}

/** Every one in the long lane. */
const SOME_LIES = LIES.map(({ name }) => name).filter((_, index) => index % figure(8, 1) === 0);
const STATE = stateBytes(5, { 'terraform_data.a': '1', 'terraform_data.b': '2' });
const SAID = `serial 5 of lineage ${LINEAGE}, 2 resources, SHA-256 ${sha256(STATE)}`;

describe('tofu-state-move --to local', () => {
  test('moves the state out of its store, proved by hash, serial, lineage and resources', async () => {
    await ground.keep(STATE);
    expect(await out()).toBe(0);
    expect(await here()).toEqual(STATE);
    expect(ground.results[0]).toBe(`the state of attic is on this machine: ${SAID}`);
    expect(movedState(ground.state)).toMatchObject({ by: BY });
    const file = join(
      ground.state.memory,
      'local',
      'objects',
      encodeURIComponent(ground.state.key),
    );
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('keeps the lock in the store, so that nobody goes on with what is left there', async () => {
    await ground.keep(STATE);
    await out();
    expect(await lockOf(ground.store, ground.state)).toMatchObject({
      who: BY,
      operation: 'tofu-state-move',
      info: `the state is with ${BY}; just tofu-state-move attic --to s3 there brings it back`,
    });
  });

  test('is said when it was done before', async () => {
    await ground.keep(STATE);
    await out();
    expect(await out()).toBe(0);
    expect(ground.results.at(-1)).toMatch(/^the state of attic is on this machine since /);
  });

  test.each<[string, Buffer | undefined, RegExp, number]>([
    ['an older one', stateBytes(4), /^the state of attic is rolled-back: serial 4 /, 2],
    [
      'another lineage',
      stateBytes(5, {}, OTHER_LINEAGE),
      /^the state of attic is other-lineage/,
      2,
    ],
    ['no JSON', Buffer.from('{"version"'), /^the state of attic is none: the body ends before/, 2],
    ['nothing', undefined, /serial 5 of it is remembered: it is hidden or lost$/, 2],
  ])('moves nothing where the store has %s', async (_, body, message, exitCode) => {
    await ground.keep(STATE);
    await ground.store.send({ method: 'DELETE', key: ground.state.key });
    if (body !== undefined) await ground.put(body);
    await expect(out()).rejects.toMatchObject({
      exitCode,
      message: expect.stringMatching(message),
    });
    expect(localHome(ground.state)).toBeUndefined();
    expect(await lockOf(ground.store, ground.state)).toBeUndefined();
  });

  test('moves nothing that nobody has proved yet', async () => {
    await ground.keep(STATE);
    // A later serial without any resource: an apply of somebody else, or a state that was emptied.
    await ground.put(stateBytes(6));
    await expect(out()).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(
        /^the state of attic is newer than the one that is remembered/,
      ),
    });
    expect(localHome(ground.state)).toBeUndefined();
  });

  test('moves nothing where there never was a state', async () => {
    await expect(out()).rejects.toMatchObject({
      exitCode: 1,
      message: 'there is no state of attic to move',
    });
  });
});

describe('a state on this machine', () => {
  test('is worked on through the gateway as in a store', async () => {
    await ground.keep(STATE);
    await out();
    const store = localHome(ground.state);
    if (store === undefined) throw new Error('the state was not moved');
    const { state, stackFolder: folder } = ground;
    const tofu = new ModelTofu({ state, store, witness: await ground.witness(), folder });
    const file = join(ground.folder, 'pushed.tfstate');
    writeFileSync(file, stateBytes(5, { 'terraform_data.a': '1', 'terraform_data.b': '2' }));
    expect(await tofu.run(['state', 'push', file], { writes: true })).toMatchObject({
      code: 0,
      findings: [],
    });
    expect(JSON.parse(`${await here()}`)).toMatchObject({ serial: 6, lineage: LINEAGE });
    expect(await ground.stored()).toEqual(STATE);
    expect(await lockOf(store, state)).toBeUndefined();
    // The witness knows the state here, and would not take the one that was left.
    expect(await (await ground.witness()).recall('attic')).toMatchObject({ mark: { serial: 6 } });
  });

  test('is not guessed at when nobody can tell where it is', async () => {
    await ground.keep(STATE);
    await out();
    const marker = join(ground.state.memory, 'local', 'moved.json');
    writeFileSync(marker, readFileSync(marker, 'utf8').slice(0, 20));
    expect(() => localHome(ground.state)).toThrow(
      /moved\.json is to say where the state of attic is/,
    );
  });
});

describe('tofu-state-move --to s3', () => {
  const Later = stateBytes(6, { 'terraform_data.a': '1' });

  async function moved(): Promise<void> {
    await ground.keep(STATE);
    await out();
    const { key } = ground.state;
    await localStore(ground.state).send({ method: 'PUT', key, body: Later });
    await (await ground.witness()).advance('attic', markOfBytes(Later));
  }

  test('brings the state back, returns the lock, and leaves nothing here', async () => {
    await moved();
    expect(await back()).toBe(0);
    expect(await ground.stored()).toEqual(Later);
    expect(await lockOf(ground.store, ground.state)).toBeUndefined();
    expect(localHome(ground.state)).toBeUndefined();
    expect(existsSync(join(ground.state.memory, 'local', 'objects'))).toBe(false);
    expect(ground.results.at(-2)).toBe(
      `the state of attic is in tofu-state/attic/terraform.tfstate: serial 6 of lineage ${LINEAGE}, 1 resources, SHA-256 ${sha256(Later)}`,
    );
  });

  describe('of a state that has begun on this machine', () => {
    beforeEach(async () => {
      markMoved(ground.state, { at: '2026-11-20T10:00:00.000Z', by: BY });
      const { key } = ground.state;
      await localStore(ground.state).send({ method: 'PUT', key, body: Later });
      await (await ground.witness()).advance('attic', markOfBytes(Later));
    });

    test('brings it into the store that has come meanwhile', async () => {
      expect(await back()).toBe(0);
      expect(await ground.stored()).toEqual(Later);
      expect(await lockOf(ground.store, ground.state)).toBeUndefined();
      expect(localHome(ground.state)).toBeUndefined();
    });

    test('takes no lock from anybody, and writes over no other state', async () => {
      const purpose = { operation: 'OperationTypeApply', info: '', who: 'eve@elsewhere' };
      const lock = await takeLock(ground.store, ground.state, purpose);
      await expect(back()).rejects.toMatchObject({ exitCode: 4 });
      await lock.release();
      await ground.put(stateBytes(1, {}, OTHER_LINEAGE));
      await expect(back()).rejects.toMatchObject({ exitCode: 2 });
      expect(localHome(ground.state)).toBeDefined();
    });
  });

  test('brings it into a store that was made anew', async () => {
    await moved();
    const anew = new HonestStore({ bucket: 'tofu-state' });
    expect(await back(anew)).toBe(0);
    const { body } = await anew.send({ method: 'GET', key: ground.state.key });
    expect(body).toEqual(Later);
    expect(await lockOf(anew, ground.state)).toBeUndefined();
  });

  test('is said when the state is there already', async () => {
    expect(await back()).toBe(0);
    expect(ground.results).toEqual([
      'the state of attic is in tofu-state/attic/terraform.tfstate already',
    ]);
  });

  test.each([
    ['a later state', stateBytes(9, {})],
    ['another one of the same serial', stateBytes(6, { 'terraform_data.z': '9' })],
    ['another history', stateBytes(5, {}, OTHER_LINEAGE)],
    ['no state', Buffer.from('<html>')],
  ])('writes over nothing where somebody has left %s', async (_, body) => {
    await moved();
    await ground.put(body);
    await expect(back()).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(
        /is not what was left there when the state of attic was moved/,
      ),
    });
    expect(await ground.stored()).toEqual(body);
    expect(await here()).toEqual(Later);
  });

  test('waits for somebody who has taken the lock away', async () => {
    await moved();
    const { lockKey: key } = ground.state;
    await ground.store.send({ method: 'PUT', key, body: Buffer.from('{"ID":"x","Who":"eve@ci"}') });
    await expect(back()).rejects.toMatchObject({ exitCode: 4 });
    expect(await here()).toEqual(Later);
  });

  test('can be done again after it was interrupted before the end', async () => {
    await moved();
    await ground.put(Later);
    expect(await back()).toBe(0);
    expect(await ground.stored()).toEqual(Later);
  });
});

describe('where the store lies', () => {
  test.each(SOME_LIES)(
    'the state is whole where it is said to be, there and back: %s',
    async (name) => {
      await ground.keep(stateBytes(4));
      await ground.keep(STATE);
      const lying = new LyingStore(ground.store, { lies: [lieNamed(name)] });
      const patient: Store = { send: (request) => lying.send({ ...request, deadlineMs: 20 }) };
      const codeOf = (error: { exitCode: number }) => error.exitCode;
      const [there, andBack] = [await out(patient).catch(codeOf), localHome(ground.state)];
      expect([0, 1, 2, 4]).toContain(there);
      expect(andBack !== undefined).toBe(there === 0);
      // What a store does to a state that nobody has moved is the business of the guards.
      if (there !== 0) return;
      expect(await here()).toEqual(STATE);
      expect([0, 1, 2, 4]).toContain(await back(patient).catch(codeOf));
      if (localHome(ground.state) !== undefined) expect(await here()).toEqual(STATE);
      // What a store loses after it has proved to keep it, a copy here still has.
      else expect([`${await ground.stored()}`, copyHere()]).toContain(`${STATE}`);
    },
  );
});

function copyHere(): string {
  const file = join(ground.state.memory, 'local', 'returned.tfstate');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
