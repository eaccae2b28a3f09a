import { describe, expect, test } from 'vitest';
import { collect, type Subject } from '../../../backend/authority/collect.ts';
import { judge } from '../../../backend/authority/judge.ts';
import type { Judgement } from '../../../backend/authority/verdict.ts';
import { VirtualClock } from '../../../backend/lying-store/clock.ts';
import { HonestStore } from '../../../backend/lying-store/honest-store.ts';
import { LIES } from '../../../backend/lying-store/lies.ts';
import { LyingStore } from '../../../backend/lying-store/lying-store.ts';
import type { Store, StoreRequest } from '../../../backend/store/store-client.ts';
import type { Memory } from '../../../backend/witness/witness.ts';
import {
  LINEAGE,
  Recorder,
  remembers,
  STATE,
  stateBody,
  subjectOf,
  usedStore,
  witnessOf,
} from './authority-fixtures.ts';

const OTHER_LINEAGE = '11111111-6f0e-4e3e-9c0f-3d5f1a7f2b11';

async function verdictOf(store: Store, over: Partial<Subject> = {}) {
  const { exitCode, checks } = judge(await collect(subjectOf(store, over)));
  return { exitCode, of: (name: string) => checks.find((check) => check.name === name) };
}

function emptyStore(): HonestStore {
  return new HonestStore({ bucket: STATE.bucket, clock: new VirtualClock() });
}

const knows = (attic: Memory) => ({ witness: witnessOf({ attic }) });
const NEVER: Memory = { kind: 'never-seen' };
const LOST: Memory = { kind: 'unknown', because: 'the file is gone' };

describe('the deep check of a store that is as it should be', () => {
  test('proves everything with at most 25 requests, and leaves nothing behind (S7)', async () => {
    const honest = await usedStore();
    const store = new Recorder(honest);
    const evidence = await collect(subjectOf(store));
    const { exitCode, checks } = judge(evidence);
    expect(exitCode).toBe(0);
    expect(store.requests.length).toBeLessThanOrEqual(25);
    expect(checks.filter(({ status }) => status !== 'good').map(({ name }) => name)).toEqual([
      'workload',
      'disk-markers',
    ]);
    expect(checks.map(({ name }) => name)).toEqual([
      'workload',
      'disk-markers',
      'store-answers',
      'bucket-listed',
      'bucket-head',
      'witness',
      'state-readable',
      'state-standing',
      'state-head',
      'state-listed',
      'state-steady',
      'state-lock',
      'canary-write',
      'canary-overwrite',
      'canary-listed',
      'canary-delete',
      'lock-excludes',
      'lock-released',
      'lock-race',
    ]);
    expect(honest.bucketNamed(STATE.bucket)?.keys()).toEqual([STATE.key]);
  });

  test('writes only under a prefix of its own, and never to a state or its lock (S6)', async () => {
    const store = new Recorder(await usedStore());
    await collect(subjectOf(store));
    const writes = store.requests.filter((request) => /^(PUT|DELETE|POST) /.test(request));
    const own =
      /^(PUT|DELETE) tofu-state\/\.flywheel-canary\/attic\/[0-9a-f]{16}\/terraform\.tfstate(\.tflock)?$/;
    expect(writes.length).toBeGreaterThan(4);
    expect(writes.filter((request) => !own.test(request))).toEqual([]);
  });

  test('does so for many at the same time, without a false alarm', async () => {
    const store = await usedStore();
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => verdictOf(store)));
    expect(verdicts.map(({ exitCode }) => exitCode)).toEqual(Array(20).fill(0));
  });

  test('is no alarm when somebody applies between two requests, wherever that falls', async () => {
    for (let before = 0; before < 22; before += 1) {
      const honest = await usedStore();
      let asked = 0;
      const store: Store = {
        send: async (request) => {
          if (asked === before) await honest.send({ ...PUT_STATE, body: stateBody(6) });
          asked += 1;
          return honest.send(request);
        },
      };
      expect({ before, exitCode: (await verdictOf(store)).exitCode }).toEqual({
        before,
        exitCode: 0,
      });
    }
  });

  test.each([
    ['bucket keeps old versions', true],
    ['bucket keeps none', false],
  ])('proves it where the %s', async (_, versioned) => {
    const store = new HonestStore({ bucket: STATE.bucket, versioned, clock: new VirtualClock() });
    await store.send({ ...PUT_STATE, body: stateBody(5) });
    expect((await verdictOf(store)).exitCode).toBe(0);
  });

  test('reads what an encrypted state says in clear, and says what it could not see', async () => {
    const store = emptyStore();
    const body = Buffer.from(
      JSON.stringify({
        serial: 5,
        lineage: LINEAGE,
        encrypted_data: 'AAAA',
        encryption_version: 'v0',
      }),
    );
    await store.send({ ...PUT_STATE, body });
    const { exitCode, of } = await verdictOf(store, knows(remembers(body)));
    expect(exitCode).toBe(0);
    expect(of('state-readable')).toMatchObject({
      detail: `serial 5 of lineage ${LINEAGE}, encrypted, so its resources were not seen`,
    });
  });
});

