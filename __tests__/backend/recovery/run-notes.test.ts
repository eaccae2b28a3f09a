import { existsSync, readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HonestStore } from '../../../backend/lying-store/honest-store.ts';
import { type ServedStore, serveStore } from '../../../backend/lying-store/serve-store.ts';
import { accept } from '../../../backend/recovery/commands/accept.ts';
import { move } from '../../../backend/recovery/commands/move.ts';
import { recover } from '../../../backend/recovery/commands/recover.ts';
import {
  clearKept,
  keepErroredState,
  recoveryFolder,
} from '../../../backend/recovery/errored-state.ts';
import { openJournal } from '../../../backend/recovery/journal.ts';
import type { LockInfo } from '../../../backend/recovery/store-lock.ts';
import { restore, waitingFiles } from '../../../backend/tofu/recovery-bundle.ts';
import { showWitness } from '../../../backend/witness/command.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';
import { markOfBytes, stateBytes } from './recovery-ground.ts';
import { kill, Machine, post, posted } from './run-notes-ground.ts';

const TYPED = ['attic', '--confirm', 'attic'];
const WAITS = {
  kind: 'state',
  what: 'a state that could not be written, serial 12',
  where: '/srv/ci/12.tfstate',
} as const;

let server: TestApiServer;
let laptop: Machine;
let job: Machine;
let lines: string[];
const printer = {
  result: (line: string) => void lines.push(line),
  problem: (line: string) => void lines.push(line),
};
beforeEach(async () => {
  server = await startApiServer();
  [laptop, job] = [new Machine(server), new Machine(server)];
  lines = [];
});
afterEach(async () => {
  await server.close();
  for (const machine of [laptop, job]) machine.remove();
});

/** Asks that is made of the object from now on. */
function counted(): string[] {
  const asked: string[] = [];
  server.state.instead = (method, path) => {
    if (path.includes('flywheel-state')) asked.push(method);
    return undefined;
  };
  return asked;
}

function refuseWrites(): void {
  server.state.instead = (method) =>
    method === 'PATCH' ? { status: 500, body: { message: 'no' } } : undefined;
}

/** A run of the job that went with its machine. */
async function killedJob(waits: readonly (typeof WAITS)[] = []): Promise<void> {
  const announced = await (await job.run()).announce('apply');
  if (waits.length > 0) await announced.end(waits);
  kill(server, 'runner-7');
}

