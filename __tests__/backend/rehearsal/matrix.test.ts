import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { LIES } from '../../../backend/lying-store/lies.ts';
import { seededRandom } from '../../../backend/lying-store/seeded-random.ts';
import {
  COLUMNS,
  RECORDED_COMMANDS,
  readMatrix,
  rowsOf,
  tofuColumn,
} from '../../../backend/rehearsal/matrix.ts';
import { MATRIX_PAGE, matrixPage } from '../../../backend/rehearsal/matrix-page.ts';
import { readSettings } from '../../../config/read-settings.ts';
import { exampleFile } from '../../support/examples.ts';
import { figure } from '../../support/long.ts';

const SETTINGS = readSettings(exampleFile('tinyland'));
const DATA = readMatrix();

/** What every lie is told to each time. */
const PROMISED = ['init', 'plan', 'apply', 'destroy', 'deep check'];
const promised = COLUMNS.filter(({ name }) => PROMISED.includes(name));
const others = COLUMNS.filter(({ name }) => !PROMISED.includes(name));
const ours = COLUMNS.filter(({ who }) => who === 'flywheel').map(({ name }) => name);

/** Of the other columns a sample is taken; which lies it has is the same each time. */
const SHARE = figure(0.25, 1);

/** A hang is caught at the deadline of one request. */
const NO_ANSWER = /^(store-hangs|store-answers|write-unknown|lock-unknown|lock-left)$/;
const DEADLINE_S = 20;
/** A lock that is refused where none is seen may be that of somebody who comes and goes, and is asked for six times. */
const CONTENDED = /^lock-never-free$/;
const CONTENDED_S = 3.1;
const CAUGHT_S = 2;
const CAUGHT = /^caught by the [\w ]+: ([\w-]+), exit \d+, ([\d.]+) s$/;

function mostSeconds(code: string): number {
  if (NO_ANSWER.test(code)) return DEADLINE_S;
  return CONTENDED.test(code) ? CONTENDED_S : CAUGHT_S;
}

describe('the matrix of lies and commands', () => {
  test('has at least sixty lies, each in every column', () => {
    const columns = [
      ...COLUMNS.map(({ name }) => name),
      ...RECORDED_COMMANDS.map((command) => tofuColumn(command)),
    ];
    expect(LIES.length).toBeGreaterThanOrEqual(60);
    expect(Object.keys(DATA.lies)).toEqual(LIES.map(({ name }) => name));
    for (const [lie, row] of Object.entries(DATA.lies)) {
      expect({ lie, columns: Object.keys(row) }).toEqual({ lie, columns });
    }
  });

  test('has no silent cell behind guards and gateway, in any circumstance (S7, S9, S11)', () => {
    const silent = Object.entries(DATA.lies).flatMap(([lie, row]) =>
      ours.filter((column) => row[column]?.startsWith('SILENT')).map((column) => [lie, column]),
    );
    expect(silent).toEqual([]);
  });

  test('is what every lie comes to now, for each promised command', async () => {
    const rows = await rowsOf(SETTINGS, LIES, promised);
    for (const { name } of LIES) {
      expect({ lie: name, row: DATA.lies[name] }).toMatchObject({ lie: name, row: rows[name] });
    }
  });

  test('is what lies come to now behind the guards, beside others, and to tofu by itself', async () => {
    const random = seededRandom(1, 'matrix');
    const some = LIES.filter(() => random() < SHARE);
    const rows = await rowsOf(SETTINGS, some, others);
    expect(some.length).toBeGreaterThan(20);
    for (const { name } of some) {
      expect({ lie: name, row: DATA.lies[name] }).toMatchObject({ lie: name, row: rows[name] });
    }
  });

  test('catches each lie in the time that is stated', () => {
    const caught = Object.entries(DATA.lies).flatMap(([lie, row]) =>
      ours.flatMap((column) => {
        const [, code, seconds] = CAUGHT.exec(row[column] ?? '') ?? [];
        return code === undefined ? [] : [{ lie, column, code, seconds: Number(seconds) }];
      }),
    );
    expect(caught.length).toBeGreaterThan(600);
    expect(caught.filter(({ code, seconds }) => seconds > mostSeconds(code))).toEqual([]);
  });

  test('says of tofu itself and of its recorded client that they believe the same', () => {
    const silent = (column: string) =>
      LIES.map(({ name }) => name).filter(
        (name) => DATA.lies[name]?.[column]?.startsWith('SILENT') === true,
      );
    for (const command of RECORDED_COMMANDS) {
      expect(silent(`recorded ${command}`)).toEqual(silent(tofuColumn(command)));
      expect(silent(tofuColumn(command)).length).toBeGreaterThan(15);
    }
  });

  test('stands in the documentation as it stands in the data', () => {
    expect(readFileSync(MATRIX_PAGE, 'utf8')).toBe(matrixPage(DATA));
  });
});
