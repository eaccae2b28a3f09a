import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { eachApart, Rounds } from '../../../../operations/rehearsal/cluster/rounds.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('rounds', () => {
  test('that are asked for together are one', async () => {
    let count = 0;
    const rounds = new Rounds(
      async () => {
        count += 1;
      },
      () => {},
    );
    rounds.ask();
    rounds.ask();
    await vi.advanceTimersByTimeAsync(100);
    expect(count).toBe(1);
    await rounds.stop();
  });

  test('that are asked for during one come after it, never beside it', async () => {
    let running = 0;
    let most = 0;
    let count = 0;
    const rounds = new Rounds(
      async () => {
        running += 1;
        most = Math.max(most, running);
        count += 1;
        if (count === 1) rounds.ask();
        await new Promise((resolve) => setTimeout(resolve, 1000));
        running -= 1;
      },
      () => {},
    );
    rounds.ask();
    await vi.advanceTimersByTimeAsync(3000);
    expect({ count, most }).toEqual({ count: 2, most: 1 });
    await rounds.stop();
  });

  test('that fail say so and are repeated', async () => {
    const problems: string[] = [];
    let count = 0;
    const rounds = new Rounds(
      async () => {
        count += 1;
        if (count === 1) throw new Error('conflict');
      },
      (problem) => void problems.push(problem),
    );
    rounds.ask();
    await vi.advanceTimersByTimeAsync(1000);
    expect({ count, problems }).toEqual({ count: 2, problems: ['conflict'] });
    await rounds.stop();
  });

  test('do not come after the end', async () => {
    let count = 0;
    const rounds = new Rounds(
      async () => {
        count += 1;
      },
      () => {},
    );
    rounds.ask();
    await rounds.stop();
    rounds.ask();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(count).toBe(0);
  });
});

test('what is done apart is done although something else fails, and all that failed is told', async () => {
  const done: number[] = [];
  const all = eachApart([1, 2, 3, 4], async (item) => {
    if (item % 2 === 0) throw new Error(`no ${item}`);
    done.push(item);
  });
  await expect(all).rejects.toThrow('no 2; no 4');
  expect(done).toEqual([1, 3]);
});
