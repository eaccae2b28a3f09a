import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LIES, lieNamed } from '../../../backend/lying-store/lies.ts';
import { LyingStore } from '../../../backend/lying-store/lying-store.ts';
import { acceptState, type NewTruth } from '../../../backend/recovery/accept.ts';
import { takeLock } from '../../../backend/recovery/store-lock.ts';
import { sha256 } from '../../../backend/store/signature.ts';
import type { Store } from '../../../backend/store/store-client.ts';
import type { Memory } from '../../../backend/witness/witness.ts';
import { figure } from '../../support/long.ts';
import {
  BY,
  LINEAGE,
  OTHER_LINEAGE,
  RecoveryGround,
  stateBytes,
  typed,
} from './recovery-ground.ts';

let ground: RecoveryGround;
beforeEach(() => {
  ground = new RecoveryGround();
});
afterEach(() => ground.remove());

async function accept(truth: Partial<NewTruth>, store: Store = ground.store, name = 'attic') {
  const { state, printer } = ground;
  const subject = { state, store, printer, witness: await ground.witness(), by: BY };
  return await acceptState(
    { ...subject, confirm: typed(name) },
    { serial: 3, lineage: LINEAGE, source: 'store', ...truth },
  );
}
const remembered = async () => (await ground.witness()).recall('attic');
const evidence = () => join(ground.state.memory, 'evidence');

const A = { 'terraform_data.a': '1' };
/** Every one in the long lane. */
const SOME_LIES = LIES.map(({ name }) => name).filter(
  (_, index) => index % figure(8, 1) === 2 % figure(8, 1),
);
const NOW = stateBytes(7, { ...A, 'terraform_data.b': '2' });
const OLD = stateBytes(3, A);

