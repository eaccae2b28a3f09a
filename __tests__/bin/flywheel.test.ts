import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'flywheel-start-')));
const cache = join(folder, 'node_modules', '.cache', 'flywheel');

/** A project of one file, which the launcher bundles and runs like the real one. */
beforeAll(() => {
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'node_modules'));
  cpSync('bin/flywheel.cjs', join(folder, 'bin', 'flywheel.cjs'));
  for (const name of ['package.json', 'package-lock.json']) cpSync(name, join(folder, name));
  for (const name of ['esbuild', '@esbuild', '.package-lock.json']) {
    symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes the one file as it was some minutes ago. */
function program(text: string, minutesAgo: number): void {
  const file = join(folder, 'cli.ts');
  const then = new Date(Date.now() - minutesAgo * 60_000);
  writeFileSync(file, text);
  utimesSync(file, then, then);
}

function start(): { readonly said: string; readonly kept: string[] } {
  const { stdout, stderr } = spawnSync(process.execPath, [join(folder, 'bin', 'flywheel.cjs')], {
    encoding: 'utf8',
  });
  return { said: stdout + stderr, kept: readdirSync(cache).sort() };
}

describe('the launcher', () => {
  test('never runs old code, not even where the new text is as long as the old', () => {
    program("const word: string = 'before'; console.log(word);", 9);
    const first = start();
    expect(first).toEqual({
      said: 'before\n',
      kept: [expect.stringMatching(/^cli-v\d.*\.code$/), 'cli.cjs'],
    });
    expect(start()).toEqual(first);
    program("const word: string = 'behind'; console.log(word);", 6);
    const changed = start();
    expect(changed.said).toBe('behind\n');
    expect(changed.kept).toHaveLength(2);
    expect(changed.kept).not.toEqual(first.kept);
    expect(start()).toEqual(changed);
  });

  test('makes anew what somebody else cut short', () => {
    program("console.log('whole');", 3);
    const whole = start();
    for (const name of whole.kept) {
      writeFileSync(join(cache, name), '');
      expect(start()).toEqual(whole);
    }
  });
});
