import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { formatPath, formatProblem, InvalidFile } from '../../config/problem.ts';
import { readYamlFile } from '../../config/yaml-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'flywheel-yaml-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TEXT = `# a comment
plain: 1
list:
  - first
  - { name: second }
map:
  "a.b": dotted
  12: number
  empty:
alias: &here { deep: [1, 2] }
again: *here
`;

describe('readYamlFile', () => {
  const file = join(folder, 'file.yaml');
  writeFileSync(file, TEXT);
  const yaml = readYamlFile(file);

  test('gives the content as plain values', () => {
    expect(yaml.content).toEqual({
      plain: 1,
      list: ['first', { name: 'second' }],
      map: { 'a.b': 'dotted', 12: 'number', empty: null },
      alias: { deep: [1, 2] },
      again: { deep: [1, 2] },
    });
  });

  test.each<[string, (string | number)[], 'value' | 'key', number, number]>([
    ['a value', ['plain'], 'value', 2, 8],
    ['a key', ['plain'], 'key', 2, 1],
    ['an item of a list', ['list', 0], 'value', 4, 5],
    ['a key within a list', ['list', 1, 'name'], 'key', 5, 7],
    ['a key with a dot in it', ['map', 'a.b'], 'value', 7, 10],
    ['a key that is a number', ['map', '12'], 'value', 8, 7],
    ['a value that is not written', ['map', 'empty'], 'value', 9, 9],
    ['what is missing, by its parent', ['map', 'nowhere', 'deeper'], 'value', 7, 3],
    ['what is missing at the top, by the first key', ['nowhere'], 'value', 2, 1],
    ['what stands behind an alias, by the alias', ['again', 'deep', 1], 'value', 11, 8],
  ])('finds the place of %s', (_, path, target, line, column) => {
    expect(yaml.locate(path, target)).toEqual({ line, column });
  });
});

describe('formatPath', () => {
  test.each<[(string | number)[], string]>([
    [['attic', 'replicas', 'min'], 'attic.replicas.min'],
    [['waivers', 0, 'rule'], 'waivers.0.rule'],
    [['labels', 'app.kubernetes.io/name'], 'labels."app.kubernetes.io/name"'],
    [['a b', ''], '"a b".""'],
    [[`glrt-${'x'.repeat(20)}`], 'a GitLab token (not shown)'],
    [[], ''],
  ])('prints %j as %s', (path, text) => {
    expect(formatPath(path)).toBe(text);
  });
});

describe('formatProblem', () => {
  const problem = {
    file: 'a.yaml',
    line: 3,
    column: 5,
    path: 'a.b',
    rule: 'be text',
    value: '7',
    remedy: 'put it into quotes',
  };

  test('says where, what must hold, what is there, and what to do', () => {
    expect(formatProblem(problem)).toBe(
      'a.yaml:3:5  a.b must be text, got 7\n    put it into quotes',
    );
    expect(formatProblem({ ...problem, path: '', value: '', remedy: '' })).toBe(
      'a.yaml:3:5  the file must be text',
    );
  });

  test('comes in the order of the file, whatever the order of finding', () => {
    const places = [
      [3, 5],
      [1, 9],
      [3, 1],
    ].map(([line = 0, column = 0]) => ({ ...problem, line, column }));
    expect(new InvalidFile(places).problems.map(({ line, column }) => `${line}:${column}`)).toEqual(
      ['1:9', '3:1', '3:5'],
    );
  });
});
