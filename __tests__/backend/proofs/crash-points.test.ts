import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GatewaySession } from '../../../backend/gateway/session.ts';
import { adoptOrphans } from '../../../backend/recovery/adopt.ts';
import { keptStates } from '../../../backend/recovery/errored-state.ts';
import { creationsIn, pendingJournals } from '../../../backend/recovery/left-journal.ts';
import { recoverState } from '../../../backend/recovery/recover.ts';
import { instancesOf, parsedState } from '../../../backend/recovery/state-difference.ts';
import { lockOf } from '../../../backend/recovery/store-lock.ts';
import { Failure } from '../../../console/failure.ts';
import { figure } from '../../support/long.ts';
import { ModelTofu } from '../recovery/model-tofu.ts';
import { BY, RecoveryGround, stateBytes, typed } from '../recovery/recovery-ground.ts';
import { Cloud, CrashingApply, type Ended, STACK } from './crashing-apply.ts';
import { FAULTS, type Fault, FaultyStore } from './faulty-store.ts';

/** So many faults of each request in every run; all of them in the long lane. */
const FAULTS_EACH = figure(1, FAULTS.length);
const LONG_MS = 1_800_000;
/** More ways to recover than this nobody goes. */
const WAYS = 4;

/** What there is before the apply. */
const BEGINNINGS = {
  'the first apply of a stack': [],
  'a later apply': ['aws_s3_bucket.one'],
} as const;

let ground: RecoveryGround;
let cloud: Cloud;
beforeEach(() => {
  ground = new RecoveryGround();
});
afterEach(() => ground.remove());

/** A stack of which so much was applied before. */
async function begin(known: readonly string[]): Promise<void> {
  ground.remove();
  ground = new RecoveryGround();
  cloud = new Cloud();
  writeFileSync(join(ground.stackFolder, 'cdk.tf.json'), JSON.stringify(STACK));
  const ids = Object.fromEntries(known.map((address) => [address, cloud.make(address)]));
  if (known.length > 0) await ground.keep(stateBytes(3, ids));
}

async function apply(store = new FaultyStore(ground.store)): Promise<Ended> {
  const firstRun = (await ground.stored()) === undefined;
  return await new CrashingApply(ground, { cloud, store, firstRun }).run();
}

/** A command as a person gives it: what is refused has a code as well. */
async function given(command: () => Promise<Ended>): Promise<Ended & { readonly said: string }> {
  try {
    return { ...(await command()), said: '' };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { exitCode: error.exitCode, findings: [], said: error.message };
  }
}

/** What is written down of what there is: in the store, in the recovery folder, or in the journal. */
async function writtenDown(): Promise<ReadonlySet<string>> {
  const states = [await ground.stored(), ...keptStates(ground.state).map((kept) => kept.bytes())];
  const inStates = states.flatMap((bytes) =>
    bytes === undefined ? [] : instancesOf(parsedState(bytes)).map(({ address }) => address),
  );
  const creations = creationsIn(pendingJournals(ground.state));
  const journalled = creations.filter(({ how }) => how !== 'failed').map(({ address }) => address);
  return new Set([...inStates, ...journalled]);
}

/** Does what the commands are for that a person is told, until nothing is left to do. */
async function recover(): Promise<void> {
  const { state, printer, store } = ground;
  for (let way = 0; way < WAYS; way += 1) {
    const lock = await lockOf(store, state);
    if (lock !== undefined) await unlock(lock.id);
    const tofu = new ModelTofu({
      state,
      store,
      witness: await ground.witness(),
      folder: ground.stackFolder,
      there: cloud.there,
    });
    const subject = { state, printer, tofu, guard: async () => {} };
    if (keptStates(state).length > 0) await recoverState(subject);
    else if (pendingJournals(state).length > 0) {
      const confirm = typed(state.stack);
      const more = { confirm, json: STACK, client: undefined, store, takesOlder: false };
      await adoptOrphans({ ...subject, ...more });
    }
  }
}

async function unlock(id: string): Promise<void> {
  const { state, store } = ground;
  const { bucket, lockKey: key } = state;
  const session = await GatewaySession.open({
    state,
    store,
    witness: await ground.witness(),
    declaration: { unlocks: id },
    region: 'us-east-1',
    by: BY,
    compareAndSwap: true,
  });
  await session.answer({ method: 'GET', bucket, key });
  const { status } = await session.answer({ method: 'DELETE', bucket, key });
  expect(status).toBe(204);
}

describe.each(Object.entries(BEGINNINGS))('%s', (_, known) => {
  test('ends well when nothing happens', async () => {
    await begin(known);
    const store = new FaultyStore(ground.store);
    expect(await apply(store)).toEqual({ exitCode: 0, findings: [] });
    expect(store.sent).toBeGreaterThan(12);
    expect(await writtenDown()).toEqual(new Set(cloud.made.map(({ address }) => address)));
  });

  test(
    `loses nothing and makes nothing twice, whatever happens at whichever request (${FAULTS_EACH} of ${FAULTS.length} faults each) (S8)`,
    async () => {
      await begin(known);
      const counted = new FaultyStore(ground.store);
      await apply(counted);
      const codes = new Set<number | undefined>();
      for (let at = 1; at <= counted.sent; at += 1) {
        for (let each = 0; each < FAULTS_EACH; each += 1) {
          const fault = FAULTS[(at * 5 + each * 7) % FAULTS.length];
          if (fault !== undefined) codes.add(await prove(known, at, fault));
        }
      }
      expect(codes).toContain(undefined);
      expect(codes).toContain(4);
    },
    LONG_MS,
  );
});

/** One fault at one request, the next run, and the way back. @returns the code of the run that it befell */
async function prove(known: readonly string[], at: number, fault: Fault) {
  const where = `request ${at}: ${fault.name}`;
  await begin(known);
  const { exitCode } = await given(() => apply(new FaultyStore(ground.store, at, fault)));
  const next = await given(() => apply());
  const lost = (await unwritten()).map((address) => `${where}: ${address}`);
  expect(lost).toEqual([]);
  await requireTold(where, next);
  await recover();
  const last = await given(() => apply());
  expect({ where, code: last.exitCode, said: last.said }).toEqual({ where, code: 0, said: '' });
  expect({ where, twice: cloud.twice }).toEqual({ where, twice: [] });
  expect(await unwritten()).toEqual([]);
  expect(keptStates(ground.state)).toEqual([]);
  return exitCode;
}

/** Whoever comes next is told what has to be done, or nothing has. A lock that is left may be that of somebody at work. */
async function requireTold(where: string, { exitCode, said }: Ended & { readonly said: string }) {
  const told = said + ground.problems.join();
  const lock = await lockOf(ground.store, ground.state);
  const names = {
    recovery: /just tofu-state-(recover|adopt) attic/.test(told),
    lock: told.includes('just tofu-unlock attic'),
  };
  if (exitCode === 0) expect({ where, lock }).toEqual({ where, lock: undefined });
  else if (exitCode === 4) expect({ where, ...names }).toMatchObject({ recovery: true });
  else expect({ where, exitCode, ...names }).toMatchObject({ exitCode: 1, lock: true });
}

/** What is there, and written down nowhere. */
async function unwritten(): Promise<string[]> {
  const written = await writtenDown();
  return cloud.made.map(({ address }) => address).filter((address) => !written.has(address));
}
