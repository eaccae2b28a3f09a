import { describe, expect, test } from 'vitest';
import type { StoreRequest } from '../../../backend/store/store-client.ts';
import { StoreTrouble } from '../../../backend/store/store-trouble.ts';
import { lockBytes, Scene, STATE, stateBytes } from './tofu-requests.ts';

/** What is found when a store lies to whoever takes a lock. */
const CAUGHT: Readonly<Record<string, string>> = {
  'lock-lost': 'lock-lost',
  'lock-late': 'lock-lost',
  'lock-hidden': 'lock-lost',
  'lock-truncated': 'lock-changed',
  'lock-taken-by-another': 'lock-not-exclusive',
  'lock-of-the-run-before': 'lock-not-exclusive',
  'lock-not-implemented': 'store-fails',
  'no-such-bucket': 'bucket-hidden',
  'bucket-index-lost': 'bucket-hidden',
  hangs: 'store-hangs',
};
const HARMLESS = [
  'lock-busy-once',
  'lock-conflicts-once',
  'lock-kept-but-500',
  'lock-kept-but-cut',
  'unlocked-but-500',
  'reset-once',
];

describe('taking the lock', () => {
  test('makes it only where there is none, and reads it back (S11)', async () => {
    const scene = await new Scene().withState();
    const run = await scene.run();
    expect((await run.lock()).status).toBe(200);
    expect(scene.stored(STATE.lockKey)).toEqual(lockBytes(run.lockId));
    expect((await run.heldLock()).body).toEqual(lockBytes(run.lockId));
    expect((await run.unlock()).status).toBe(204);
    expect(scene.stored(STATE.lockKey)).toBeUndefined();
    expect(run.codes).toEqual([]);
  });

  test('says who holds it, as tofu understands it, and finds nothing wrong with the store (S11)', async () => {
    const scene = await new Scene().withState();
    scene.plant(lockBytes('theirs', 'alice@laptop'), STATE.lockKey);
    const run = await scene.run();
    const refused = await run.lock();
    expect(refused.status).toBe(412);
    expect(refused.body.toString()).toContain('<Code>PreconditionFailed</Code>');
    expect((await run.heldLock()).body).toEqual(lockBytes('theirs', 'alice@laptop'));
    expect(run.codes).toEqual([]);
    expect(run.session.notes).toEqual([
      'the lock is held by alice@laptop, since 2026-05-08T10:00:00Z, for OperationTypeApply (id theirs); if nobody works there any more: just tofu-unlock arc-runners theirs',
    ]);
  });

  test.each(Object.entries(CAUGHT))(
    'of a store that lies (%s) is refused: %s (S11)',
    async (lie, code) => {
      const scene = await new Scene().withState();
      scene.lie(lie);
      const run = await scene.run();
      expect((await run.lock()).status).toBe(403);
      expect(run.codes).toEqual([code]);
      // Without the lock nothing can be written.
      expect((await run.write(stateBytes(8))).status).toBe(403);
      expect(scene.stored()).toEqual(stateBytes(7, { instances: 2 }));
    },
  );

  test.each(HARMLESS)('does no harm through %s', async (lie) => {
    const scene = await new Scene().withState();
    scene.lie(lie);
    const run = await scene.run();
    expect((await run.lock()).status).toBe(200);
    expect((await run.unlock()).status).toBe(204);
    expect(scene.stored(STATE.lockKey)).toBeUndefined();
    expect(run.codes).toEqual([]);
  });

  test('never replaces the lock of somebody else, even where a store ignores the condition (S11)', async () => {
    const scene = await new Scene().withState();
    scene.lie('if-none-match-ignored');
    const [one, other] = [await scene.run(), await scene.run()];
    expect((await one.lock()).status).toBe(200);
    expect((await other.lock()).status).toBe(412);
    expect(scene.stored(STATE.lockKey)).toEqual(lockBytes(one.lockId));
    expect((await one.write(stateBytes(8))).status).toBe(200);
  });

  test('of a store that lets two win gives the state to one of them at most (S11)', async () => {
    const scene = await new Scene().withState();
    scene.lie('if-none-match-ignored');
    const runs = [await scene.run(), await scene.run()];
    // Both look before either of them has made its lock.
    await Promise.all(runs.map((run) => run.lock()));
    const written = await Promise.all(
      runs.map((run, index) => run.write(stateBytes(8, { content: `of ${index}` }))),
    );
    expect(written.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    expect(runs.flatMap(({ codes }) => codes).length).toBeGreaterThan(0);
  });

  test('is tried again where the lock was given back in between, and blames nobody', async () => {
    const scene = await new Scene().withState();
    let puts = 0;
    const run = await scene.run({
      observe: (request) => {
        if (!request.startsWith('PUT')) return;
        puts += 1;
        // Whoever holds it takes it before our request, and leaves it after that.
        if (puts <= 2) scene.plant(lockBytes('theirs'), STATE.lockKey);
      },
      store: {
        send: async (request: StoreRequest) => {
          const answer = await scene.store.send(request);
          if (answer.status === 412) scene.truth.uproot(STATE.bucket, STATE.lockKey);
          return answer;
        },
      },
    });
    expect((await run.lock()).status).toBe(200);
    expect(puts).toBe(3);
    expect(run.codes).toEqual([]);
  });

  test('says so when a store refuses for ever what it does not have', async () => {
    const scene = await new Scene().withState();
    scene.lie('lock-never-free');
    // It takes what a delete leaves for the lock itself.
    const before = await scene.run();
    await before.lock();
    await before.unlock();
    const run = await scene.run();
    expect((await run.lock()).status).toBe(403);
    expect(run.session.findings).toMatchObject([
      { code: 'lock-never-free', remedy: expect.stringContaining('state-store-certify') },
    ]);
  });

  test('is refused where something lies there that is no lock', async () => {
    const scene = await new Scene().withState();
    scene.plant(Buffer.from('{"ID":'), STATE.lockKey);
    const run = await scene.run();
    expect((await run.lock()).status).toBe(403);
    expect((await run.heldLock()).status).toBe(403);
    expect(new Set(run.codes)).toEqual(new Set(['lock-unreadable']));
    expect(scene.stored(STATE.lockKey)).toEqual(Buffer.from('{"ID":'));
  });

  test.each([
    { what: 'the making', method: 'PUT', nth: 1 },
    { what: 'the reading back', method: 'GET', nth: 2 },
  ])('says that the lock may lie there when $what is not answered', async ({ method, nth }) => {
    const scene = await new Scene().withState();
    let asked = 0;
    const store = {
      send: async (request: StoreRequest) => {
        if (request.key === STATE.lockKey && request.method === method) {
          asked += 1;
          if (asked === nth) throw new StoreTrouble('timeout', 'no whole answer within 50 ms');
        }
        return await scene.store.send(request);
      },
    };
    const run = await scene.run({ store });
    expect((await run.lock()).status).toBe(403);
    expect(run.session.findings).toMatchObject([
      {
        code: 'lock-unknown',
        exitCode: 4,
        did: expect.stringContaining(run.lockId),
        remedy: expect.stringContaining('just tofu-unlock arc-runners'),
      },
    ]);
  });

  test('is acknowledged again when an SDK sends it twice', async () => {
    const scene = await new Scene().withState();
    const run = await scene.run();
    expect((await run.lock()).status).toBe(200);
    expect((await run.lock()).status).toBe(200);
    expect(run.asked.filter((request) => request.startsWith('PUT'))).toHaveLength(1);
  });
});

describe('a lock that is held', () => {
  test.each([
    { becomes: 'gone', code: 'lock-lost', bytes: undefined },
    { becomes: 'that of somebody else', code: 'lock-replaced', bytes: lockBytes('theirs') },
    { becomes: 'unreadable', code: 'lock-changed', bytes: Buffer.from('{') },
  ])('that is $becomes stops a write: $code (S11)', async ({ code, bytes }) => {
    const scene = await new Scene().withState();
    const run = await scene.run();
    await run.lock();
    await run.read();
    if (bytes === undefined) scene.truth.uproot(STATE.bucket, STATE.lockKey);
    else scene.plant(bytes, STATE.lockKey);
    expect((await run.write(stateBytes(8))).status).toBe(403);
    expect(run.codes).toEqual([code]);
    expect(run.session.unkept).toEqual(stateBytes(8));
    expect(scene.stored()).toEqual(stateBytes(7, { instances: 2 }));
  });

  test('is shown with its holder where somebody has replaced it, and is not removed', async () => {
    const scene = await new Scene().withState();
    const run = await scene.run();
    await run.lock();
    scene.plant(lockBytes('theirs'), STATE.lockKey);
    expect((await run.heldLock()).body).toEqual(lockBytes('theirs'));
    expect((await run.send({ method: 'DELETE', key: STATE.lockKey })).status).toBe(403);
    expect(scene.stored(STATE.lockKey)).toEqual(lockBytes('theirs'));
    expect(run.codes).toContain('lock-replaced');
  });
});

describe('giving the lock back', () => {
  test.each([
    ['unlock-ignored', 'lock-stays', 2],
    ['unlock-fails', 'lock-left', 4],
    ['unlock-denied', 'lock-left', 4],
  ])('of a store that lies (%s) is not acknowledged: %s', async (lie, code, exitCode) => {
    const scene = await new Scene().withState();
    scene.lie(lie);
    const run = await scene.run();
    await run.lock();
    expect((await run.unlock()).status).toBe(403);
    expect(run.session.findings).toMatchObject([
      { code, exitCode, remedy: expect.stringContaining('just tofu-unlock arc-runners') },
    ]);
  });

  test('is acknowledged again when an SDK asks twice', async () => {
    const run = await (await new Scene().withState()).run();
    await run.lock();
    expect((await run.unlock()).status).toBe(204);
    expect((await run.send({ method: 'DELETE', key: STATE.lockKey })).status).toBe(204);
    expect(run.codes).toEqual([]);
  });

  test('minds nobody who takes the lock the moment it is free', async () => {
    const scene = await new Scene().withState();
    const run = await scene.run({
      store: {
        send: async (request: StoreRequest) => {
          const answer = await scene.store.send(request);
          if (request.method === 'DELETE') scene.plant(lockBytes('next'), STATE.lockKey);
          return answer;
        },
      },
    });
    await run.lock();
    expect((await run.unlock()).status).toBe(204);
    expect(run.codes).toEqual([]);
  });

  test('of somebody else is done only for the id that was declared', async () => {
    const scene = await new Scene().withState();
    scene.plant(lockBytes('theirs'), STATE.lockKey);
    const stranger = await scene.run({ declaration: { unlocks: 'another' } });
    expect((await stranger.unlock()).status).toBe(403);
    expect(stranger.codes).toEqual(['request-refused']);
    const declared = await scene.run({ declaration: { unlocks: 'theirs' } });
    expect((await declared.unlock()).status).toBe(204);
    expect(scene.stored(STATE.lockKey)).toBeUndefined();
  });

  test('can be done again after it was taken again', async () => {
    const run = await (await new Scene().withState()).run();
    for (const id of ['first', 'second']) {
      expect((await run.lock(id)).status).toBe(200);
      expect((await run.unlock()).status).toBe(204);
    }
    expect(run.codes).toEqual([]);
  });
});
