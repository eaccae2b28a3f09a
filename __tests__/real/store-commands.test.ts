import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { missingOf } from '../../operations/rehearsal/installed.ts';
import { listenAnywhere } from '../../operations/rehearsal/ports.ts';
import { clientOf } from '../../operations/rehearsal/store/provisioning.ts';
import { eventually } from '../support/cluster-objects.ts';

const KIND = 'versitygw';
const missing = await missingOf([KIND]);
const scratch = mkdtempSync(join(tmpdir(), 'flywheel-store-commands-'));
const names: string[] = [];
const spawned: ChildProcess[] = [];

function flywheel(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['bin/flywheel.cjs', 'store', ...words],
    { encoding: 'utf8', env: { ...process.env, FLYWHEEL_CONFIG: '' } },
  );
  return { status, stdout, stderr };
}

function start(...words: string[]) {
  const child = spawn(process.execPath, ['bin/flywheel.cjs', 'store', 'up', ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  spawned.push(child);
  const said = { out: '', errors: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said.errors += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, said, ended };
}

function freshName(): string {
  const name = `cmd-${process.pid}-${names.length}`;
  names.push(name);
  return name;
}

function up(name: string, ...words: string[]) {
  return flywheel('up', '--kind', KIND, '--name', name, ...words);
}

function folderOf(name: string): string {
  return `.rehearsal/store.${name}`;
}

interface StoreJson {
  readonly state: string;
  readonly endpoint: string;
  readonly region: string;
  readonly ended?: string;
  readonly buckets: readonly {
    name: string;
    purpose: string;
    accessKeyId: string;
    secretAccessKey: string;
  }[];
  readonly variables: Readonly<Record<string, string>>;
  readonly parts: readonly { name: string; pid: number }[];
}

function statusOf(name: string): StoreJson {
  return JSON.parse(flywheel('status', '--json', '--name', name).stdout).stores[0];
}

/** Processes whose command line names a store or its folder, without those that are dead already. */
function processesOf(name: string): string[] {
  return execFileSync('ps', ['-A', '-o', 'stat=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => new RegExp(`[/ .]${name}(/|$| )`).test(line) && !line.startsWith('Z'));
}

function nothingLeft(name: string): Promise<true> {
  return eventually(`${name} to be gone`, () =>
    processesOf(name).length === 0 && !existsSync(folderOf(name)) ? true : undefined,
  );
}

afterEach(() => {
  for (const child of spawned.splice(0)) child.kill('SIGKILL');
  for (const name of names.filter((each) => existsSync(folderOf(each)))) {
    flywheel('down', '--name', name);
  }
});

afterAll(() => rmSync(scratch, { recursive: true }));

describe.skipIf(missing.length > 0)(
  `the commands of a rehearsal store${missing.length > 0 ? ` (not run: ${missing.join('; ')})` : ''}`,
  () => {
    test('begin and end one, print what the backend reads, and say when there is nothing to do', async () => {
      const name = freshName();
      const first = up(name);
      expect(first).toMatchObject({ status: 0, stderr: '' });
      expect(statSync(folderOf(name)).mode & 0o777).toBe(0o700);
      expect(statSync(`${folderOf(name)}/record`).mode & 0o777).toBe(0o600);

      const { variables, endpoint, region, buckets, state } = statusOf(name);
      expect(state).toBe('up');
      const printed = first.stdout.match(/^ {2}export \w+=\S+$/gm)?.map((line) => line.slice(9));
      expect(printed).toEqual(Object.entries(variables).map(([key, value]) => `${key}=${value}`));
      expect(buckets.map((bucket) => bucket.name)).toEqual(['attic', 'bazel-cache', 'tofu-state']);
      const send = clientOf(
        { endpoint, region },
        {
          accessKeyId: variables.TOFU_BACKEND_S3_ACCESS_KEY_ID ?? '',
          secretAccessKey: variables.TOFU_BACKEND_S3_SECRET_ACCESS_KEY ?? '',
        },
      );
      const object = `/${variables.TOFU_BACKEND_S3_BUCKET}/state`;
      expect((await send('PUT', object, { body: '{}' })).status).toBe(200);

      expect(up(name)).toMatchObject({ status: 0, stdout: first.stdout });
      expect(up(name, '--port', '1')).toMatchObject({
        status: 1,
        stderr: `store ${name} is up already, and its port is ${new URL(endpoint).port}\n    use --name for a second store, or end it: just store down --name ${name}\n`,
      });
      expect(flywheel('status', '--name', name).stdout).toContain(first.stdout.trimEnd());
      expect(flywheel('down', '--name', name)).toEqual({
        status: 0,
        stdout: `store ${name} is down, nothing of it is left\n`,
        stderr: '',
      });
      expect(processesOf(name)).toEqual([]);
      expect(existsSync(folderOf(name))).toBe(false);
    }, 60_000);

    test('let it listen where they are told, and give the same as JSON', async () => {
      const name = freshName();
      const server = createServer();
      const { port } = await listenAnywhere(server);
      await new Promise((resolve) => server.close(resolve));
      const { status, stdout } = up(
        name,
        '--address',
        '127.91.0.1',
        '--port',
        String(port),
        '--json',
      );
      expect(status).toBe(0);
      const json: StoreJson = JSON.parse(stdout);
      expect(json.endpoint).toBe(`http://127.91.0.1:${port}`);
      expect(json).toEqual({
        ...statusOf(name),
        parts: expect.anything(),
        memoryMib: expect.anything(),
      });
    }, 60_000);

    test('do not begin on a port that is taken', async () => {
      const name = freshName();
      const server = createServer();
      const { port } = await listenAnywhere(server);
      const { said, ended } = start('--kind', KIND, '--name', name, '--port', String(port));
      expect(await ended).toBe(1);
      expect(said.errors).toBe(
        `port ${port} of 127.0.0.1 is taken by another process\n    name another one with --port, or leave it out for a free one\n`,
      );
      server.close();
      await nothingLeft(name);
    }, 60_000);

    test('keep the objects of a folder that somebody named, for one server at a time', async () => {
      const [name, other] = [freshName(), freshName()];
      const data = join(scratch, 'objects');
      expect(up(name, '--data', data).status).toBe(0);
      const before = statusOf(name);
      const identity = before.buckets.find(({ purpose }) => purpose === 'attic');
      if (identity === undefined) throw new Error('there is no bucket for attic');
      const put = await clientOf(before, identity)('PUT', '/attic/kept', { body: 'kept' });
      expect(put.status).toBe(200);

      expect(up(other, '--data', data)).toMatchObject({
        status: 1,
        stderr: `store ${name} has its objects in ${data}, and only one server may\n    name another folder with --data, or end it: just store down --name ${name}\n`,
      });
      expect(flywheel('down', '--name', name).stdout).toBe(
        `store ${name} is down, nothing of it is left\nits objects stay in ${data}\n`,
      );

      expect(up(other, '--data', data).status).toBe(0);
      const after = statusOf(other);
      const fresh = after.buckets.find(({ purpose }) => purpose === 'attic');
      expect(fresh?.accessKeyId).not.toBe(identity.accessKeyId);
      const send = clientOf(after, fresh ?? identity);
      expect((await send('GET', '/attic/kept')).text).toBe('kept');
      expect((await clientOf(after, identity)('GET', '/attic/kept')).status).toBe(403);
    }, 60_000);

    test('refuse a file where a folder has to be', async () => {
      const name = freshName();
      const { status, stderr } = up(name, '--data', 'package.json');
      expect(stderr).toMatch(/package\.json\S* is a file, and a store needs a folder there/);
      expect(status).toBe(64);
      await nothingLeft(name);
    }, 60_000);

    test('say of one whose server ended in the middle why, and remove what it left', async () => {
      const name = freshName();
      expect(up(name).status).toBe(0);
      const server = statusOf(name).parts.find((part) => part.name === KIND);
      if (server === undefined) throw new Error('the server does not run');
      process.kill(-server.pid, 'SIGKILL');
      await eventually('the end to be seen', () => statusOf(name).state === 'dead' || undefined);
      expect(processesOf(name)).toEqual([]);
      const { status, stdout } = flywheel('status', '--name', name);
      expect(status).toBe(1);
      expect(stdout).toContain(
        `${name}: dead; remove what it left: just store down --name ${name}\n`,
      );
      expect(stdout).toContain(`  ${KIND} has ended; it said last:\n`);
      expect(readFileSync(`${folderOf(name)}/record`, 'utf8')).not.toContain('secretAccessKey');
      expect(flywheel('down', '--name', name).stdout).toMatch(/^removed what a dead store left/);
      await nothingLeft(name);
    }, 60_000);

    test('find one whose supervisor was killed dead, and begin it anew', async () => {
      const name = freshName();
      expect(up(name).status).toBe(0);
      const supervisor = statusOf(name).parts.find((part) => part.name === 'supervisor');
      if (supervisor === undefined) throw new Error('there is no supervisor');
      process.kill(supervisor.pid, 'SIGKILL');
      await eventually('the server to go', () => processesOf(name).length === 0 || undefined);
      expect(statusOf(name)).toMatchObject({ state: 'dead' });
      expect(statusOf(name).ended).toMatch(/^its supervisor was killed; the server said last:/);
      const again = up(name, '--json');
      expect(again.status).toBe(0);
      expect(again.stderr).toMatch(/^removed what a dead store left in/);
      expect(JSON.parse(again.stdout)).toMatchObject({ state: 'up' });
    }, 60_000);

    test.each([0.05, 0.15, 0.25, 0.35, 0.45, 0.6, 0.8, 1.2])(
      'leave nothing when the start is interrupted after %f s',
      async (seconds) => {
        const name = freshName();
        const { child, said, ended } = start('--kind', KIND, '--name', name);
        await pause(seconds * 1000);
        child.kill('SIGINT');
        await ended;
        // Once it has said that the store is up, the store stays.
        if (said.out !== '') flywheel('down', '--name', name);
        await nothingLeft(name);
      },
      60_000,
    );

    test.each([0.3, 0.5])(
      'leave nothing when whoever starts it is killed after %f s',
      async (seconds) => {
        const name = freshName();
        const { child, said, ended } = start('--kind', KIND, '--name', name);
        await pause(seconds * 1000);
        child.kill('SIGKILL');
        await ended;
        // Once it has said that the store is up, the store stays.
        if (said.out !== '') flywheel('down', '--name', name);
        await nothingLeft(name);
      },
      60_000,
    );

    test('begin one only once when two begin it at the same time', async () => {
      const name = freshName();
      const both = [1, 2].map(() => start('--kind', KIND, '--name', name));
      await Promise.all(both.map(({ ended }) => ended));
      const lines = both.map(({ said }) => said.out + said.errors);
      expect(lines.filter((text) => /^store \S+ is up: /m.test(text)).length).toBeGreaterThan(0);
      for (const text of lines) {
        expect(text).toMatch(
          /^store \S+ is up: |was taken by another command|is being started by/m,
        );
      }
      const servers = processesOf(name).filter((line) => line.includes('--iam-dir=')).length;
      // The two shells of its guard, and the server itself.
      expect(servers).toBeLessThanOrEqual(3);
      expect(statusOf(name).state).toBe('up');
      expect(flywheel('down', '--name', name).status).toBe(0);
      await nothingLeft(name);
    }, 60_000);

    test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
      'end what runs in the foreground by %s',
      async (signal) => {
        const name = freshName();
        const { child, ended } = start('--kind', KIND, '--name', name, '--foreground');
        await new Promise((resolve) => child.stdout?.once('data', resolve));
        child.kill(signal);
        expect(await ended).toBe(130);
        await nothingLeft(name);
      },
      60_000,
    );
  },
);
