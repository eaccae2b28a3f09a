import { describe, expect, test } from 'vitest';
import { figure } from '../../support/long.ts';
import { STATE } from '../gateway/tofu-requests.ts';
import { HonestWorld, serialOf } from './honest-world.ts';

/** Seeded runs, each of several people who do several things at once. */
const RUNS = figure(120, 10_000);
const OPERATIONS = 4;
const LONG_MS = 1_800_000;

describe('an honest store', () => {
  test(
    `is never called a liar, in ${RUNS} runs of several operators who init, plan, apply, destroy, push and unlock (S7, S11)`,
    async () => {
      const total = { acknowledged: 0, refused: 0, killed: 0, verdicts: 0 };
      for (let seed = 1; seed <= RUNS; seed += 1) {
        const world = new HonestWorld(seed, 2 + (seed % 3));
        await world.people[0]?.begin();
        await Promise.all(world.people.map((person) => person.work(OPERATIONS)));
        await settle(world);
        expect({ seed, alarms: world.alarms }).toEqual({ seed, alarms: [] });
        expect(world.stored(STATE.key)).toEqual(world.last);
        // Neither a lock nor a canary is left.
        expect(world.keys()).toEqual([STATE.key]);
        const serial = serialOf(world.last);
        const remembered = world.people.map(({ file }) => file.serialOf(STATE.stack));
        expect({ seed, remembered }).toEqual({ seed, remembered: remembered.map(() => serial) });
        for (const name of Object.keys(total) as (keyof typeof total)[]) {
          total[name] += world.counts[name];
        }
      }
      // It was no idle world.
      expect(total.acknowledged).toBeGreaterThan(RUNS * 3);
      expect(total.refused).toBeGreaterThan(RUNS);
      expect(total.killed).toBeGreaterThan(RUNS / 10);
      expect(total.verdicts).toBeGreaterThan(RUNS);
    },
    LONG_MS,
  );
});

/** What is left of the dead is given back, and everybody looks once more. */
async function settle(world: HonestWorld): Promise<void> {
  const [first] = world.people;
  world.isCalm = true;
  for (const id of world.stale.splice(0)) await first?.unlock(id);
  for (const person of world.people) await person.look();
}
