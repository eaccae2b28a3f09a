import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { takeRunLock } from '../../../backend/tofu/run-lock.ts';

let work = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'flywheel-run-lock-'));
});
afterEach(() => rmSync(work, { recursive: true }));

const dead = () => spawnSync('/bin/true').pid;

describe('one run of a stack in a checkout', () => {
  test('keeps others out, with who it is and what to do', () => {
    const lock = takeRunLock(work, 'tofu-apply attic');
    expect(() => takeRunLock(work, 'tofu-plan attic')).toThrow(
      `tofu-apply attic runs in this checkout already, as process ${process.pid}\n    wait for its end, or interrupt it there; if that is no run of ours, remove ${join(work, 'running')}`,
    );
    lock.release();
    takeRunLock(work, 'tofu-plan attic').release();
    expect(readdirSync(work)).toEqual([]);
  });

  test('that was killed locks nobody out', () => {
    symlinkSync(`${dead()}:boot/1:tofu-apply attic`, join(work, 'running'));
    takeRunLock(work, 'tofu-plan attic').release();
    expect(readdirSync(work)).toEqual([]);
  });

  test.runIf(process.platform === 'linux')(
    'is not taken for another process with its number',
    () => {
      symlinkSync(`${process.pid}:another-boot/1:tofu-apply attic`, join(work, 'running'));
      takeRunLock(work, 'tofu-plan attic').release();
    },
  );

  test('is given up by its holder alone', () => {
    const lock = takeRunLock(work, 'tofu-apply attic');
    rmSync(join(work, 'running'));
    const other = `${process.ppid}::tofu-plan attic`;
    symlinkSync(other, join(work, 'running'));
    lock.release();
    expect(readdirSync(work)).toEqual(['running']);
  });

  test('needs a checkout that can be written to', () => {
    expect(() => takeRunLock('/dev/null/work', 'tofu-plan attic')).toThrow(
      '/dev/null/work cannot be made: ENOTDIR',
    );
  });
});
