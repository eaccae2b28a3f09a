import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { InvalidFile, type Problem } from '../../config/problem.ts';
import { readSettings, settingsFile } from '../../config/read-settings.ts';
import { EXAMPLES, exampleFile } from '../support/examples.ts';
import { refusalOf } from '../support/refusal.ts';
import { BROKEN_ADDRESSES } from './broken-addresses.ts';
import { BROKEN_FILES } from './broken-files.ts';
import { BROKEN_RELATIONS } from './broken-relations.ts';
import { BROKEN_RUNNERS } from './broken-runners.ts';
import { MINIMAL } from './broken-settings.ts';
import { BROKEN_SHAPES } from './broken-shapes.ts';
import { BROKEN_VALUES } from './broken-values.ts';

const BROKEN = [
  ...BROKEN_VALUES,
  ...BROKEN_SHAPES,
  ...BROKEN_RELATIONS,
  ...BROKEN_RUNNERS,
  ...BROKEN_ADDRESSES,
  ...BROKEN_FILES,
];

const folder = mkdtempSync(join(tmpdir(), 'flywheel-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(text: string | Buffer): string {
  const file = join(folder, 'settings.yaml');
  writeFileSync(file, text);
  return file;
}

function problemsOf(text: string | Buffer): readonly Problem[] {
  try {
    readSettings(written(text));
  } catch (error) {
    if (error instanceof InvalidFile) return error.problems;
    throw error;
  }
  throw new Error('the settings were not refused');
}

describe('readSettings', () => {
  test.each(EXAMPLES)('reads the shipped example %s', (name) => {
    expect(readSettings(exampleFile(name)).organization.name).not.toBe('');
  });

  test.each(BROKEN)('rejects $kind (W-C7)', ({ text, says }) => {
    const file = written(text);
    const message = refusalOf(() => readSettings(file));
    expect(message.split('\n').map((line) => line.replace(`${file}:`, ''))).toEqual(says);
  });

  test('knows far more than thirty kinds of broken settings', () => {
    expect(new Set(BROKEN.map(({ kind }) => kind)).size).toBe(BROKEN.length);
    expect(BROKEN.length).toBeGreaterThan(90);
  });

  test.each(BROKEN)('says what to do about $kind', ({ text }) => {
    expect(problemsOf(text).filter(({ remedy }) => remedy === '')).toEqual([]);
  });

  test('tells of the first hundred problems, and how many more there are', () => {
    const keys = Array.from({ length: 5000 }, (_, index) => `unknown${index}: 1\n`).join('');
    const lines = refusalOf(() => readSettings(written(MINIMAL + keys))).split('\n');
    expect(lines.filter((line) => line.includes('must be a key that exists'))).toHaveLength(100);
    expect(lines.at(-1)).toBe('and 4900 more');
  });

  test('names the file of every problem', () => {
    const file = written('organization: 1\ncluster: 2\n');
    const lines = refusalOf(() => readSettings(file)).split('\n');
    expect(lines.filter((line) => !line.startsWith('    '))).toEqual([
      `${file}:1:1  objectStore must be a map of keys, got nothing`,
      `${file}:1:15  organization must be a map of keys, got 1`,
      `${file}:2:10  cluster must be a map of keys, got 2`,
    ]);
  });

  const Copy = 'name the settings with FLYWHEEL_CONFIG=path, or copy config/minimal.yaml';

  test.each([
    ['a file that is missing', 'config/nowhere.yaml', 'exist', Copy],
    [
      'a file below a file',
      'config/minimal.yaml/x.yaml',
      'exist',
      'a part of its path is a file, not a folder',
    ],
    ['a folder', 'config', 'be a file', 'name the settings file itself'],
    ['a device', '/dev/null', 'be a file', 'devices and pipes are not read'],
    ['a name that is too long', 'x'.repeat(300), 'be readable', 'the system answers ENAMETOOLONG'],
  ])('rejects %s', (_, file, rule, remedy) => {
    expect(refusalOf(() => readSettings(file))).toBe(
      `${file}:1:1  the file must ${rule}\n    ${remedy}`,
    );
  });

  test('rejects a link that leads nowhere or to itself', () => {
    const dangling = join(folder, 'dangling.yaml');
    const circular = join(folder, 'circular.yaml');
    symlinkSync('nowhere.yaml', dangling);
    symlinkSync('circular.yaml', circular);
    expect(refusalOf(() => readSettings(dangling))).toBe(
      `${dangling}:1:1  the file must exist\n    ${Copy}`,
    );
    expect(refusalOf(() => readSettings(circular))).toBe(
      `${circular}:1:1  the file must be readable\n    the system answers ELOOP`,
    );
  });

  test('rejects what is nested too deeply to be looked at', () => {
    const file = written(`${MINIMAL}attic: ${'['.repeat(5000)}`);
    expect(refusalOf(() => readSettings(file))).toMatch(
      /:15:\d+ {2}the file must nest at most 50 levels\n {4}is this the right file\?/,
    );
  });

  test.each(['\r\n', '\n'])('reads line ends %j and a byte order mark', (lineEnd) => {
    const text = `\uFEFF${MINIMAL.replaceAll('\n', lineEnd)}attc: {}`;
    expect(refusalOf(() => readSettings(written(text)))).toContain(
      ':15:1  attc must be a key that exists',
    );
  });

  test('takes a value that is written once and used twice', () => {
    const text = `${MINIMAL}attic: { resources: &small { requests: { cpu: 50m } }, gc: { resources: *small } }\n`;
    const { resources, gc } = readSettings(written(text)).attic;
    expect([resources, gc.resources].map(({ requests }) => String(requests.cpu))).toEqual([
      '50m',
      '50m',
    ]);
  });
});

describe('settingsFile', () => {
  test('is what the environment names, else the largest example', () => {
    expect(settingsFile({ FLYWHEEL_CONFIG: 'mine.yaml' })).toBe('mine.yaml');
    expect(settingsFile({ FLYWHEEL_CONFIG: '' })).toBe('config/tinyland.yaml');
    expect(settingsFile({})).toBe('config/tinyland.yaml');
  });
});
