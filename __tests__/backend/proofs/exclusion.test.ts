import { describe, expect, test } from 'vitest';
import { figure } from '../../support/long.ts';
import { type Happening, LockRace, longestWait, overlaps } from './lock-race.ts';
import { ADVERSARIES } from './scheduler.ts';

const PEOPLE = 4;
const ROUNDS = 8;
/** In all races together. */
const ACQUISITIONS = figure(2048, 100_352);
const RACES = ACQUISITIONS / PEOPLE / ROUNDS / Object.keys(ADVERSARIES).length;
/** A round takes some ten requests, each of two steps, and everybody may be in the middle of one that comes to nothing. */
const LONGEST_WAIT = 1500;
const LONG_MS = 1_800_000;

/** What the way to the store explains, where it was cut three times in a row. */
const EXPLAINED = ['lock-unknown', 'store-cuts'];

describe('the lock, wanted by several at once', () => {
  test.each(Object.entries(ADVERSARIES))(
    `is held by one at a time, and somebody always gets it, where %s (S11)`,
    async (_, adversary) => {
      let acquisitions = 0;
      let written = 0;
      for (let seed = 1; seed <= RACES; seed += 1) {
        const race = new LockRace(seed, { adversary, rounds: ROUNDS });
        await race.run(PEOPLE);
        expect({ seed, overlaps: overlaps(race.history) }).toEqual({ seed, overlaps: [] });
        const waited = longestWait(race.history, race.scheduler.taken);
        expect({ seed, isLong: waited > LONGEST_WAIT, waited }).toMatchObject({ isLong: false });
        // Every state that was acknowledged follows the one before it: nobody wrote over another one.
        expect({ seed, lost: race.written - race.serial > 0 }).toEqual({ seed, lost: false });
        expect(race.findings.filter((code) => !EXPLAINED.includes(code))).toEqual([]);
        acquisitions += race.acquisitions;
        written += race.written;
      }
      expect(acquisitions).toBe(RACES * PEOPLE * ROUNDS);
      expect(written).toBeGreaterThan(acquisitions / 8);
    },
    LONG_MS,
  );
});

describe('the look at a history', () => {
  const happened = (...steps: readonly [Happening['what'], number, number][]) =>
    steps.map(([what, who, at]) => ({ what, who, at }));

  test('finds two who hold the lock at once, and a time in which nobody does', () => {
    const fine = happened(['took', 0, 1], ['ended', 0, 5], ['took', 1, 9], ['ended', 1, 12]);
    expect(overlaps(fine)).toEqual([]);
    expect(longestWait(fine, 13)).toBe(8);
    const wrong = happened(['took', 0, 1], ['took', 1, 3], ['ended', 0, 5], ['ended', 1, 9]);
    expect(overlaps(wrong)).toEqual([{ what: 'took', who: 1, at: 3 }]);
  });
});