const PUT_STATE: StoreRequest = { method: 'PUT', key: STATE.key };

describe('a state that is not there', () => {
  test.each<[string, Memory, boolean, number, Partial<Judgement>]>([
    ['was never seen and is declared to be new', NEVER, true, 0, { status: 'good' }],
    [
      'was never seen, and nobody says that it is new',
      NEVER,
      false,
      1,
      { status: 'unknown', fix: 'if attic was never applied, say so: --first-run' },
    ],
    ['was proved once, whatever is declared', remembers(stateBody(5)), true, 2, { status: 'bad' }],
    ['was proved once', remembers(stateBody(5)), false, 2, { status: 'bad' }],
    [
      'may have been there, as the witness is lost',
      LOST,
      true,
      1,
      {
        status: 'unknown',
        because: `there is no ${STATE.key}, and nobody knows whether there was one`,
      },
    ],
  ])('%s (S9)', async (_, memory, firstRun, exitCode, check) => {
    const verdict = await verdictOf(emptyStore(), { ...knows(memory), firstRun });
    expect(verdict.exitCode).toBe(exitCode);
    expect(verdict.of('state-readable')).toMatchObject(check);
  });

  test('is no first run when there is one', async () => {
    const verdict = await verdictOf(await usedStore(), { ...knows(NEVER), firstRun: true });
    expect(verdict.exitCode).toBe(2);
    expect(verdict.of('state-readable')).toMatchObject({
      problem: `the run is declared to be the first, and there is a state: serial 5 of lineage ${LINEAGE}, 2 resources`,
    });
  });

  test('in a bucket that is not there is an incident, never a new environment (S9)', async () => {
    const store = new Recorder(new HonestStore({ bucket: 'another', clock: new VirtualClock() }));
    const verdict = await verdictOf(store, { ...knows(NEVER), firstRun: true });
    expect(verdict.exitCode).toBe(2);
    expect(verdict.of('canary-write')).toEqual({
      name: 'canary-write',
      status: 'not-run',
      because: 'nothing is written to a store that has lost the bucket',
    });
    expect(store.requests.filter((request) => request.startsWith('PUT'))).toEqual([]);
    expect(verdict.of('bucket-head')).toMatchObject({
      fix: 'keep the evidence: just tofu-state-authority-deep-check attic --save DIR; then just rustfs-bucket-index-rca --bucket tofu-state, and no restart before it has run',
    });
  });
});

