import { afterAll, describe, expect, type TestContext, test } from 'vitest';
import type { Lie } from '../../backend/lying-store/lie.ts';
import { LIES, lieNamed } from '../../backend/lying-store/lies.ts';
import { seededRandom } from '../../backend/lying-store/seeded-random.ts';
import { type Cell, outcomeOf } from '../../backend/rehearsal/cell.ts';
import {
  COLUMNS,
  RECORDED_COMMANDS,
  readMatrix,
  tofuColumn,
} from '../../backend/rehearsal/matrix.ts';
import { outcomeText } from '../../backend/rehearsal/outcome.ts';
import { recordTofu } from '../../backend/rehearsal/record-tofu.ts';
import { rehearseLie } from '../../backend/rehearsal/rehearse-command.ts';
import { TofuGround } from '../../backend/rehearsal/tofu-ground.ts';
import { TofuStage } from '../../backend/rehearsal/tofu-stage.ts';
import { readSettings } from '../../config/read-settings.ts';
import { EXIT } from '../../console/exit-code.ts';
import { findTofu } from '../../operations/tofu/find-tofu.ts';
import { exampleFile } from '../support/examples.ts';
import { figure } from '../support/long.ts';
import { needsProgram } from './needs.ts';

const SETTINGS = readSettings(exampleFile('tinyland'));
const DATA = readMatrix();
const MINUTES = 60_000;
/** Of what tofu does by itself, so much is looked at each time. */
const SHARE = 0.15;

/** What these come to depends on how fast tofu is: a lie lasts or waits for a second or two. */
const TIMED = [
  'late-write',
  'kept-late',
  'undone-after-a-second',
  'lock-late',
  'lock-expires',
  'lock-comes-back',
  'refused',
];

/** What is asked of every lie in every run of this lane. */
const COLUMN = 'apply, behind the guards';
const alone = COLUMNS.filter(
  ({ who, circumstance, command }) =>
    who === 'flywheel' &&
    command !== 'deep check' &&
    ['from the beginning', 'behind the guards'].includes(circumstance),
);
const columns = alone.filter(({ name }) => name === COLUMN || figure(0, 1) === 1);

let ground: TofuGround | undefined;

/** Prepared once, by the first test that finds a tofu. */
let preparing: Promise<TofuGround> | undefined;
async function groundFor(context: TestContext): Promise<TofuGround> {
  await needsProgram(context, 'tofu');
  preparing ??= findTofu().then((tofu) => TofuGround.prepare(tofu));
  ground = await preparing;
  return ground;
}

afterAll(() => ground?.remove());

/** Lets a lie be told to tofu itself behind the driver. */
async function comesTo(context: TestContext, cell: Cell): Promise<string> {
  const stage = await TofuStage.open(await groundFor(context), SETTINGS);
  try {
    return outcomeText(await outcomeOf(stage, cell));
  } finally {
    await stage.close();
  }
}

/** Without the time, which is another one here. */
function timeless(text: string | undefined): string {
  return text?.replace(/, [\d.]+ s$/, '') ?? 'not run';
}

/** No TLS is spoken on this wire, so an alert of it is no HTTP. */
function expectedOf({ name }: Lie, column: string): string {
  const text = timeless(DATA.lies[name]?.[column]);
  return name === 'tls-broken' ? text.replace('store-tls', 'store-cuts') : text;
}

function recorded(lie: string, command: (typeof RECORDED_COMMANDS)[number]): string {
  return DATA.lies[lie]?.[tofuColumn(command)] ?? 'not run';
}

/** Hangs are waited for in the long lane; in the other one the guards, which wait less, are asked. */
function columnsOf({ name }: Lie) {
  const hangs = /, exit \d+, \d\d(\.\d)? s$/.test(DATA.lies[name]?.[COLUMN] ?? '');
  return figure(hangs ? 0 : 1, 1) === 1 ? columns : alone.filter((each) => each.name === 'apply');
}

describe('tofu itself behind guards and gateway, on a store that lies', () => {
  test.concurrent.for(LIES.map(({ name }) => name))(
    '%s comes to what the matrix says (S7, S9, S11)',
    { timeout: 10 * MINUTES },
    async (told, context) => {
      const lie = lieNamed(told);
      for (const { name, title: _, ...cell } of columnsOf(lie)) {
        const outcome = await comesTo(context, { lie, ...cell });
        expect({ name, silent: outcome.startsWith('SILENT'), outcome }).toMatchObject({
          silent: false,
        });
        if (TIMED.includes(lie.name)) continue;
        expect({ name, outcome: timeless(outcome) }).toEqual({
          name,
          outcome: expectedOf(lie, name),
        });
      }
    },
  );
});

describe('tofu by itself, on a store that lies', () => {
  const patient = figure(0, 1) === 1;
  const random = seededRandom(1, 'stock');
  const some = LIES.filter(({ name }) => {
    const ends = !RECORDED_COMMANDS.some((command) => recorded(name, command).includes('no end'));
    return !TIMED.includes(name) && (patient || (ends && random() < SHARE));
  });

  test('does what is recorded of it', { timeout: 30 * MINUTES }, async (context) => {
    await needsProgram(context, 'tofu');
    const rows = await recordTofu(await findTofu(), SETTINGS, some);
    for (const { name } of some) {
      expect({ lie: name, row: DATA.lies[name] }).toMatchObject({ lie: name, row: rows[name] });
    }
  });
});

test('a rehearsal shows what tofu itself does on both sides', async (context) => {
  await needsProgram(context, 'tofu');
  const lines: string[] = [];
  const printer = { result: (line: string) => void lines.push(line), problem: () => {} };
  expect(await rehearseLie(['write-dropped'], printer)).toBe(EXIT.good);
  const text = lines.join('\n');
  expect(text).toMatch(/STOCK: OpenTofu 1\.\d+\.\d+ +FLYWHEEL: OpenTofu 1\.\d+\.\d+/);
  expect(text).toMatch(/tofu apply: exit 0 after [\d.]+ s; Apply/);
  expect(text).toContain('=> SILENT: later believed serial 2 where 3');
  expect(text).toContain('FAIL  canary-write');
  expect(text).toContain('write-lost: the store acknowledged the state and did not keep it');
  expect(text).toContain('kept      the state that was to be written');
});
