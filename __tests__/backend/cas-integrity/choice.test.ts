import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { atMost } from '../../../backend/cas-integrity/at-most.ts';
import { Sample } from '../../../backend/cas-integrity/sample.ts';

function chosen(total: number, size: number, seed: number): number[] {
  const sample = new Sample<number>(size, seed);
  for (let item = 0; item < total; item += 1) sample.offer(item);
  return sample.chosen;
}

describe('a sample', () => {
  test('holds as many as it may of what was offered, each once', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.integer({ min: 1, max: 60 }), fc.nat(), (total, size, seed) => {
        const items = chosen(total, size, seed);
        expect(items).toHaveLength(Math.min(total, size));
        expect(new Set(items).size).toBe(items.length);
      }),
      { numRuns: 100 },
    );
  });

  test('is the same for the same seed, and another for another', () => {
    expect(chosen(1000, 20, 7)).toEqual(chosen(1000, 20, 7));
    expect(chosen(1000, 20, 7)).not.toEqual(chosen(1000, 20, 8));
  });

  test('gives each the same chance, the first as the last', () => {
    const hits = new Array<number>(20).fill(0);
    for (let seed = 0; seed < 2000; seed += 1) {
      for (const item of chosen(20, 5, seed)) hits[item] = (hits[item] ?? 0) + 1;
    }
    // 500 are expected of each; six standard deviations are 116.
    for (const hit of hits) expect(Math.abs(hit - 500)).toBeLessThan(116);
  });
});

describe('work on many things', () => {
  test('is done on so many at once, and on all', async () => {
    let running = 0;
    let most = 0;
    const done: number[] = [];
    await atMost(8, Array(30).keys(), async (item) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, item % 3));
      running -= 1;
      done.push(item);
    });
    expect(most).toBe(8);
    expect(done.sort((one, other) => one - other)).toEqual([...Array(30).keys()]);
  });

  test('ends with what went wrong first, and begins nothing after it', async () => {
    const begun: number[] = [];
    const work = atMost(2, Array(30).keys(), async (item) => {
      begun.push(item);
      if (item === 3) throw new Error('the fourth');
    });
    await expect(work).rejects.toThrow('the fourth');
    expect(begun.length).toBeLessThan(8);
  });
});
