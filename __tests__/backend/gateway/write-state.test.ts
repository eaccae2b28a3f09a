import { describe, expect, test } from 'vitest';
import type { Declaration } from '../../../backend/gateway/gateway-options.ts';
import { isState, readState } from '../../../backend/state/state-document.ts';
import type { StoreRequest } from '../../../backend/store/store-client.ts';
import { StoreTrouble } from '../../../backend/store/store-trouble.ts';
import { markOf } from '../../../backend/witness/state-mark.ts';
import { CountedStore, Scene, STATE, stateBytes, type TofuRun } from './tofu-requests.ts';

const BEFORE = stateBytes(7, { instances: 2 });
const NEXT = stateBytes(8, { instances: 3 });

/** What is found when a store lies about a state that it is given, and the code that a command ends with. */
const CAUGHT: readonly (readonly [lie: string, code: string, exitCode: number])[] = [
  ['write-dropped', 'write-lost', 2],
  ['write-error-with-200', 'write-lost', 2],
  ['kept-late', 'write-lost', 2],
  ['kept-below-the-older', 'write-lost', 2],
  ['cached-state', 'write-lost', 2],
  ['half-kept', 'write-changed', 2],
  ['kept-empty', 'write-changed', 2],
  ['kept-with-one-byte-changed', 'write-changed', 2],
  ['kept-appended', 'write-changed', 2],
  ['overwritten-at-once', 'write-changed', 2],
  ['kept-elsewhere', 'write-refused', 4],
  ['wrong-etag', 'write-refused', 4],
  ['if-match-always-fails', 'write-refused', 4],
  ['disk-full', 'write-refused', 4],
  ['quota-exceeded', 'write-refused', 4],
  ['write-denied', 'write-refused', 4],
  ['write-fails', 'write-refused', 4],
  ['write-unavailable', 'write-refused', 4],
  ['hash-refused', 'write-refused', 4],
  ['body-too-large', 'write-refused', 4],
];
const HARMLESS = [
  'kept-but-500',
  'kept-but-504-once',
  'kept-but-hangs',
  'kept-but-cut',
  'kept-wrong-etag',
  'write-slowed-down',
  'write-conflicts-once',
  'if-match-ignored',
];

async function locked(scene: Scene, options: Parameters<Scene['run']>[0] = {}): Promise<TofuRun> {
  const run = await scene.run(options);
  await run.lock();
  await run.read();
  return run;
}

