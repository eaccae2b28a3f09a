import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Failure } from '../../console/failure.ts';
import { REQUIREMENTS_FILE, requirementsTable } from '../../operations/requirements/command.ts';
import { FAMILIES } from '../../operations/requirements/requirements.ts';
import { provingTests } from '../../operations/requirements/test-titles.ts';

const folder = mkdtempSync(join(tmpdir(), 'flywheel-requirements-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the table of requirements', () => {
  test('is what the titles of the tests say; `just requirements` writes it anew', () => {
    expect(readFileSync(REQUIREMENTS_FILE, 'utf8')).toBe(
      requirementsTable(provingTests('__tests__')),
    );
  });

  test('knows every family in full', () => {
    const sizes = Object.fromEntries(
      FAMILIES.map(({ prefix, members }) => [prefix, members.length]),
    );
    expect(sizes).toEqual({
      T: 9,
      S: 11,
      R: 10,
      Q: 7,
      B: 4,
      D: 3,
      H: 2,
      O: 1,
      F: 5,
      L: 20,
      'W-A': 16,
      'W-B': 30,
      'W-C': 20,
    });
  });

  test('puts each test beside what it proves, and leaves open what none proves', () => {
    const page = requirementsTable([
      { file: '__tests__/a.test.ts', title: 'a | b', ids: ['T1', 'W-B4'] },
      { file: '__tests__/a.test.ts', title: 'a | b', ids: ['T1'] },
    ]);
    const rows = page.split('\n').filter((line) => /^\| (T[12]|W-B4) /.test(line));
    expect(rows).toEqual([
      '| T1 | one cluster is the target, storage has its node | [a](../__tests__/a.test.ts): a \\| b | tested |',
      '| T2 | caches live in their namespace and in no older one |  | open |',
      '| W-B4 | five fields of a schedule where six are read | [a](../__tests__/a.test.ts): a \\| b | tested |',
    ]);
    expect(page).toContain('2 of 138 are tested.');
  });

  test('rejects a test that proves what is no requirement', () => {
    expect(() => requirementsTable([{ file: 'a.test.ts', title: 'a', ids: ['T99'] }])).toThrow(
      new Failure('a.test.ts: "a" proves T99, which is no requirement'),
    );
  });
});

describe('provingTests', () => {
  test('finds titles in every kind of quotes, and takes the ids out of them', () => {
    // Put together here, so that this file does not seem to prove them itself.
    const ids = (list: string) => `(${list})`;
    const titles = [
      `'one ${ids('T1')}'`,
      `"two ${ids('S2, W-B13')} and more"`,
      `\`three ${ids('L8')}\``,
      `'none ${ids('really')}'`,
      `'four ${ids('T1')} and ${ids('H2')}'`,
    ];
    const file = join(folder, 'a.test.ts');
    writeFileSync(file, titles.map((title) => `test(${title}, () => {});`).join('\n'));
    writeFileSync(join(folder, 'b.ts'), `test('no test file ${ids('T9')}')`);
    expect(provingTests(folder).map((found) => [found.title, found.ids])).toEqual([
      ['one', ['T1']],
      ['two and more', ['S2', 'W-B13']],
      ['three', ['L8']],
      ['four and', ['T1', 'H2']],
    ]);
  });
});
