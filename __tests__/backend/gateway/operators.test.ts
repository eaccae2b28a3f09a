import { describe, expect, test } from 'vitest';
import type { Declaration } from '../../../backend/gateway/gateway-options.ts';
import { seededRandom } from '../../../backend/lying-store/seeded-random.ts';
import { isState, readState } from '../../../backend/state/state-document.ts';
import type { Store, StoreAnswer, StoreRequest } from '../../../backend/store/store-client.ts';
import { figure } from '../../support/long.ts';
import { MemoryWitness } from './memory-witness.ts';
import { Scene, STATE, stateBytes, type TofuRun } from './tofu-requests.ts';

const SCENES = figure(12, 1000);
const RUNS = 10;

/** A store over a way that is sometimes longer, so that requests of several people overtake each other. */
class CrowdedStore implements Store {
  private readonly store: Store;
  private readonly random: () => number;

  constructor(store: Store, random: () => number) {
    this.store = store;
    this.random = random;
  }

  async send(request: StoreRequest): Promise<StoreAnswer> {
    await this.wait();
    const answer = await this.store.send(request);
    await this.wait();
    return answer;
  }

  private async wait(): Promise<void> {
    for (let left = Math.floor(this.random() * 6); left > 0; left -= 1) await Promise.resolve();
  }
}

/** Several people who work on one stack at once, each as chance has it. */
class Crowd {
  readonly scene = new Scene();
  readonly codes: string[] = [];
  /** How many states were acknowledged, and who holds the lock. */
  acknowledged = 0;
  readonly holding = new Set<TofuRun>();
  mostHolders = 0;
  private readonly random: () => number;
  private readonly store: Store;

  constructor(seed: number) {
    this.random = seededRandom(seed, 'crowd');
    this.store = new CrowdedStore(this.scene.store, this.random);
  }

  async work(witness: MemoryWitness): Promise<void> {
    for (let left = RUNS; left > 0; left -= 1) {
      const declaration = this.declaration();
      const run = await this.scene.run({ store: this.store, witness, guarded: true, declaration });
      await run.list();
      if ((await run.lock()).status === 200) await this.hold(run, declaration);
      this.codes.push(...run.codes);
    }
  }

  private declaration(): Declaration {
    const luck = this.random();
    if (luck < 0.4) return {};
    return luck < 0.5 ? { writes: true, destroys: true } : { writes: true };
  }

  private async hold(run: TofuRun, declaration: Declaration): Promise<void> {
    this.holding.add(run);
    this.mostHolders = Math.max(this.mostHolders, this.holding.size);
    const { status, body } = await run.read();
    const facts = readState(body);
    if (status === 200 && isState(facts) && declaration.writes === true) {
      await this.write(run, facts.serial, declaration.destroys === true);
    }
    this.holding.delete(run);
    await run.unlock();
  }

  private async write(run: TofuRun, serial: number, destroys: boolean): Promise<void> {
    const writes = 1 + Math.floor(this.random() * 3);
    for (let each = 1; each <= writes; each += 1) {
      const instances = destroys && each === writes ? 0 : 1 + Math.floor(this.random() * 4);
      const next = stateBytes(serial + each, { instances, content: String(this.random()) });
      if ((await run.write(next)).status === 200) this.acknowledged += 1;
      if (this.random() < 0.2) await run.write(next);
    }
  }
}

describe('several people at once on an honest store', () => {
  test.each([
    { who: 'who share a witness', shared: true },
    { who: 'of whom each has a witness of his own', shared: false },
  ])(
    `$who: nothing is found in ${SCENES} scenes, and one at a time has the lock (S11)`,
    async ({ shared }) => {
      let acknowledged = 0;
      for (let seed = 1; seed <= SCENES; seed += 1) {
        const crowd = new Crowd(seed);
        await crowd.scene.withState();
        const witnesses = [0, 1, 2].map(() => (shared ? crowd.scene.witness : new MemoryWitness()));
        await Promise.all(witnesses.map((witness) => crowd.work(witness)));
        expect({ seed, codes: crowd.codes }).toEqual({ seed, codes: [] });
        expect(crowd.mostHolders).toBe(1);
        // Every acknowledged state is the successor of the one before it: none was lost.
        const last = readState(crowd.scene.stored() ?? Buffer.alloc(0));
        expect(isState(last) && last.serial).toBe(7 + crowd.acknowledged);
        expect(crowd.scene.stored(STATE.lockKey)).toBeUndefined();
        acknowledged += crowd.acknowledged;
      }
      expect(acknowledged).toBeGreaterThan(SCENES);
    },
  );
});
