import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BROKEN_FILES } from './broken-files.ts';
import { BROKEN_RELATIONS } from './broken-relations.ts';
import { BROKEN_VALUES } from './broken-values.ts';

const USAGE = 64;

const SAMPLE = [
  'many problems at once',
  'a YAML bomb',
  '10 MB of YAML',
  'a token as a value',
  'five fields where CloudNativePG reads six',
  'one bucket for two identities',
];

const folder = mkdtempSync(join(tmpdir(), 'flywheel-refused-'));
const outdir = join(folder, 'cdktf.out');
const result = join(outdir, 'stacks', 'attic', 'cdk.tf.json');
const file = join(folder, 'settings.yaml');
const LONG_AGO = new Date('2026-01-01T00:00:00Z');

function synth(settings: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/flywheel.cjs', 'synth'], {
    env: { ...process.env, FLYWHEEL_CONFIG: settings, CDKTF_OUTDIR: outdir },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('flywheel synth', () => {
  beforeAll(() => {
    mkdirSync(dirname(result), { recursive: true });
    writeFileSync(result, '{}');
    utimesSync(result, LONG_AGO, LONG_AGO);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const broken = [...BROKEN_VALUES, ...BROKEN_RELATIONS, ...BROKEN_FILES];

  test.each(SAMPLE)('refuses %s: its sentence, exit 64, and the last result stays', (kind) => {
    const { text, says } = broken.find((entry) => entry.kind === kind) ?? { text: '', says: [] };
    writeFileSync(file, text);
    const { status, stdout, stderr } = synth(file);
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(`${file}:`, ''));
    expect({ status, stdout, lines }).toEqual({ status: USAGE, stdout: '', lines: says });
    expect(readdirSync(outdir, { recursive: true })).toHaveLength(3);
    expect(statSync(result).mtimeMs).toBe(LONG_AGO.getTime());
  });

  test('says so when there are no settings', () => {
    const { status, stderr } = synth('config/nowhere.yaml');
    expect(status).toBe(USAGE);
    expect(stderr).toBe(
      'config/nowhere.yaml:1:1  the file must exist\n    name the settings with FLYWHEEL_CONFIG=path, or copy config/minimal.yaml\n',
    );
  });
});
