import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildKey } from '../../../operations/tools/build-key.ts';
import { listTools } from '../../../operations/tools/list-command.ts';
import { locate, type ProgramName } from '../../../operations/tools/locate.ts';
import type { ToolName } from '../../../operations/tools/programs.ts';
import { FakeMachine } from './fake-machine.ts';
import { RecordingPrinter } from './recording-printer.ts';

let machine: FakeMachine;
beforeEach(() => {
  machine = new FakeMachine();
});
afterEach(() => machine.remove());

function prints(text: string): string {
  return `#!/bin/sh\ncat <<'END'\n${text}\nEND\n`;
}

function putBuilt(tool: ToolName, program: ProgramName, compiler: string): string {
  const path = join(machine.built, tool, buildKey(tool, compiler, machine.place()), program);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '', { mode: 0o755 });
  return path;
}

describe('a program on PATH', () => {
  test.each<[ProgramName, string, string]>([
    ['tofu', 'OpenTofu v1.12.6\non linux_amd64', '1.12.6'],
    ['etcd', 'etcd Version: 3.6.5\nGit SHA: Not provided\nGo Version: go1.26.8', '3.6.5'],
    ['kube-apiserver', 'Kubernetes v1.36.3', '1.36.3'],
    ['kube-controller-manager', 'Kubernetes v1.36.3', '1.36.3'],
    ['kube-scheduler', 'Kubernetes v1.36.3', '1.36.3'],
    ['kwok', 'kwok version v0.8.0 go1.26.8 (linux/amd64)', '0.8.0'],
    ['versitygw', 'Version  : v1.8.0\nBuild    : norev\nBuildTime: none', '1.8.0'],
    ['helm', 'v3.21.4', '3.21.4'],
    ['rustfs', 'rustfs 1.0.1\nbuild time   : 2026-10-03', '1.0.1'],
  ])('%s is used as it is in exactly the pinned version', async (program, said, version) => {
    machine.install(program, prints(said));
    expect(await locate(program, machine.place())).toEqual({
      status: 'found',
      program,
      path: join(machine.bin, program),
      version,
      from: 'PATH',
    });
  });

  test.each<[string, string, string]>([
    ['another version', prints('etcd Version: 3.6.50'), 'is 3.6.50'],
    ['a build of its development', prints('etcd Version: 3.6.5-dev'), 'is 3.6.5-dev'],
    ['a build of others', prints('etcd Version: 3.6.5+vendor'), 'does not say its version'],
    ['no version', prints('hello'), 'does not say its version'],
    [
      'an error',
      `${prints('etcd Version: 3.6.5')}exit 3\n`,
      'ended with 3 when asked for its version',
    ],
    [
      'nothing in time',
      '#!/bin/sh\nsleep 60\n',
      'did not answer in 0.5 s when asked for its version',
    ],
  ])('is not used when it says %s', async (_, script, because) => {
    machine.install('etcd', script);
    expect(await locate('etcd', { ...machine.place(), patienceMs: 500 })).toEqual({
      status: 'missing',
      program: 'etcd',
      because: `etcd 3.6.5 is not built, and ${join(machine.bin, 'etcd')} ${because}`,
      fix: 'just tools etcd',
    });
  });

  test('is not asked for where its version cannot tell', async () => {
    machine.install('minio', prints('minio version DEVELOPMENT.GOGET'));
    expect(await locate('minio', machine.place())).toMatchObject({
      status: 'missing',
      because: expect.stringMatching(
        /^minio 0\.0\.0-\d+-[0-9a-f]+ is not built, and no minio on PATH can tell that it is the same$/,
      ),
    });
  });

  test('is not looked for in folders that depend on where one stands', async () => {
    machine.install('etcd', prints('etcd Version: 3.6.5'));
    const { environment, ...place } = machine.place();
    const Path = 'bin:.';
    const found = await locate('etcd', { ...place, environment: { ...environment, PATH: Path } });
    expect(found).toMatchObject({ because: 'etcd 3.6.5 is not built, and no etcd is on PATH' });
  });
});

describe('a built program', () => {
  test('is found by its pins and the version of Go', async () => {
    const path = putBuilt('etcd', 'etcd', '1.26.8');
    const found = { status: 'found', program: 'etcd', path, version: '3.6.5', from: 'built' };
    expect(await locate('etcd', machine.place())).toEqual(found);
    expect(await locate('etcd', machine.place({ FAKE_GO_VERSION: '1.27.0' }))).toMatchObject({
      status: 'missing',
    });
    machine.repin('etcd', 'go.uber.org/zap v1.27.0', 'go.uber.org/zap v1.27.1');
    expect(await locate('etcd', machine.place())).toMatchObject({ status: 'missing' });
  });

  test('by the Go that is needed is found where an older Go fetches that one', async () => {
    putBuilt('etcd', 'etcd', '1.26.6');
    const old = { FAKE_GO_VERSION: '1.25.1', FAKE_GO_TOOLCHAIN: 'auto' };
    expect(await locate('etcd', machine.place(old))).toMatchObject({ from: 'built' });
  });

  test('by any Go is found where there is no Go', async () => {
    putBuilt('etcd', 'etcd', '1.26.7');
    machine.install('go', '#!/bin/sh\nexit 1\n');
    expect(await locate('etcd', machine.place())).toMatchObject({ from: 'built' });
  });

  test('gives way to one on PATH', async () => {
    putBuilt('etcd', 'etcd', '1.26.8');
    machine.install('etcd', prints('etcd Version: 3.6.5'));
    expect(await locate('etcd', machine.place())).toMatchObject({ from: 'PATH' });
  });
});

describe('the list', () => {
  test('says of every program where it is and where it is pinned', async () => {
    putBuilt('kwok', 'kwok', '1.26.8');
    machine.install('tofu', prints('OpenTofu v1.12.6'));
    const printer = new RecordingPrinter();
    expect(await listTools([], printer, machine.place())).toBe(0);
    const rows = printer.results.map((line) => line.replace(/ {2,}/g, ' | '));
    expect(rows.slice(0, 4)).toEqual([
      'program | version | from | path | pinned in',
      `tofu | 1.12.6 | PATH | ${join(machine.bin, 'tofu')} | tools/tofu`,
      'etcd | 3.6.5 | missing | just tools etcd | tools/etcd',
      'kube-apiserver | 1.36.3 | missing | just tools kube-apiserver | tools/kubernetes',
    ]);
    expect(rows[6]).toMatch(/^kwok \| 0\.8\.0 \| built \| \S+\/kwok \| tools\/kwok$/);
    expect(rows.length).toBe(15);
  });

  test('says the same as JSON', async () => {
    const printer = new RecordingPrinter();
    expect(await listTools(['--json'], printer, machine.place())).toBe(0);
    const [first] = JSON.parse(printer.results.join('\n')) as unknown[];
    expect(first).toEqual({
      status: 'missing',
      program: 'tofu',
      because: 'tofu 1.12.6 is not built, and no tofu is on PATH',
      fix: 'just tools tofu',
      version: '1.12.6',
      module: 'tools/tofu',
    });
  });
});
