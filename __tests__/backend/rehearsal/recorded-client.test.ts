import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../backend/lying-store/clock.ts';
import { lieNamed } from '../../../backend/lying-store/lies.ts';
import { RECORDED_RUNS } from '../../../backend/lying-store/recorded-requests.ts';
import {
  type ClientEnd,
  COMMANDS,
  type Command,
  RecordedClient,
} from '../../../backend/rehearsal/recorded-client.ts';
import { REHEARSED, RehearsedStore } from '../../../backend/rehearsal/rehearsed-store.ts';
import { lockOf, stateOf } from '../../../backend/rehearsal/state-story.ts';
import type { StoreRequest } from '../../../backend/store/store-client.ts';

const LOCK = lockOf('run-1', 'OperationTypeApply', 'tofu-state/x');

interface Played extends ClientEnd {
  readonly asked: readonly string[];
  readonly held: Buffer | undefined;
  readonly tookMs: number;
}

/** Plays a command on a store with two states behind it. */
async function play(command: Command, ...lies: readonly string[]): Promise<Played> {
  const clock = new VirtualClock();
  const past = [1, 2].map((serial) => ({ lock: LOCK, state: stateOf(serial, `value ${serial}`) }));
  const place = new RehearsedStore(past, clock);
  for (const lie of lies) place.lie(lieNamed(lie));
  const asked: string[] = [];
  const store = {
    send: async (request: StoreRequest) => {
      const answer = await place.store.send(request);
      asked.push(`${wordsOf(request)}: ${answer.status}`);
      return answer;
    },
  };
  const began = clock.now();
  const end = await RecordedClient.run(command, { store, state: REHEARSED, clock, id: 'ours' });
  return { ...end, asked, held: place.held(), tookMs: clock.now() - began };
}

function wordsOf({ method, key, headers = {}, query = {} }: StoreRequest): string {
  const what = key === undefined ? `LIST ${query.prefix}` : '';
  const object = key === REHEARSED.lockKey ? 'lock' : 'state';
  return what || `${method} ${object}${headers['if-none-match'] === '*' ? ' if free' : ''}`;
}

describe('the recorded client', () => {
  test.each(COMMANDS)('asks an honest store what tofu was recorded to ask: %s', async (command) => {
    const { code, asked } = await play(command);
    expect(code).toBe(0);
    expect(asked).toEqual(RECORDED_RUNS[command]);
  });

  test('writes the next serial of the history that it has read, and nothing in a destroy', async () => {
    const before = JSON.parse(stateOf(2, 'value 2').toString());
    const applied = JSON.parse((await play('apply')).held?.toString() ?? '');
    expect(applied).toMatchObject({ serial: 3, lineage: before.lineage });
    expect(applied.resources).toHaveLength(1);
    const destroyed = JSON.parse((await play('destroy')).held?.toString() ?? '');
    expect(destroyed).toMatchObject({ serial: 3, lineage: before.lineage, resources: [] });
  });

  test.each(['hidden-key', 'zero-body', 'hidden-to-get'])(
    'begins a new history where it is told of no state, as tofu does (%s)',
    async (lie) => {
      const { code, held } = await play('apply', lie);
      expect(code).toBe(0);
      expect(JSON.parse(held?.toString() ?? '')).toMatchObject({
        serial: 1,
        lineage: expect.not.stringContaining(JSON.parse(stateOf(1, '').toString()).lineage),
      });
    },
  );

  test('stops at the first error and asks nothing more', async () => {
    expect(await play('apply', 'no-such-bucket')).toMatchObject({
      code: 1,
      says: 'LIST: 404 NoSuchBucket',
      asked: ['LIST env:/: 404'],
    });
  });

  test('gives the lock back when a write fails', async () => {
    const { code, asked, says } = await play('apply', 'write-denied');
    expect({ code, says }).toEqual({ code: 1, says: 'PUT state: 403 AccessDenied' });
    expect(asked.slice(-3)).toEqual(['PUT state: 403', 'GET lock: 200', 'DELETE lock: 204']);
  });

  test('asks who holds a lock that it does not get, and touches nothing', async () => {
    const { code, asked, says } = await play('plan', 'lock-busy-once');
    expect(asked).toEqual(['LIST env:/: 200', 'PUT lock if free: 412', 'GET lock: 404']);
    expect({ code, says }).toEqual({ code: 1, says: 'GET lock: 404 NoSuchKey' });
  });

  test('tries again what fails, five times in 13.9 s, as was measured', async () => {
    const { asked, tookMs } = await play('init', 'bad-gateway');
    expect(asked).toEqual(Array(5).fill('LIST env:/: 502'));
    expect(tookMs).toBe(13_900);
  });

  test('waits for what never answers, and for a list without an end', async () => {
    expect((await play('plan', 'hangs')).code).toBeUndefined();
    expect((await play('plan', 'listing-loops')).code).toBeUndefined();
  });
});
