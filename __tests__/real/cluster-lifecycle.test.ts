import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { missingPrograms } from '../../operations/rehearsal/cluster/installed.ts';
import { type Launched, launchCluster } from '../../operations/rehearsal/cluster/launch.ts';
import { ownCluster, ownClusterAt } from '../../operations/rehearsal/cluster/own-cluster.ts';
import { eventually } from '../support/cluster-objects.ts';

const missing = await missingPrograms();
const PARTS = 5;
let count = 0;
const running: Launched[] = [];
const spawned: ChildProcess[] = [];

afterEach(async () => {
  for (const child of spawned.splice(0)) child.kill('SIGKILL');
  await Promise.all(running.splice(0).map((launched) => launched.stop()));
});

function freshName(): string {
  count += 1;
  return `life-${process.pid}-${count}`;
}

async function launch(name: string): Promise<Launched> {
  const launched = await launchCluster({ name });
  running.push(launched);
  return launched;
}

function flywheel(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['bin/flywheel.cjs', 'cluster', ...words],
    { encoding: 'utf8', env: { ...process.env, FLYWHEEL_CONFIG: '' } },
  );
  return { status, stdout, stderr };
}

function folderOf(name: string): string {
  return `.rehearsal/${name}`;
}

/** Processes whose command line names a cluster or its folder, without those that are dead already. */
function processesOf(name: string): string[] {
  return execFileSync('ps', ['-A', '-o', 'stat=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => new RegExp(`[/ ]${name}(/|$)`).test(line) && !line.startsWith('Z'));
}

function nothingLeft(name: string): Promise<true> {
  return eventually(`${name} to be gone`, () =>
    processesOf(name).length === 0 && !existsSync(folderOf(name)) ? true : undefined,
  );
}

describe.skipIf(missing.length > 0)(
  `the life of a rehearsal cluster${missing.length > 0 ? ` (not run: ${missing.join('; ')})` : ''}`,
  () => {
    test('begins and ends by two commands, which both say when there is nothing to do', async () => {
      const name = freshName();
      const first = flywheel('up', '--name', name);
      try {
        expect(first).toMatchObject({ status: 0, stderr: '' });
        expect(first.stdout).toMatch(new RegExp(`export KUBECONFIG=\\S+/${name}/kubeconfig`));
        // What is kept of a cluster by the name of its context is kept apart from that of the real one.
        expect(first.stdout).toMatch(new RegExp(`export XDG_STATE_HOME=\\S+/${name}/state\n`));
        expect(statSync(folderOf(name)).mode & 0o777).toBe(0o700);
        const config = JSON.parse(readFileSync(`${folderOf(name)}/kubeconfig`, 'utf8'));
        expect(config['current-context']).toBe('honey');
        expect(config.contexts.map((each: { name: string }) => each.name)).toEqual([
          'honey',
          'honey-admin',
        ]);
        const again = flywheel('up', '--name', name);
        expect(again.status).toBe(0);
        expect(again.stdout).toContain(`cluster ${name} is up already\n`);
        expect(flywheel('status', '--name', name).status).toBe(0);
      } finally {
        expect(flywheel('down', '--name', name)).toMatchObject({
          status: 0,
          stdout: `cluster ${name} is down, nothing of it is left\n`,
        });
      }
      expect(processesOf(name)).toEqual([]);
      expect(existsSync(folderOf(name))).toBe(false);
      expect(flywheel('down', '--name', name)).toMatchObject({
        status: 0,
        stdout: `there is no cluster ${name}\n`,
      });
    }, 60_000);

    test('is apart from that of another', async () => {
      const names = [freshName(), freshName()] as const;
      const [one, two] = await Promise.all(names.map(launch));
      expect(one?.record.server).not.toBe(two?.record.server);
      expect(one?.record.serviceRange).not.toBe(two?.record.serviceRange);
      expect(one?.record.uid).not.toBe(two?.record.uid);
      await one?.stop();
      await nothingLeft(names[0]);
      const other = await ownCluster(names[1]);
      expect(await other.api.text('/readyz')).toBe('ok');
      expect((await ownClusterAt(other.server)).name).toBe(names[1]);
      other.api.close();
    }, 90_000);

    test('ends with its supervisor, even when that is killed', async () => {
      const name = freshName();
      const { pid } = await launch(name);
      expect(processesOf(name).length).toBeGreaterThanOrEqual(PARTS);
      process.kill(pid, 'SIGKILL');
      await eventually('the programs to go', () => processesOf(name).length === 0 || undefined);
      expect(existsSync(folderOf(name))).toBe(true);
      expect(flywheel('status', '--name', name).stdout).toMatch(/: dead; remove what it left/);
      const again = flywheel('up', '--name', name, '--port', '0');
      expect(again.status).toBe(64);
      expect(flywheel('down', '--name', name).stdout).toMatch(/^removed what a dead cluster left/);
      await nothingLeft(name);
    }, 60_000);

    test.each([
      ['before it has a folder', undefined, 100],
      ['before it has a folder, a little later', undefined, 400],
      ['when it has its folder', 'record', 0],
      ['when the API server begins', 'kube-apiserver.log', 500],
      ['when the API server answers', 'kubeconfig', 0],
      ['when everything runs', 'kwok.log', 0],
      ['when the objects of the settings are made', 'kwok.log', 400],
    ])(
      'ends when its start is interrupted %s',
      async (_, file, milliseconds) => {
        const name = freshName();
        const words = ['bin/flywheel.cjs', 'cluster', 'up', '--name', name];
        const child = spawn(process.execPath, words, { stdio: 'ignore' });
        spawned.push(child);
        const ended = new Promise((resolve) => child.once('exit', resolve));
        if (file !== undefined) {
          await eventually(file, () => existsSync(`${folderOf(name)}/${file}`) || undefined);
        }
        await pause(milliseconds);
        child.kill('SIGINT');
        // By the signal itself where Node has not come to listen for it.
        expect([130, null]).toContain(await ended);
        await nothingLeft(name);
      },
      60_000,
    );

    test.each(['SIGINT', 'SIGTERM'] as const)(
      'ends in the foreground by %s',
      async (signal) => {
        const name = freshName();
        const child = spawn(
          process.execPath,
          ['bin/flywheel.cjs', 'cluster', 'up', '--foreground', '--name', name],
          { stdio: ['ignore', 'pipe', 'inherit'] },
        );
        spawned.push(child);
        const ended = new Promise((resolve) => child.once('exit', resolve));
        await new Promise((resolve) => child.stdout?.once('data', resolve));
        child.kill(signal);
        expect(await ended).toBe(130);
        await nothingLeft(name);
      },
      60_000,
    );

    test('ends when one of its programs does, and says which', async () => {
      const name = freshName();
      const child = spawn(
        process.execPath,
        ['bin/flywheel.cjs', 'cluster', 'up', '--foreground', '--name', name],
        { stdio: ['ignore', 'pipe', 'pipe'] },
      );
      spawned.push(child);
      let errors = '';
      child.stderr?.setEncoding('utf8').on('data', (text) => {
        errors += text;
      });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      await new Promise((resolve) => child.stdout?.once('data', resolve));
      const { clusters } = JSON.parse(flywheel('status', '--json', '--name', name).stdout);
      const { pid } = clusters[0].parts.find(
        (part: { name: string }) => part.name === 'kube-scheduler',
      );
      process.kill(-pid, 'SIGKILL');
      expect(await ended).toBe(1);
      expect(errors).toMatch(/^kube-scheduler has ended; it said last:/);
      await nothingLeft(name);
    }, 60_000);

    test('does not begin on a port that is taken', async () => {
      const name = freshName();
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      const port = typeof address === 'object' ? String(address?.port) : '';
      // Not spawnSync: the process that is asked for the port is this one.
      const child = spawn(process.execPath, [
        'bin/flywheel.cjs',
        'cluster',
        'up',
        '--name',
        name,
        '--port',
        port,
      ]);
      spawned.push(child);
      let errors = '';
      child.stderr.setEncoding('utf8').on('data', (text) => {
        errors += text;
      });
      expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(1);
      expect(errors).toBe(
        `port ${port} of 127.0.0.1 is taken by another process\n    name another one with --port, or leave it out for a free one\n`,
      );
      server.close();
      await nothingLeft(name);
    });

    test('is not touched when it is not the one that was started', async () => {
      const name = freshName();
      const { record } = await launch(name);
      const file = `${folderOf(name)}/record`;
      writeFileSync(file, JSON.stringify({ ...record, uid: 'another' }));
      await expect(ownCluster(name)).rejects.toThrow(
        /is not the cluster \S+ that was started here: its kube-system has the UID [0-9a-f-]{36}, another was noted/,
      );
      await expect(ownClusterAt('https://10.1.2.3:6443')).rejects.toThrow(
        /^https:\/\/10\.1\.2\.3:6443 is no rehearsal cluster of this checkout/,
      );
    }, 60_000);
  },
);