describe('the note of a run', () => {
  test('is there while it goes on, and two operators one after the other never see one', async () => {
    for (const machine of [laptop, job, laptop]) {
      expect(await machine.refusal()).toEqual({});
      const announced = await (await machine.run()).announce('apply');
      expect(posted(server)).toMatchObject([
        { what: 'apply', by: 'ada@laptop', host: hostname(), pid: process.pid, waits: [] },
      ]);
      await announced.end([]);
      expect(posted(server)).toEqual([]);
      expect(readdirSync(recoveryFolder(machine.state))).toEqual([]);
    }
    expect([...laptop.told, ...job.told]).toEqual([]);
  });

  test('costs a run that writes two requests, and one that only reads none', async () => {
    await (await job.witness()).advance('attic', markOfBytes(stateBytes(3)));
    const asked = counted();
    const witness = await laptop.witness();
    const runs = await laptop.run({ witness });
    await runs.requireNothingElsewhere();
    await witness.recall('attic');
    expect(asked).toEqual(['GET']);
    const announced = await runs.announce('apply');
    await announced.end([]);
    expect(asked).toEqual(['GET', 'PATCH', 'PATCH']);
  });

  test('is no obstacle to a witness that is advanced meanwhile', async () => {
    const witness = await laptop.witness();
    const announced = await (await laptop.run({ witness })).announce('apply');
    await witness.advance('attic', markOfBytes(stateBytes(3)));
    await (await job.witness()).advance('attic', markOfBytes(stateBytes(4)));
    await announced.end([]);
    expect(posted(server)).toEqual([]);
    expect(await witness.recall('attic')).toMatchObject({ mark: { serial: 4 } });
  });

  test('is left by one of many that begin at the same time', async () => {
    const machines = Array.from({ length: 6 }, () => new Machine(server));
    const runs = await Promise.all(machines.map((machine) => machine.run()));
    await Promise.all(runs.map((each) => each.requireNothingElsewhere()));
    const outcomes = await Promise.allSettled(runs.map((each) => each.announce('apply')));
    const refused = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    expect(refused).toHaveLength(5);
    expect(refused.map(({ exitCode }) => exitCode)).toEqual([4, 4, 4, 4, 4]);
    expect(posted(server)).toHaveLength(1);
    for (const machine of machines) machine.remove();
  });

  test('is not needed: where the cluster takes none, a person is told, and the run goes on', async () => {
    await (await job.witness()).advance('attic', markOfBytes(stateBytes(3)));
    refuseWrites();
    const announced = await (await laptop.run()).announce('apply');
    expect(laptop.told).toEqual([
      expect.stringMatching(
        /^what this run might leave is known on this machine alone: .* answers 500/,
      ),
    ]);
    server.state.instead = () => undefined;
    await announced.end([WAITS]);
    expect(posted(server)).toMatchObject([{ waits: [WAITS] }]);
  });

  test('is nowhere, and nobody is asked, where no cluster is at hand', async () => {
    const alone = { ...laptop.environment, KUBE_CONFIG_PATH: `${laptop.folder}/none` };
    Object.assign(laptop.environment, alone);
    const asked = counted();
    expect(await laptop.refusal()).toEqual({});
    await (await (await laptop.run()).announce('apply')).end([WAITS]);
    expect(asked).toEqual([]);
    expect(existsSync(recoveryFolder(laptop.state))).toBe(false);
    expect(laptop.told).toEqual([]);
  });
});

describe('a run that finds the note of another memory', () => {
  test('is told that it still goes on, as a process of this machine', async () => {
    await (await job.run()).announce('apply');
    const { exitCode, message } = await laptop.refusal();
    expect(exitCode).toBe(4);
    expect(message?.split('\n')).toEqual([
      'attic is worked on by another run',
      expect.stringMatching(/^ {4}apply by ada@laptop, begun \S+ on /),
      `        it still goes on, as process ${process.pid}`,
      '    wait until it has ended, or interrupt it with Ctrl-C there',
    ]);
    for (const command of [
      () => recover([...TYPED, '--discard'], printer, laptop.environment),
      async () => await (await laptop.run({ recovers: true })).requireQuiet(),
    ]) {
      await expect(command()).rejects.toMatchObject({ exitCode: 4 });
    }
  });

  test('is told that nobody knows how it ended, and every way on', async () => {
    await killedJob();
    const { exitCode, message } = await laptop.refusal();
    expect(exitCode).toBe(4);
    expect(message?.split('\n').slice(1)).toEqual([
      expect.stringMatching(/^ {4}apply by ada@laptop, begun \S+ on runner-7$/),
      `        it has not said how it ended; what it may have left lies there in ${job.state.memory}`,
      '    if it still goes on: wait until it has ended',
      '    with the bundle of that run: just tofu-recovery-unpack attic <file>, and just tofu-state-recover attic',
      '    when its machine is gone: just tofu-state-adopt attic, which compares what is there with the plan',
      '    when nothing of it is missing, or to give it up: just tofu-state-recover attic --discard',
    ]);
  });

  test('is told of the lock that it holds', async () => {
    await killedJob();
    const created = new Date().toISOString();
    const lock: LockInfo = { id: '77', who: 'ci@runner-7', created, operation: 'apply', info: '' };
    const { message } = await laptop.refusal({ lock });
    expect(message).toContain(`it holds the lock 77 of the state since ${created}: it still goes`);
    expect(message).toContain(
      'if nothing runs there any more: just tofu-unlock attic 77, and then',
    );
    const of = { lock: { ...lock, who: 'bob@desk' } };
    expect((await laptop.refusal(of)).message).not.toContain('77');
  });

  test('is told what waits, and on which machine', async () => {
    await killedJob([WAITS]);
    const { exitCode, message } = await laptop.refusal();
    expect(exitCode).toBe(4);
    expect(message).toContain(
      '        a state that could not be written, serial 12: /srv/ci/12.tfstate, there',
    );
    expect(message).not.toContain('if it still goes on');
    expect(await showWitness(['attic'], printer, laptop.environment)).toBe(0);
    expect(lines.at(-1)).toContain('serial 12: /srv/ci/12.tfstate, there');
  });

  test('goes on when that has left nothing but its lock, and it is gone', async () => {
    const announced = await (await job.run()).announce('apply');
    await announced.end([{ kind: 'lock', what: 'its lock was left:', where: '77' }]);
    kill(server, 'runner-7');
    const lock: LockInfo = { id: '77', who: 'ci', created: '', operation: '', info: '' };
    expect((await laptop.refusal({ lock })).exitCode).toBe(4);
    expect(await laptop.refusal()).toEqual({});
    expect(posted(server)).toEqual([]);
  });

  test('is told on its way when it only reads, and not stopped', async () => {
    await killedJob();
    const witness = await laptop.witness();
    const asked = counted();
    await witness.recall('attic');
    const seen = (await laptop.run({ witness })).seenLines();
    expect(seen).toEqual([expect.stringMatching(/^attic: apply by ada@laptop, begun/)]);
    expect(asked).toEqual(['GET']);
  });

  test('stops where somebody has written something else there, until a person removes it', async () => {
    await (await job.witness()).advance('attic', markOfBytes(stateBytes(3)));
    post(server, 'gone');
    const { exitCode, message } = await laptop.refusal();
    expect(exitCode).toBe(1);
    expect(message).toContain('just tofu-state-recover attic --discard removes it');
    await (await (await laptop.run({ recovers: true })).announce('state push')).end([]);
    expect((await laptop.refusal()).exitCode).toBe(1);
    expect(await recover([...TYPED, '--discard'], printer, laptop.environment)).toBe(0);
    expect(await laptop.refusal()).toEqual({});
  });
});

