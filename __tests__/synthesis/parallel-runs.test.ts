import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { withPublishLock } from '../../synthesis/publish-lock.ts';

const RUNS = 6;
const FILES = [
  'manifest.json',
  'stacks/attic/cdk.tf.json',
  'stacks/attic/assets/chart/A/templates/a.yaml',
  'stacks/attic/assets/chart/A/templates/b.yaml',
];
/** Publishes its own result again and again, as runs in two terminals do. */
const PROGRAM = `
const { publish } = require('./publish.cjs');
for (let round = 0; round < 25; round += 1) publish(process.argv[2], process.argv[3]);
`;

const root = mkdtempSync(join(tmpdir(), 'flywheel-parallel-'));
const outdir = join(root, 'out');
const program = join(root, 'program.cjs');
afterAll(() => rmSync(root, { recursive: true }));

beforeAll(async () => {
  writeFileSync(program, PROGRAM);
  await build({
    entryPoints: ['synthesis/publish.ts'],
    outfile: join(root, 'publish.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
  });
});

function start(...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function ended(child: ChildProcess): Promise<string> {
  let errors = '';
  child.stderr?.on('data', (text) => {
    errors += text;
  });
  const [code] = await once(child, 'close');
  return `${code}${errors}`;
}

describe('runs into one folder at the same time', () => {
  test('each leave a whole result of one of them, and nothing else', {
    timeout: 30_000,
  }, async () => {
    const children = Array.from({ length: RUNS }, (_, run) => {
      const staging = join(root, `staging-${run}`);
      for (const file of FILES) {
        mkdirSync(dirname(join(staging, file)), { recursive: true });
        writeFileSync(join(staging, file), `result of ${run}`);
      }
      return start(program, staging, outdir);
    });
    expect(await Promise.all(children.map(ended))).toEqual(children.map(() => '0'));
    expect(new Set(FILES.map((file) => readFileSync(join(outdir, file), 'utf8'))).size).toBe(1);
    const files = readdirSync(outdir, { recursive: true, withFileTypes: true });
    expect(files.filter((entry) => !entry.isDirectory())).toHaveLength(FILES.length);
  });

  test('say so when one of them does not come to its end', () => {
    const { pid } = start('-e', 'setTimeout(() => {}, 60_000)');
    const folder = mkdtempSync(join(root, 'held-'));
    symlinkSync(String(pid), join(folder, '.publishing'));
    const work = () => {
      throw new Error('not reached');
    };
    expect(() => withPublishLock(folder, work, 50)).toThrow(
      `the result was not written: process ${pid} is writing to the same folder`,
    );
    expect(readdirSync(folder)).toEqual(['.publishing']);
  });
});
