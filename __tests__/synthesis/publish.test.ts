import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { publish } from '../../synthesis/publish.ts';

const LONG_AGO = new Date('2020-01-01T00:00:00Z');
const STACK = 'stacks/attic/cdk.tf.json';

let root: string;
const staging = (file = '') => join(root, 'staging', file);
const outdir = (file = '') => join(root, 'out', file);

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  utimesSync(path, LONG_AGO, LONG_AGO);
}

const entries = () => readdirSync(outdir(), { recursive: true }).sort();

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'flywheel-publish-'));
  write(staging(STACK), '{"new":1}');
});
afterEach(() => rmSync(root, { recursive: true }));

describe('publish', () => {
  test('writes everything the first time', () => {
    expect(publish(staging(), outdir())).toEqual({ written: [STACK], keptOrphans: [] });
    expect(readFileSync(outdir(STACK), 'utf8')).toBe('{"new":1}');
  });

  test('does not touch a file that is equal', () => {
    write(outdir(STACK), '{"new":1}');
    expect(publish(staging(), outdir()).written).toEqual([]);
    expect(statSync(outdir(STACK)).mtime).toEqual(LONG_AGO);
  });

  test('leaves the working files of OpenTofu in a stack alone', () => {
    for (const file of ['.terraform/terraform.tfstate', 'errored.tfstate', 'plan.tfplan']) {
      write(outdir(`stacks/attic/${file}`), 'precious');
    }
    publish(staging(), outdir());
    expect(readFileSync(outdir('stacks/attic/errored.tfstate'), 'utf8')).toBe('precious');
    expect(existsSync(outdir('stacks/attic/.terraform/terraform.tfstate'))).toBe(true);
    expect(existsSync(outdir('stacks/attic/plan.tfplan'))).toBe(true);
  });

  test('removes versions of an asset that no stack names any more, and assets without versions', () => {
    write(staging('stacks/attic/assets/chart/B/Chart.yaml'), 'new');
    write(outdir('stacks/attic/assets/chart/A/Chart.yaml'), 'old');
    write(outdir('stacks/attic/assets/gone/A/Chart.yaml'), 'old');
    publish(staging(), outdir());
    expect(existsSync(outdir('stacks/attic/assets/chart/A'))).toBe(false);
    expect(existsSync(outdir('stacks/attic/assets/chart/B/Chart.yaml'))).toBe(true);
    expect(existsSync(outdir('stacks/attic/assets/gone'))).toBe(false);
  });

  test('removes a file in an asset that is not of this result, as Helm would render it', () => {
    write(staging('stacks/attic/assets/chart/A/templates/a.yaml'), 'a');
    write(outdir('stacks/attic/assets/chart/A/templates/a.yaml.new'), 'half');
    publish(staging(), outdir());
    expect(readdirSync(outdir('stacks/attic/assets/chart/A/templates'))).toEqual(['a.yaml']);
  });

  test('removes the folder of a stack that no longer exists, with its assets and downloads', () => {
    write(outdir('stacks/renamed/cdk.tf.json'), '{}');
    write(outdir('stacks/renamed/assets/chart/A/Chart.yaml'), 'old');
    write(outdir('stacks/renamed/.terraform/providers/example/provider'), 'downloaded');
    expect(publish(staging(), outdir()).keptOrphans).toEqual([]);
    expect(existsSync(outdir('stacks/renamed'))).toBe(false);
  });

  test.each([
    'errored.tfstate',
    'terraform.tfstate',
    'terraform.tfstate.backup',
    'plan.tfplan',
    'tfplan',
    'plan',
    'plan.out',
    'x/errored.tfstate',
    'notes.txt',
    '.terraform/terraform.tfstate',
    '.terraform.tfstate.lock.info',
    '.terraform.lock.hcl',
  ])('keeps and names such a folder when it holds %s (S8)', (file) => {
    write(outdir('stacks/renamed/cdk.tf.json'), '{}');
    write(outdir(`stacks/renamed/${file}`), 'precious');
    expect(publish(staging(), outdir()).keptOrphans).toEqual([{ stack: 'renamed', holds: file }]);
    expect(readFileSync(outdir(`stacks/renamed/${file}`), 'utf8')).toBe('precious');
  });

  test('keeps a folder that never was that of a stack', () => {
    mkdirSync(outdir('stacks/photos'), { recursive: true });
    expect(publish(staging(), outdir()).keptOrphans).toEqual([
      { stack: 'photos', holds: 'no cdk.tf.json' },
    ]);
    expect(existsSync(outdir('stacks/photos'))).toBe(true);
  });

  test('leaves the old result whole when one of the new files cannot be written', () => {
    write(outdir(STACK), '{"old":1}');
    write(staging('stacks/zzz/cdk.tf.json'), '{}');
    // A file where a folder is needed, met only after the first file has been prepared.
    write(outdir('stacks/zzz'), 'in the way');
    expect(() => publish(staging(), outdir())).toThrow(/EEXIST|ENOTDIR/);
    expect(readFileSync(outdir(STACK), 'utf8')).toBe('{"old":1}');
    expect(readdirSync(outdir('stacks/attic'))).toEqual(['cdk.tf.json']);
  });

  test('leaves nothing beside its place when something is in the way of a file', () => {
    write(staging('stacks/attic/assets/chart/A/Chart.yaml'), 'new');
    mkdirSync(outdir('manifest.json'), { recursive: true });
    write(staging('manifest.json'), '{}');
    expect(() => publish(staging(), outdir())).toThrow(/EISDIR|ENOTEMPTY/);
    expect(entries().filter((name) => String(name).endsWith('.new'))).toEqual([]);
    expect(existsSync(outdir('.publishing'))).toBe(false);
  });

  test('removes what a run that was killed left beside its place, and takes over its lock', () => {
    const { pid: dead } = spawnSync(process.execPath, ['--version']);
    write(outdir(`${STACK}.flywheel-${dead}.new`), 'half');
    write(outdir(`manifest.json.flywheel-${dead}.new`), 'half');
    symlinkSync(String(dead), outdir('.publishing'));
    publish(staging(), outdir());
    expect(entries()).toEqual(['stacks', 'stacks/attic', STACK]);
  });

  test.each(['package.json', '.git', 'main.ts'])('refuses a folder that holds %s', (sign) => {
    write(outdir(sign), 'work');
    write(outdir('stacks/attic/assets/chart/A/Chart.yaml'), 'work');
    expect(() => publish(staging(), outdir())).toThrow(
      `CDKTF_OUTDIR must name a folder for the result alone, got ${JSON.stringify(outdir())}: ${sign} lies in it`,
    );
    expect(existsSync(outdir('stacks/attic/assets/chart/A/Chart.yaml'))).toBe(true);
    expect(existsSync(outdir(STACK))).toBe(false);
  });

  test('refuses a folder around the project', () => {
    const around = vi.spyOn(process, 'cwd').mockReturnValue(staging('stacks'));
    onTestFinished(() => around.mockRestore());
    expect(() => publish(staging(), root)).toThrow('the project lies in it');
  });
});
