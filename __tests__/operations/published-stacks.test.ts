import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { publishedStacks } from '../../operations/published-stacks.ts';

const folder = mkdtempSync(join(tmpdir(), 'flywheel-published-'));
const environment = { CDKTF_OUTDIR: folder };

beforeAll(() => {
  for (const name of ['runners', 'caches']) {
    mkdirSync(join(folder, 'stacks', name), { recursive: true });
    writeFileSync(join(folder, 'stacks', name, 'cdk.tf.json'), `{"name":"${name}"}`);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the stacks that lie in the folder of the result', () => {
  test('are all of them in the order of their names, or those that are named', () => {
    const names = (given: string[]) => publishedStacks(given, environment).map(({ name }) => name);
    expect(names([])).toEqual(['caches', 'runners']);
    expect(names(['runners'])).toEqual(['runners']);
    expect(publishedStacks(['runners'], environment)[0]?.json).toEqual({ name: 'runners' });
  });

  test('are known by name, and the nearest is told', () => {
    expect(() => publishedStacks(['cache'], environment)).toThrow(
      `there is no stack cache in ${folder}: did you mean caches?`,
    );
  });

  test('are not looked for in the root of the project when the environment names nothing', () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'flywheel-nothing-'));
    const before = process.cwd();
    process.chdir(elsewhere);
    try {
      mkdirSync('stacks/mine', { recursive: true });
      writeFileSync('stacks/mine/cdk.tf.json', '{}');
      expect(() => publishedStacks([], { CDKTF_OUTDIR: '' })).toThrow(
        'nothing is synthesized in cdktf.out\n    run just synth',
      );
    } finally {
      process.chdir(before);
      rmSync(elsewhere, { recursive: true });
    }
  });

  test('are JSON, or it is said which is not', () => {
    writeFileSync(join(folder, 'stacks', 'runners', 'cdk.tf.json'), '{');
    expect(() => publishedStacks(['runners'], environment)).toThrow('cdk.tf.json is not JSON');
  });
});