describe('the memory of a run itself', () => {
  test('takes its note away when that could not be done at its end', async () => {
    const announced = await (await job.run()).announce('apply');
    refuseWrites();
    await announced.end([]);
    expect(job.told.join('\n')).toMatch(
      /could not be taken away: .*\n {4}the next run of attic on this machine takes it away; from another one: just tofu-state-recover attic --discard/,
    );
    server.state.instead = () => undefined;
    kill(server, 'runner-7');
    expect((await laptop.refusal()).exitCode).toBe(4);
    expect(await job.refusal()).toEqual({});
    expect(posted(server)).toEqual([]);
    expect(await laptop.refusal()).toEqual({});
    expect(waitingFiles(job.state)).toEqual({});
  });

  test('takes away that of a run which died and left nothing', async () => {
    await (await job.run()).announce('state rm');
    expect((await job.refusal()).exitCode).toBe(4);
    kill(server);
    expect(await job.refusal()).toEqual({});
    expect(posted(server)).toEqual([]);
  });

  test('keeps that of a run which has left something here', async () => {
    await (await job.run()).announce('apply');
    kill(server);
    openJournal(job.state).close('failed');
    keepErroredState(job.state, job.folder, stateBytes(5));
    expect((await job.refusal()).exitCode).toBe(4);
    expect(posted(server)).toHaveLength(1);
  });

  test('does not take for recovered what was told to wait and is not here', async () => {
    await (await (await job.run()).announce('apply')).end([WAITS]);
    kill(server);
    expect((await job.refusal()).exitCode).toBe(4);
  });

  test('goes with the bundle: where it is unpacked, the note is known', async () => {
    const kept = keepErroredState(job.state, job.folder, stateBytes(12));
    if (kept === undefined) throw new Error('nothing was kept');
    await (await (await job.run()).announce('apply')).end([{ ...WAITS, where: kept.file }]);
    kill(server, 'runner-7');
    restore(laptop.state, waitingFiles(job.state));
    const runs = await laptop.run({ recovers: true });
    const notes = await runs.requireQuiet();
    expect(notes).toHaveLength(1);
    expect(runs.ofOthers(notes)).toEqual([]);
    clearKept(
      laptop.state,
      { ...kept, file: kept.file.replace(job.folder, laptop.folder) },
      'pushed',
    );
    expect(await runs.clear(notes)).toBe(true);
    expect(await laptop.refusal()).toEqual({});
    expect(waitingFiles(laptop.state)).toEqual({});
  });
});

