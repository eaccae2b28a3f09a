import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { acceptState } from '../../../backend/recovery/accept.ts';
import { keepErroredState, keptStates } from '../../../backend/recovery/errored-state.ts';
import { moveToLocal, moveToStore } from '../../../backend/recovery/move.ts';
import { recoverState } from '../../../backend/recovery/recover.ts';
import { localHome } from '../../../backend/recovery/state-home.ts';
import { lockOf } from '../../../backend/recovery/store-lock.ts';
import type { Store, StoreAnswer, StoreRequest } from '../../../backend/store/store-client.ts';
import { StoreTrouble } from '../../../backend/store/store-trouble.ts';
import { figure } from '../../support/long.ts';
import { ModelTofu } from './model-tofu.ts';
import { BY, LINEAGE, RecoveryGround, stateBytes, typed } from './recovery-ground.ts';

/** When the one who asks is gone: before a request leaves, or when it was done and before the answer came. */
const WHEN = ['before', 'after'] as const;

/** A store that nobody reaches any more from one request on. */
class CrashingStore implements Store {
  sent = 0;
  private readonly store: Store;
  private readonly at: number;
  private readonly when: (typeof WHEN)[number];

  constructor(store: Store, at: number, when: (typeof WHEN)[number]) {
    this.store = store;
    this.at = at;
    this.when = when;
  }

  async send(request: StoreRequest): Promise<StoreAnswer> {
    this.sent += 1;
    if (this.sent < this.at) return await this.store.send(request);
    if (this.sent === this.at && this.when === 'after') await this.store.send(request);
    throw new StoreTrouble('cut', 'the connection was cut');
  }
}

let ground: RecoveryGround;
beforeEach(() => {
  ground = new RecoveryGround();
});
afterEach(() => ground.remove());

const OLD = stateBytes(3, { 'terraform_data.a': '1' });
const NEW = stateBytes(4, { 'terraform_data.a': '1', 'terraform_data.b': '2' });

/** Every request in the long lane. */
const STEP = figure(4, 1);
const LONG_MS = 300_000;

/** What a command does with a store. */
type Work = (store: Store) => Promise<number>;

/** The command is cut off at every request in turn, and given again when the store is back and a lock that is left returned. */
async function everywhere(prepare: () => Promise<void>, work: Work, check: () => Promise<void>) {
  const codes = new Set<number>();
  let last = false;
  for (let at = 1; !last; at += STEP) {
    for (const when of WHEN) {
      ground.remove();
      ground = new RecoveryGround();
      await prepare();
      const store = new CrashingStore(ground.store, at, when);
      codes.add(await work(store).catch(({ exitCode }: { exitCode: number }) => exitCode));
      last = store.sent < at;
      await check();
      await returnLocks();
      expect({ at, when, code: await work(ground.store) }).toEqual({ at, when, code: 0 });
      await check();
      expect(await lockOf(ground.store, ground.state).then((lock) => lock?.operation)).not.toBe(
        'OperationTypeApply',
      );
    }
  }
  return [...codes].sort();
}

/** What a person does with a lock whose holder is gone. */
async function returnLocks(): Promise<void> {
  const { store, state } = ground;
  if (localHome(state) !== undefined) return;
  await store.send({ method: 'DELETE', key: state.lockKey });
}

async function subject(store: Store) {
  const { state, printer } = ground;
  return { state, printer, store, witness: await ground.witness(), by: BY };
}

describe('cut off at any request to the store', () => {
  test(
    'a recovery has lost nothing, and succeeds the next time (S8)',
    async () => {
      const codes = await everywhere(
        async () => {
          await ground.keep(OLD);
          keepErroredState(ground.state, ground.stackFolder, NEW);
        },
        async (store) => {
          const { state, witness, printer } = await subject(store);
          const tofu = new ModelTofu({ state, store, witness, folder: ground.stackFolder });
          return await recoverState({ state, printer, tofu, guard: async () => {} });
        },
        async () => {
          const text = String(await ground.stored());
          const isStored = text.includes('"b"');
          expect(isStored || keptStates(ground.state).length === 1).toBe(true);
        },
      );
      // What is not known to be kept is to be recovered.
      expect(codes).toEqual([0, 1, 4]);
    },
    LONG_MS,
  );

  test(
    'an acceptance leaves the old truth or the new one, and succeeds the next time',
    async () => {
      const codes = await everywhere(
        async () => {
          await ground.keep(NEW);
          await ground.put(stateBytes(2, {}));
          writeFileSync(join(ground.folder, 'backup'), OLD);
        },
        async (store) =>
          acceptState(
            { ...(await subject(store)), confirm: typed('attic') },
            { serial: 3, lineage: LINEAGE, source: { file: join(ground.folder, 'backup') } },
          ),
        async () => {
          const memory = await (await ground.witness()).recall('attic');
          const serial = memory.kind === 'remembers' ? memory.mark.serial : undefined;
          expect([3, 4]).toContain(serial);
          if (serial === 3) expect(await ground.stored()).toEqual(OLD);
        },
      );
      expect(codes).toEqual([0, 1]);
    },
    LONG_MS,
  );

  test(
    'a move has the state where it is said to be, there and back',
    async () => {
      const isWhole = async () => {
        const home = localHome(ground.state) ?? ground.store;
        const { body } = await home.send({ method: 'GET', key: ground.state.key });
        expect(body).toEqual(NEW);
      };
      const out = await everywhere(
        () => ground.keep(NEW),
        async (store) => moveToLocal(await subject(store)),
        isWhole,
      );
      const back = await everywhere(
        async () => {
          await ground.keep(NEW);
          await moveToLocal(await subject(ground.store));
        },
        async (store) => moveToStore(await subject(store)),
        isWhole,
      );
      expect([out, back]).toEqual([
        [0, 1],
        [0, 1],
      ]);
    },
    LONG_MS,
  );
});
