import { describe, expect, test } from 'vitest';
import { collect } from '../../../backend/authority/collect.ts';
import { judge } from '../../../backend/authority/judge.ts';
import { errorAnswer } from '../../../backend/gateway/answers.ts';
import type { Store, StoreRequest } from '../../../backend/store/store-client.ts';
import { STATE, stateBody, subjectOf, usedStore } from './authority-fixtures.ts';

const isRacer = ({ method, key = '' }: StoreRequest) =>
  method === 'PUT' && key.startsWith('.flywheel-canary/') && key.endsWith('.tflock');

async function verdictOf(store: Store) {
  const { exitCode, checks } = judge(await collect(subjectOf(store)));
  return { exitCode, statusOf: (name: string) => checks.find((one) => one.name === name)?.status };
}

/** A store that fails for so many of those that take the lock of the check at the same time. */
async function overwhelmed(failures: number, forwards: boolean): Promise<Store> {
  const store = await usedStore();
  let taken = 0;
  return {
    send: async (request) => {
      if (!isRacer(request)) return await store.send(request);
      taken += 1;
      // The first two are one after the other.
      const isFailed = taken > 4 - failures && taken > 2;
      if (isFailed && !forwards) return errorAnswer(500, 'InternalError', 'too many at once');
      const answer = await store.send(isFailed ? { ...request, headers: {} } : request);
      return isFailed ? errorAnswer(500, 'InternalError', 'too many at once') : answer;
    },
  };
}

describe('the deep check of a store that is busy', () => {
  test('takes a failure for one of two racers as an answer, where the other one has won', async () => {
    const { exitCode, statusOf } = await verdictOf(await overwhelmed(1, false));
    expect(exitCode).toBe(0);
    expect(statusOf('lock-race')).toBe('good');
  });

  test('does not know where both failed', async () => {
    const { exitCode, statusOf } = await verdictOf(await overwhelmed(2, false));
    expect(exitCode).toBe(1);
    expect(statusOf('lock-race')).toBe('unknown');
  });

  test('sees when the one who was told of a failure has replaced the lock of the winner (S11)', async () => {
    const { exitCode, statusOf } = await verdictOf(await overwhelmed(1, true));
    expect(exitCode).toBe(2);
    expect(statusOf('lock-race')).toBe('bad');
  });

  test('is no alarm where an apply writes a state between each two requests', async () => {
    const store = await usedStore();
    let serial = 5;
    const { exitCode, statusOf } = await verdictOf({
      send: async (request) => {
        const answer = await store.send(request);
        serial += 1;
        store.plant(STATE.bucket, STATE.key, stateBody(serial));
        return answer;
      },
    });
    expect(exitCode).toBe(0);
    expect([statusOf('state-head'), statusOf('state-listed')]).toEqual(['not-run', 'not-run']);
  });
});
