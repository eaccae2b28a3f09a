import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeFolder } from '../../synthesis/outdir.ts';

describe('makeFolder', () => {
  test('makes a folder and those around it, and takes one that is there', () => {
    const root = mkdtempSync(join(tmpdir(), 'flywheel-folder-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    const folder = join(root, 'a/b/c');
    makeFolder(folder);
    expect(() => makeFolder(folder)).not.toThrow();
  });

  test.runIf(process.platform === 'linux')('comes back from where nothing can be made', () => {
    expect(() => makeFolder('/proc/flywheel')).toThrow(/ENOENT|EACCES|EPERM/);
  });
});
