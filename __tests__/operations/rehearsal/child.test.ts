import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Child, residentMemory } from '../../../operations/rehearsal/child.ts';
import { eventually } from '../../support/cluster-objects.ts';

const folder = mkdtempSync(join(tmpdir(), 'flywheel-child-'));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;

/** Starts Node.js with a script that says when it is there. */
async function start(script: string): Promise<{ child: Child; said: () => string }> {
  count += 1;
  const log = join(folder, `${count}.log`);
  const child = await Child.start({
    name: 'program',
    program: process.execPath,
    args: ['-e', `${script}; console.log('pid ' + process.pid)`],
    folder,
    log,
    environment: {},
  });
  const said = () => readFileSync(log, 'utf8');
  await eventually('the program', () => said().includes('pid ') || undefined);
  return { child, said };
}

const FOREVER = 'setInterval(() => {}, 1000)';

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

function pidIn(text: string): number {
  return Number(/pid (\d+)/.exec(text)?.[1]);
}

describe('a program under supervision', () => {
  test('is killed when it is stopped, with what it started', async () => {
    const { child, said } = await start(
      `${FOREVER}; const c = require('child_process').spawn('sleep', ['1000']); console.log('started ' + c.pid)`,
    );
    const grandchild = Number(/started (\d+)/.exec(said())?.[1]);
    expect(isGone(grandchild)).toBe(false);
    await child.stop();
    expect(isGone(pidIn(said()))).toBe(true);
    await eventually('what it started to go', () => isGone(grandchild) || undefined);
  });

  test('may end in its own way when it is asked to', async () => {
    const { child, said } = await start(
      `${FOREVER}; process.on('SIGTERM', () => { console.log('tidied up'); process.exit() })`,
    );
    await child.end(10_000);
    expect(said()).toContain('tidied up');
  });

  test('is killed when it does not end although it is asked to', async () => {
    const { child, said } = await start(`${FOREVER}; process.on('SIGTERM', () => {})`);
    const began = Date.now();
    await child.end(200);
    expect(Date.now() - began).toBeGreaterThanOrEqual(190);
    expect(isGone(pidIn(said()))).toBe(true);
  });

  test('is found to be gone when it ends by itself', async () => {
    const { child } = await start('setTimeout(() => {}, 100)');
    await child.gone;
    await child.stop();
  });

  test('does not outlive its supervisor, not even when that is killed', async () => {
    const script = join(folder, 'supervisor.ts');
    writeFileSync(
      script,
      `import { Child } from ${JSON.stringify(join(process.cwd(), 'operations/rehearsal/child.ts'))};
      const child = await Child.start({
        name: 'program', program: process.execPath, args: ['-e', '${FOREVER}; console.log("pid " + process.pid)'],
        folder: ${JSON.stringify(folder)}, log: ${JSON.stringify(join(folder, 'killed.log'))}, environment: {},
      });`,
    );
    const bundle = join(folder, 'supervisor.mjs');
    const { build } = await import('esbuild');
    await build({
      entryPoints: [script],
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: bundle,
    });
    const supervisor = spawn(process.execPath, [bundle], { stdio: 'ignore' });
    const read = () => {
      try {
        return pidIn(readFileSync(join(folder, 'killed.log'), 'utf8')) || undefined;
      } catch {
        return undefined;
      }
    };
    const pid = await eventually('the program', read);
    expect(isGone(pid)).toBe(false);
    supervisor.kill('SIGKILL');
    await eventually('the program to go', () => isGone(pid) || undefined);
  });

  test('has its memory told', async () => {
    const { child } = await start(FOREVER);
    const memory = await residentMemory([child.pid]);
    expect(memory.get(child.pid)).toBeGreaterThan(10 * 2 ** 20);
    await child.stop();
  });
});