describe('a move of a state', () => {
  const away = ['attic', '--to', 'local'];

  test('leaves a note while it goes on, and none behind', async () => {
    const bytes = stateBytes(3);
    const store = await servedStore(laptop, bytes);
    await (await laptop.witness()).advance('attic', markOfBytes(bytes));
    const asked = counted();
    expect(await move(away, printer, laptop.environment)).toBe(0);
    await store.stop();
    // The witness knows the state already, so only the note is written: twice.
    expect(asked.filter((method) => method === 'PATCH')).toHaveLength(2);
    expect(posted(server)).toEqual([]);
    expect(waitingFiles(laptop.state)).toEqual({});
  });

  test('waits for a run that is not known to have ended, and changes nothing', async () => {
    await killedJob();
    const store = await servedStore(laptop, stateBytes(3));
    await expect(move(away, printer, laptop.environment)).rejects.toMatchObject({ exitCode: 4 });
    await store.stop();
    expect(existsSync(join(laptop.state.memory, 'local'))).toBe(false);
    expect(posted(server)).toHaveLength(1);
  });
});

describe('a person who decides', () => {
  test('gives up what waits on a machine that is gone, by the name of the stack (S8)', async () => {
    await killedJob([WAITS]);
    const discard = ['--discard', '--confirm'];
    expect(await recover(['attic', ...discard, 'other'], printer, laptop.environment)).toBe(1);
    expect((await laptop.refusal()).exitCode).toBe(4);
    expect(await recover(['attic', ...discard, 'attic'], printer, laptop.environment)).toBe(0);
    expect(lines).toContain(
      '    a state that could not be written, serial 12: /srv/ci/12.tfstate, there',
    );
    expect(lines.at(-1)).toBe('attic: nothing waits to be recovered');
    expect(await laptop.refusal()).toEqual({});
  });

  test('is told when that could not be done', async () => {
    await killedJob([WAITS]);
    refuseWrites();
    expect(await recover([...TYPED, '--discard'], printer, laptop.environment)).toBe(1);
    expect(lines.at(-1)).toContain('could not be taken away');
  });

  test.each([
    [false, 0],
    [true, 4],
  ])('ends it by accepting a state, unless something waits here: %s', async (waits, left) => {
    await killedJob([WAITS]);
    const store = await servedStore(laptop, stateBytes(3));
    if (waits) keepErroredState(laptop.state, laptop.folder, stateBytes(5));
    const { lineage } = markOfBytes(stateBytes(3));
    const words = [...TYPED, '--serial', '3', '--lineage', lineage];
    expect(await accept(words, printer, laptop.environment)).toBe(0);
    await store.stop();
    expect((await laptop.refusal()).exitCode ?? 0).toBe(left);
  });
});

/** A store with a state, which the environment of a machine names. */
async function servedStore(machine: Machine, bytes: Buffer): Promise<ServedStore> {
  const keys = { accessKeyId: 'OPERATOR', secretAccessKey: 'secret-of-the-operator' };
  const store = new HonestStore({ bucket: 'tofu-state', region: 'us-east-1' });
  await store.send({ method: 'PUT', key: machine.state.key, body: bytes });
  const served = await serveStore({ store, keys, region: 'us-east-1' });
  Object.assign(machine.environment, {
    TOFU_BACKEND_S3_ENDPOINT: served.endpoint,
    TOFU_BACKEND_S3_ACCESS_KEY_ID: keys.accessKeyId,
    TOFU_BACKEND_S3_SECRET_ACCESS_KEY: keys.secretAccessKey,
  });
  return served;
}