describe('writing the state', () => {
  test('is acknowledged when it was read back, and the witness advances last (S8)', async () => {
    const scene = await new Scene().withState();
    const run = await locked(scene);
    run.asked.length = 0;
    const answer = await run.write(NEXT);
    expect(answer.status).toBe(200);
    expect(answer.headers.etag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(scene.stored()).toEqual(NEXT);
    expect(scene.witness.marks.get(STATE.stack)?.serial).toBe(8);
    expect(run.asked).toEqual([
      'GET tofu-state/lock',
      'PUT tofu-state/state',
      'GET tofu-state/state',
    ]);
    expect(run.session.unkept).toBeUndefined();
  });

  test.each(CAUGHT)(
    'to a store that lies (%s) is refused at once: %s',
    async (lie, code, exitCode) => {
      const scene = await new Scene().withState();
      // What a run finds that comes after others.
      await (await scene.run({ declaration: {} })).read();
      scene.lie(lie);
      await (await scene.run({ declaration: {} })).read();
      const run = await locked(scene);
      const answer = await run.write(NEXT);
      expect(answer.status).toBe(403);
      expect(run.session.findings).toMatchObject([
        {
          code,
          exitCode,
          kept: `the state that was to be written (${NEXT.length} bytes), for recovery`,
          remedy: expect.stringContaining('just tofu-state-recover arc-runners'),
        },
      ]);
      expect(run.session.unkept).toEqual(NEXT);
      expect(scene.witness.marks.get(STATE.stack)?.serial).toBe(7);
    },
  );

  test.each(HARMLESS)('does no harm through %s', async (lie) => {
    const scene = await new Scene().withState();
    scene.lie(lie);
    const run = await locked(scene);
    expect((await run.write(NEXT)).status).toBe(200);
    expect(scene.stored()).toEqual(NEXT);
    expect(run.codes).toEqual([]);
  });

  test('that is undone later is found by the first reading of the next run', async () => {
    const scene = await new Scene().withState();
    scene.lie('undone-after-unlock');
    const run = await locked(scene);
    await run.write(NEXT);
    await run.unlock();
    const next = await scene.run({ declaration: {} });
    expect((await next.read()).status).toBe(403);
    expect(next.codes).toEqual(['state-rolled-back']);
  });

  test('is conditional on the version that was read, where the store was proved to heed it', async () => {
    const scene = await new Scene().withState();
    const conditions: unknown[] = [];
    const store = {
      send: (request: StoreRequest) => {
        const { 'if-match': match, 'if-none-match': none } = request.headers ?? {};
        if (request.method === 'PUT' && request.key === STATE.key) conditions.push({ match, none });
        return scene.store.send(request);
      },
    };
    for (const compareAndSwap of [true, false]) {
      const run = await locked(scene, { store, compareAndSwap });
      const serial = compareAndSwap ? 8 : 9;
      expect((await run.write(stateBytes(serial))).status).toBe(200);
      await run.unlock();
    }
    const etag = expect.stringMatching(/^"[0-9a-f]{32}"$/);
    expect(conditions).toEqual([{ match: etag }, {}]);
  });

  test('makes the first state only where there is none', async () => {
    const scene = new Scene();
    const declaration = { firstRun: true, writes: true };
    const run = await locked(scene, { declaration });
    scene.plant(stateBytes(3, { lineage: 'other' }));
    expect((await run.write(stateBytes(1))).status).toBe(403);
    expect(run.codes).toEqual(['write-conflict']);
    expect(scene.stored()).toEqual(stateBytes(3, { lineage: 'other' }));
  });

  test('finds what somebody has written without a lock', async () => {
    const scene = await new Scene().withState();
    const run = await locked(scene);
    scene.plant(stateBytes(8, { content: 'of somebody else' }));
    expect((await run.write(NEXT)).status).toBe(403);
    expect(run.codes).toEqual(['write-conflict']);
    expect(scene.stored()).toEqual(stateBytes(8, { content: 'of somebody else' }));
  });

  test('is acknowledged again when an SDK sends the same bytes twice', async () => {
    const scene = await new Scene().withState();
    const run = await locked(scene);
    expect((await run.write(NEXT)).status).toBe(200);
    expect((await run.write(NEXT)).status).toBe(200);
    expect(run.asked.filter((request) => request === 'PUT tofu-state/state')).toHaveLength(1);
    expect(run.codes).toEqual([]);
  });

  test('goes on from state to state', async () => {
    const scene = await new Scene().withState();
    const run = await locked(scene);
    for (const serial of [8, 9, 12]) {
      expect((await run.write(stateBytes(serial))).status).toBe(200);
    }
    expect(scene.witness.marks.get(STATE.stack)?.serial).toBe(12);
    expect(run.codes).toEqual([]);
  });

  test.each([
    { which: 'the first state', first: true },
    { which: 'a later state', first: false },
  ])(
    'goes on after $which that was not proved to be kept, and turned up later',
    async ({ first }) => {
      const scene = first ? new Scene() : await new Scene().withState();
      let late: Buffer | undefined;
      const store = {
        send: async (request: StoreRequest) => {
          const isState = request.key === STATE.key;
          if (request.method === 'PUT' && isState && late === undefined) {
            late = Buffer.from(request.body ?? []);
            throw new StoreTrouble('timeout', 'no whole answer');
          }
          const isMissing = late !== undefined && scene.stored()?.equals(late) !== true;
          if (request.key === STATE.lockKey && late !== undefined && isMissing) scene.plant(late);
          return await scene.store.send(request);
        },
      };
      const run = await locked(scene, { store, declaration: { writes: true, firstRun: first } });
      expect((await run.write(NEXT)).status).toBe(403);
      expect(run.session.unkept).toEqual(NEXT);
      expect((await run.write(stateBytes(9))).status).toBe(200);
      expect(run.codes).toEqual(['write-unknown']);
      expect(run.session.unkept).toBeUndefined();
      expect(scene.stored()).toEqual(stateBytes(9));
    },
  );

  test('says what it cannot see of an encrypted state', async () => {
    const scene = await new Scene().withState();
    const run = await locked(scene);
    const clear = { serial: 8, lineage: 'one', encrypted_data: 'x', encryption_version: 'v0' };
    expect((await run.write(Buffer.from(JSON.stringify(clear)))).status).toBe(200);
    expect(run.session.notes).toEqual([
      'the state is encrypted: whether it still has resources is not seen',
    ]);
  });

  test('is kept although the witness cannot be written, and that is said', async () => {
    const scene = await new Scene().withState();
    const run = await locked(scene);
    scene.witness.readOnly = 'the disk is full';
    expect((await run.write(NEXT)).status).toBe(200);
    expect(run.session.notes).toEqual([expect.stringContaining('the disk is full')]);
    expect(run.session.unkept).toBeUndefined();
  });

  test('is found to contradict a witness that has heard of another state meanwhile', async () => {
    const scene = await new Scene().withState();
    const run = await locked(scene);
    const other = readState(stateBytes(8, { content: 'another' }));
    if (!isState(other)) throw new Error('it is a state');
    await scene.witness.advance(STATE.stack, markOf(other, 'another'));
    expect((await run.write(NEXT)).status).toBe(200);
    expect(run.codes).toEqual(['witness-contradicts']);
  });

  test('passes on what tofu says of the object, and nothing else', async () => {
    const scene = await new Scene().withState();
    let sent: StoreRequest['headers'] = {};
    const store = {
      send: (request: StoreRequest) => {
        if (request.method === 'PUT' && request.key === STATE.key) sent = request.headers ?? {};
        return scene.store.send(request);
      },
    };
    const run = await locked(scene, { store, compareAndSwap: false });
    const checksum = { 'x-amz-checksum-sha256': 'of-the-bytes' };
    await run.write(NEXT, { ...checksum, 'x-amz-tagging': 'a=b', authorization: 'x', host: 'y' });
    expect(sent).toEqual({
      ...checksum,
      'content-type': 'application/json',
      'x-amz-tagging': 'a=b',
    });
  });
});

describe('a state that may not be written', () => {
  const Refused: readonly {
    readonly what: string;
    readonly code: string;
    readonly body: Buffer;
    readonly declaration?: Declaration;
  }[] = [
    { what: 'by a run that only reads', code: 'write-undeclared', body: NEXT, declaration: {} },
    {
      what: 'of another lineage',
      code: 'write-other-lineage',
      body: stateBytes(8, { lineage: 'two' }),
    },
    { what: 'of a lower serial', code: 'write-backwards', body: stateBytes(6) },
    { what: 'of the same serial and other bytes', code: 'write-backwards', body: stateBytes(7) },
    { what: 'without any resource', code: 'write-empties', body: stateBytes(8, { instances: 0 }) },
    { what: 'that is none', code: 'write-no-state', body: Buffer.from('{"version":4}') },
  ];

  test.each(Refused)('$what is refused: $code', async ({ code, body, declaration }) => {
    const scene = await new Scene().withState();
    const run = await locked(scene, declaration === undefined ? {} : { declaration });
    expect((await run.write(body)).status).toBe(403);
    expect(run.session.findings).toMatchObject([{ code, exitCode: 2 }]);
    expect(scene.stored()).toEqual(BEFORE);
  });

  test('without a lock is refused, which -lock=false would be (S11)', async () => {
    const scene = await new Scene().withState();
    const run = await scene.run();
    await run.read();
    expect((await run.write(NEXT)).status).toBe(403);
    expect(run.codes).toEqual(['write-without-lock']);
    expect(scene.stored()).toEqual(BEFORE);
  });

  test('without any resource is what a destroy writes', async () => {
    const scene = await new Scene().withState();
    const run = await locked(scene, { declaration: { writes: true, destroys: true } });
    expect((await run.write(stateBytes(8, { instances: 0 }))).status).toBe(200);
  });
});

describe('the state of the stack that restarts its own store', () => {
  const Own = { state: { ...STATE, holdsOwnStore: true } };

  /** A store that nobody can reach for so many requests from the first writing on. */
  function restarting(scene: Scene, requests: number) {
    let left = requests;
    let begun = false;
    return {
      send: async (request: StoreRequest) => {
        begun ||= request.method === 'PUT' && request.key === STATE.key;
        if (begun && left > 0) {
          left -= 1;
          if (left % 2 === 0) throw new StoreTrouble('refused', 'nobody listens there');
          return { status: 503, headers: {}, body: Buffer.alloc(0) };
        }
        return await scene.store.send(request);
      },
    };
  }

  test('is held until the store is back', async () => {
    const scene = await new Scene().withState();
    const run = await locked(scene, { ...Own, store: restarting(scene, 7) });
    expect((await run.write(NEXT)).status).toBe(200);
    expect((await run.unlock()).status).toBe(204);
    expect(scene.stored()).toEqual(NEXT);
    expect(run.codes).toEqual([]);
  });

  test('is held no longer than was stated, and then kept for recovery', async () => {
    const scene = await new Scene().withState();
    const store = restarting(scene, Number.POSITIVE_INFINITY);
    const run = await locked(scene, { ...Own, store, restartMs: 30 });
    expect((await run.write(NEXT)).status).toBe(403);
    expect(run.session.findings).toMatchObject([{ code: 'write-unknown', exitCode: 4 }]);
    expect(run.session.unkept).toEqual(NEXT);
  });

  test('is held no longer when the gateway ends', async () => {
    const scene = await new Scene().withState();
    const store = restarting(scene, Number.POSITIVE_INFINITY);
    const run = await locked(scene, { ...Own, store, restartMs: 600_000, pauseMs: 50 });
    const writing = run.write(NEXT);
    await run.session.end();
    expect((await writing).status).toBe(403);
    expect(run.session.unkept).toEqual(NEXT);
  });

  test('is not held where another stack writes', async () => {
    const scene = await new Scene().withState();
    const run = await locked(scene, { store: restarting(scene, 20), restartMs: 600_000 });
    expect((await run.write(NEXT)).status).toBe(403);
  });
});

test('a plan and an apply wait for the store at most six times more often than without the gateway', async () => {
  const scene = await new Scene().withState();
  const store = new CountedStore(scene.store);
  const plan = await scene.run({ store, declaration: {} });
  for (const step of [plan.list(), plan.lock(), plan.read(), plan.unlock()]) await step;
  const apply = await scene.run({ store });
  for (const step of [
    apply.list(),
    apply.lock(),
    apply.read(),
    apply.write(NEXT),
    apply.unlock(),
  ]) {
    expect((await step).status).toBeLessThan(300);
  }
  // tofu itself lists, locks, asks HEAD and GET of the state, looks at the lock and removes it; an apply writes besides.
  const [bare, allowed] = [6 + 7, 6];
  expect(store.trips).toBeGreaterThan(0);
  expect(store.trips).toBeLessThanOrEqual(bare + allowed);
});