describe('tofu-state-accept', () => {
  test('makes a rollback the truth, and keeps what was known before', async () => {
    await ground.keep(NOW);
    await ground.put(OLD);
    expect(await accept({})).toBe(0);
    expect(await remembered()).toMatchObject({
      kind: 'remembers',
      mark: { serial: 3, lineage: LINEAGE, hash: sha256(OLD), by: BY },
    });
    const [folder = ''] = readdirSync(evidence());
    expect(readFileSync(join(evidence(), folder, 'in-store.tfstate'))).toEqual(OLD);
    expect(
      JSON.parse(readFileSync(join(evidence(), folder, 'evidence.json'), 'utf8')),
    ).toMatchObject({
      by: BY,
      truth: { serial: 3, lineage: LINEAGE, source: 'store' },
      witness: { kind: 'remembers', mark: { serial: 7, hash: sha256(NOW) } },
      store: { bytes: OLD.length, serial: 3, lineage: LINEAGE },
    });
    expect(await ground.stored(ground.state.lockKey)).toBeUndefined();
  });

  test('shows what is remembered, what is there, and what is in it, before it asks', async () => {
    await ground.keep(NOW);
    await ground.put(OLD);
    expect(await accept({}, ground.store, 'nobody')).toBe(1);
    expect(ground.results).toEqual([
      `remembered  serial 7 of lineage ${LINEAGE}, at 2026-11-20T10:00:00.000Z by ${BY}`,
      `in store    serial 3 of lineage ${LINEAGE}`,
      `from now on serial 3 of lineage ${LINEAGE}, 1 resources, SHA-256 ${sha256(OLD)}`,
      '    terraform_data.a',
      'what was made since, and is not among these, is in no state: just tofu-state-adopt finds what has a name',
      expect.stringMatching(/^what there was is kept in /),
    ]);
    expect(await remembered()).toMatchObject({ mark: { serial: 7 } });
  });

  test('makes a backup the truth that somebody restored in the store', async () => {
    await ground.keep(NOW);
    const restored = stateBytes(12, A, OTHER_LINEAGE);
    await ground.put(restored);
    expect(await accept({ serial: 12, lineage: OTHER_LINEAGE })).toBe(0);
    expect(await remembered()).toMatchObject({ mark: { serial: 12, lineage: OTHER_LINEAGE } });
  });

  test('restores a backup from a file, in place of what is there', async () => {
    await ground.keep(NOW);
    const file = join(ground.folder, 'backup.tfstate');
    writeFileSync(file, OLD);
    expect(await accept({ source: { file } })).toBe(0);
    expect(await ground.stored()).toEqual(OLD);
    expect(await remembered()).toMatchObject({ mark: { serial: 3, hash: sha256(OLD) } });
  });

  test('restores a backup into an empty store (S9)', async () => {
    await ground.keep(NOW);
    await ground.store.send({ method: 'DELETE', key: ground.state.key });
    const file = join(ground.folder, 'backup.tfstate');
    writeFileSync(file, NOW);
    expect(await accept({ serial: 7, source: { file } })).toBe(0);
    expect(await ground.stored()).toEqual(NOW);
  });

  test('goes on in an empty store with the history that was lost (S9)', async () => {
    await ground.keep(NOW);
    await ground.store.send({ method: 'DELETE', key: ground.state.key });
    expect(await accept({ serial: 8, source: 'empty' })).toBe(0);
    expect(JSON.parse(`${await ground.stored()}`)).toMatchObject({
      version: 4,
      serial: 8,
      lineage: LINEAGE,
      resources: [],
    });
    expect(await remembered()).toMatchObject({ mark: { serial: 8, lineage: LINEAGE } });
  });

  test.each<[string, Partial<NewTruth>, Buffer | undefined, number, RegExp]>([
    ['another serial', { serial: 4 }, OLD, 2, /^what is in the store has serial 3 and lineage /],
    ['another lineage', { lineage: OTHER_LINEAGE }, OLD, 2, /, not 3 and 1{8}-/],
    [
      'no state in the store',
      {},
      undefined,
      2,
      /^there is no state of attic in the store to accept\n/,
    ],
    ['no JSON in the store', {}, Buffer.from('<html>'), 2, /^what is in the store is no state/],
    [
      'an empty one over a state',
      { serial: 8, source: 'empty' },
      OLD,
      2,
      /^there is a state of attic/,
    ],
    [
      'an empty one of a serial that was seen',
      { serial: 7, source: 'empty' },
      undefined,
      64,
      /above 7$/,
    ],
    [
      'a file that is not there',
      { source: { file: '/nowhere/x' } },
      OLD,
      64,
      /cannot be read: ENOENT/,
    ],
  ])('refuses %s', async (_, truth, body, exitCode, message) => {
    await ground.keep(NOW);
    await ground.store.send({ method: 'DELETE', key: ground.state.key });
    if (body !== undefined) await ground.put(body);
    await expect(accept(truth)).rejects.toMatchObject({
      exitCode,
      message: expect.stringMatching(message),
    });
    expect(await remembered()).toMatchObject({ mark: { serial: 7 } });
    expect(await ground.stored()).toEqual(body);
  });

  test('waits for whoever holds the lock, and names them', async () => {
    await ground.keep(NOW);
    const purpose = { operation: 'OperationTypeApply', info: '', who: 'eve@ci' };
    const lock = await takeLock(ground.store, ground.state, purpose);
    await expect(accept({ serial: 7 })).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringMatching(
        new RegExp(
          `^attic is locked by eve@ci for OperationTypeApply since .* \\(0 minutes ago\\)\n.*just tofu-unlock attic ${lock.info.id}$`,
        ),
      ),
    });
  });

  test('accepts nothing that changed while a person thought about it', async () => {
    await ground.keep(NOW);
    await ground.put(OLD);
    const { state, store, printer } = ground;
    const confirm = {
      named: async () => {
        await ground.put(stateBytes(4, A));
        return true;
      },
    };
    const subject = { state, store, printer, witness: await ground.witness(), by: BY, confirm };
    const truth = { serial: 3, lineage: LINEAGE, source: 'store' } as const;
    await expect(acceptState(subject, truth)).rejects.toThrow(/has changed since it was shown/);
    expect(await remembered()).toMatchObject({ mark: { serial: 7 } });
    expect(await ground.stored(ground.state.lockKey)).toBeUndefined();
  });
});

describe('where the store lies', () => {
  test.each(SOME_LIES)('what is accepted is what was shown, or nothing is: %s', async (name) => {
    await ground.keep(NOW);
    await ground.put(OLD);
    const lying = new LyingStore(ground.store, { lies: [lieNamed(name)] });
    const patient: Store = { send: (request) => lying.send({ ...request, deadlineMs: 20 }) };
    const code = await accept({}, patient).catch(({ exitCode }: { exitCode: number }) => exitCode);
    const memory = await remembered();
    if (code !== 0) {
      expect([1, 2, 4]).toContain(code);
      // It may have failed while the lock was given back: then the name was typed, and it is the truth.
      const before = { serial: 7, hash: sha256(NOW) };
      expect([before, { serial: 3, hash: sha256(OLD) }]).toContainEqual(markIn(memory));
      return;
    }
    // A store that tells the same lie each time is believed; what it told is kept, and shown before the name is typed.
    const [folder = ''] = readdirSync(evidence());
    const shown = readFileSync(join(evidence(), folder, 'in-store.tfstate'));
    expect(markIn(memory)).toEqual({ serial: 3, hash: sha256(shown) });
    expect(ground.results.join('\n')).toContain(sha256(shown));
  });
});

function markIn(memory: Memory): { serial: number; hash: string } {
  if (memory.kind !== 'remembers') throw new Error(`the witness is ${memory.kind}`);
  const { serial, hash } = memory.mark;
  return { serial, hash };
}
