import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { FakeMachine } from './fake-machine.ts';

const PATIENCE_MS = 15_000;

const machine = new FakeMachine();
const cli = machine.checkout();
const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  for (const pid of machine.pids.filter(isAlive)) process.kill(pid, 'SIGKILL');
  machine.forget();
});
afterAll(() => machine.remove());

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; output: string }>;
}

function tools(names: readonly string[], settings: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(process.execPath, [cli, 'tools', 'build', ...names], {
    env: machine.environment(settings),
  });
  started.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk);
    });
  }
  const ended = new Promise<{ code: number | null; output: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, output: output.replaceAll(/\d+ s$/gm, 'N s') }));
  });
  return { child, ended };
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
    await sleep(20);
  }
}

/** A process that has ended but that nobody has asked about is not alive. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
}

const compiling = () => until('Go compiles', () => machine.pids.length === 2);

describe('an interrupted build', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'by %s ends the compiler with what it started, and leaves nothing half',
    async (signal) => {
      const { child, ended } = tools(['etcd'], { FAKE_SECONDS: '60' });
      await compiling();
      child.kill(signal);
      expect(await ended).toEqual({
        code: 130,
        output:
          '[1/1] etcd 3.6.5: building\ninterrupted: nothing half built is left; the next run goes on from here\n',
      });
      await until('the compiler ends', () => !machine.pids.some(isAlive));
      expect(machine.files).toEqual([]);
      expect(existsSync(join(machine.built, 'unfinished'))).toBe(false);
    },
  );

  test('that was killed is taken over by the next', async () => {
    const { child, ended } = tools(['etcd'], { FAKE_SECONDS: '60' });
    await compiling();
    const orphans = machine.pids;
    child.kill('SIGKILL');
    await ended;
    expect(machine.files).toContain('lock');
    const next = await tools(['etcd'], { FAKE_SECONDS: '0' }).ended;
    // What a killed builder had started goes on until somebody ends it; the list above is that of the next one by now.
    for (const pid of orphans.filter(isAlive)) process.kill(pid, 'SIGKILL');
    expect(next.code).toBe(0);
    expect(next.output.split('\n').at(-2)).toBe('1 program: 1 built');
    expect(machine.files).toEqual([expect.stringMatching(/^etcd\/\S+\/etcd$/)]);
  });
});

describe('two at once', () => {
  test('build everything once, one after the other', async () => {
    const both = await Promise.all(
      [0, 1].map(() => tools(['etcd', 'kwok'], { FAKE_SECONDS: '1' }).ended),
    );
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    const outputs = both.map(({ output }) => output.split('\n'));
    expect(outputs.filter(([first]) => /^process \d+ builds tools/.test(first ?? '')).length).toBe(
      1,
    );
    for (const output of outputs) expect(output.at(-2)).toBe('2 programs: 2 built');
    expect(machine.log.map((line) => line.split('/').at(-1))).toEqual(['v3', 'kwok']);
    for (const file of machine.files) {
      expect(readFileSync(join(machine.built, file), 'utf8')).toMatch(/^#!/);
    }
    expect(machine.files.length).toBe(2);
  });

  test('of which the waiting one is interrupted leave the other alone', async () => {
    const first = tools(['etcd'], { FAKE_SECONDS: '2' });
    await compiling();
    const second = tools(['etcd']);
    let said = '';
    second.child.stdout?.on('data', (chunk) => {
      said += String(chunk);
    });
    await until('the second waits', () => said.includes('waiting for it'));
    second.child.kill('SIGINT');
    expect((await second.ended).code).toBe(130);
    expect((await first.ended).code).toBe(0);
    expect(machine.files).toEqual([expect.stringMatching(/^etcd\/\S+\/etcd$/)]);
  });
});

describe('a lock', () => {
  test.each([
    ['of a process that is gone', () => `${spawnSync('sh', ['-c', 'exit 0']).pid} \n`],
    [
      'of another process that had the number of a living one',
      () => `${process.pid} Mon Jan  1 00:00:00 2001\n`,
    ],
    ['that says nothing', () => ''],
  ])('%s is taken over', async (_, text) => {
    mkdirSync(machine.built);
    writeFileSync(join(machine.built, 'lock'), text());
    expect((await tools(['etcd']).ended).code).toBe(0);
    expect(machine.files).toEqual([expect.stringMatching(/^etcd\//)]);
  });

  test('of a living process is waited for', async () => {
    mkdirSync(machine.built);
    writeFileSync(join(machine.built, 'lock'), `${process.pid} \n`);
    const { child, ended } = tools(['etcd']);
    let said = '';
    child.stdout?.on('data', (chunk) => {
      said += String(chunk);
    });
    await until('it waits', () => said.includes(`process ${process.pid} builds tools`));
    await sleep(500);
    expect(machine.log).toEqual([]);
    writeFileSync(join(machine.built, 'lock'), '');
    expect((await ended).code).toBe(0);
  });
});
