import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readSettings } from '../../config/read-settings.ts';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import { reportStale, writeStale } from '../../console/generated-file.ts';
import type { Printer } from '../../console/printer.ts';
import { findTofu } from '../../operations/tofu/find-tofu.ts';
import { LIES } from '../lying-store/lies.ts';
import {
  MATRIX_DATA,
  type MatrixData,
  matrixText,
  type Row,
  readMatrix,
  rowsOf,
} from './matrix.ts';
import { MATRIX_PAGE, matrixPage } from './matrix-page.ts';
import { recordTofu } from './record-tofu.ts';

const OPTIONS = { check: { type: 'boolean' }, record: { type: 'boolean' } } as const;

/**
 * Lets every lie be told to every command, and writes what became of it as data and as a page; with `--check` says whether both
 * are what was found now. With `--record` it is told to the pinned tofu by itself as well, which takes some minutes.
 *
 * @returns 0 when all is up to date now, 2 when `--check` finds that it is not
 */
export async function writeMatrix(args: readonly string[], printer: Printer): Promise<ExitCode> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.check === true && values.record === true) {
    throw new Failure('--check writes nothing: it does not go with --record', EXIT.usage);
  }
  const settings = readSettings();
  const before = existsSync(MATRIX_DATA) ? readMatrix() : { tofu: 'not run', lies: {} };
  const recorded = values.record === true ? await record(settings) : before;
  const fresh = await rowsOf(settings);
  const lies = LIES.map(({ name }): [string, Row] => [
    name,
    { ...fresh[name], ...tofuCells(recorded.lies[name] ?? {}) },
  ]);
  const data = { tofu: recorded.tofu, lies: Object.fromEntries(lies) };
  const files = [
    { file: MATRIX_DATA, text: matrixText(data) },
    { file: MATRIX_PAGE, text: matrixPage(data) },
  ];
  return values.check === true
    ? reportStale(files, 'just store-matrix', printer)
    : writeStale(files, printer);
}

async function record(settings: Parameters<typeof recordTofu>[1]): Promise<MatrixData> {
  const tofu = await findTofu();
  if (!tofu.pinned) {
    throw new Failure(`${tofu.path} is not the pinned tofu\n    run just tools tofu`);
  }
  return { tofu: tofu.version, lies: await recordTofu(tofu, settings, LIES) };
}

/** What only tofu itself can tell. */
function tofuCells(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([column]) => column.startsWith('tofu ')));
}
