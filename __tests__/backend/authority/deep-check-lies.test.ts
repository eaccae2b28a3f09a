import { describe, expect, test } from 'vitest';
import { collect } from '../../../backend/authority/collect.ts';
import { judge } from '../../../backend/authority/judge.ts';
import { LIES } from '../../../backend/lying-store/lies.ts';
import { LyingStore } from '../../../backend/lying-store/lying-store.ts';
import { Recorder, subjectOf, usedStore } from './authority-fixtures.ts';

/** What a deep check lets pass, and why that is right, or who sees it. */
const PASSES: Readonly<Record<string, string>> = {
  'cut-once': 'a passing trouble: asked again, as every client does',
  'read-fails-once': 'a passing trouble: asked again, as every client does',
  'reset-once': 'a passing trouble: asked again, as every client does',
  'kept-but-504-once': 'a passing trouble: written again, as every client does',
  'write-conflicts-once': 'a passing trouble: written again, as every client does',
  'lock-conflicts-once': 'a passing trouble: taken again, as every client does',
  slow: 'a store that is slow tells the truth',
  'clock-ahead': 'nothing is judged by the clock of the store',
  'buckets-denied': 'an identity may see its bucket and no list',
  'undone-after-a-second': 'comes later: the gateway sees it at the next read',
  'overwritten-at-once': 'needs a lock that somebody holds: the gateway reads back what it wrote',
  'lock-expires': 'comes later: the gateway looks for its lock before it writes',
  'lock-comes-back': 'comes later: the next run names the lock that stands still',
  'if-match-ignored': 'the certificate says whether a store compares and swaps',
  'if-match-always-fails': 'the certificate says whether a store compares and swaps',
  'versions-claimed': 'the certificate says whether old versions are kept',
  'versions-disowned': 'the certificate says whether old versions are kept',
  'listing-loops': 'what is looked for is in the first part of the list',
  'listing-invents': 'a key that was invented is no state of a stack',
};

describe('the deep check before a mutation', () => {
  test.concurrent.each(LIES)('of a store that lies: $name', async ({ name }) => {
    const lies = LIES.filter((lie) => lie.name === name);
    const store = new Recorder(new LyingStore(await usedStore(), { lies }));
    const { exitCode, checks } = judge(await collect(subjectOf(store)));
    expect(store.requests.length).toBeLessThanOrEqual(25);
    if (name in PASSES) {
      expect({ name, exitCode }).toEqual({ name, exitCode: 0 });
      return;
    }
    expect({ name, caught: exitCode === 1 || exitCode === 2 }).toEqual({ name, caught: true });
    const against = checks.filter(({ status }) => status === 'bad' || status === 'unknown');
    expect(against.length).toBeGreaterThan(0);
  });

  test('lets pass only lies that there are, each for a reason', () => {
    const names = new Set(LIES.map(({ name }) => name));
    expect(Object.keys(PASSES).filter((name) => !names.has(name))).toEqual([]);
  });
});