describe('a state that is there', () => {
  test.each<[string, Memory, number, string]>([
    ['the one that was proved', remembers(stateBody(5)), 0, 'is the state that was last proved'],
    [
      'one that follows it',
      remembers(stateBody(4)),
      0,
      'serial 5 follows serial 4, which was last proved',
    ],
    [
      'the first that anybody sees',
      NEVER,
      0,
      'serial 5 is trusted if all else is good: the witness knows none',
    ],
    [
      'one that nobody can compare any more',
      LOST,
      0,
      'serial 5 is trusted if all else is good: the witness knows none',
    ],
    [
      'older than the one that was proved',
      remembers(stateBody(6)),
      2,
      `serial 5 of lineage ${LINEAGE}, and serial 6 was proved before: the store has gone back`,
    ],
    [
      'another one with the same serial',
      remembers(stateBody(5, { resources: 3 })),
      2,
      `serial 5 of lineage ${LINEAGE}, and serial 5 was proved with other bytes: there are two histories`,
    ],
    [
      'of another lineage',
      remembers(stateBody(3, { lineage: OTHER_LINEAGE })),
      2,
      `serial 5 of lineage ${LINEAGE}, and lineage ${OTHER_LINEAGE} was proved before: this is another state`,
    ],
  ])('is %s', async (_, memory, exitCode, said) => {
    const verdict = await verdictOf(await usedStore(), knows(memory));
    const check = verdict.of('state-standing');
    expect({ exitCode: verdict.exitCode, check }).toMatchObject({
      exitCode,
      check: exitCode === 0 ? { detail: said } : { problem: said },
    });
  });

  test('is that of another stack', async () => {
    const memories = { attic: NEVER, 'arc-runners': remembers(stateBody(2)) };
    const verdict = await verdictOf(await usedStore(), { witness: witnessOf(memories) });
    expect(verdict.exitCode).toBe(2);
    expect(verdict.of('state-standing')).toMatchObject({
      problem: `lineage ${LINEAGE} is that of the stack arc-runners`,
    });
  });

  test('is not trusted when the witness tells of two histories', async () => {
    const contradiction: Memory = { kind: 'contradiction', because: 'two histories are told' };
    const verdict = await verdictOf(await usedStore(), knows(contradiction));
    expect(verdict.exitCode).toBe(2);
    expect(verdict.of('witness')).toMatchObject({
      fix: 'find out which history is the true one, and then: just tofu-state-accept attic --serial N --lineage L',
    });
  });
});

describe('the lock of a state', () => {
  async function withLock(body: string) {
    const store = await usedStore();
    await store.send({ method: 'PUT', key: STATE.lockKey, body: Buffer.from(body) });
    return verdictOf(store);
  }
  const lockSince = (hours: number) =>
    JSON.stringify({
      ID: 'a0b1',
      Who: 'ada@laptop',
      Operation: 'OperationTypeApply',
      Created: new Date(Date.now() - hours * 3_600_000).toISOString(),
    });

  test('that somebody holds now is told, and is no fault of the store (S11)', async () => {
    const verdict = await withLock(lockSince(0.5));
    expect(verdict.exitCode).toBe(0);
    expect(verdict.of('state-lock')).toMatchObject({
      detail:
        'held by ada@laptop for OperationTypeApply for 30 minutes, as a0b1: tofu will refuse to begin before it is released',
    });
  });

  test('that was left behind has to be given back first (S11)', async () => {
    const verdict = await withLock(lockSince(9));
    expect(verdict.exitCode).toBe(4);
    expect(verdict.of('state-lock')).toEqual({
      name: 'state-lock',
      status: 'pending',
      problem: 'held by ada@laptop for OperationTypeApply for 9 hours, as a0b1',
      fix: 'make sure that this run is over, and then: just tofu-unlock attic a0b1',
    });
  });

  test.each(['', '{"ID":"a0b1","Who":', '{"ID":7}'])(
    'that names nobody is bad: %j',
    async (body) => {
      const verdict = await withLock(body);
      expect(verdict.exitCode).toBe(2);
    },
  );
});

describe('what the check could not remove', () => {
  test('is named, with what it is not', async () => {
    const honest = await usedStore();
    const lies = LIES.filter(({ name }) => name === 'unlock-denied');
    const verdict = await verdictOf(new LyingStore(honest, { lies }));
    expect(verdict.exitCode).toBe(1);
    const [left] = (honest.bucketNamed(STATE.bucket)?.keys() ?? []).filter((key) =>
      key.startsWith('.flywheel-canary/'),
    );
    expect(left).toMatch(/\.tflock$/);
    expect(verdict.of('canary-removed')).toEqual({
      name: 'canary-removed',
      status: 'not-run',
      because: `${left} may still be in tofu-state; no state is among them, and they can be removed`,
    });
  });
});
