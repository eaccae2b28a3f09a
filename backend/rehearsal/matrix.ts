import { readFileSync } from 'node:fs';
import type { Lie } from '../lying-store/lie.ts';
import { LIES } from '../lying-store/lies.ts';
import { type Cell, outcomeOf } from './cell.ts';
import { outcomeText } from './outcome.ts';
import type { Proved } from './ran.ts';
import { RecordedStage } from './recorded-stage.ts';

/** A column of the matrix: what is run, when the lie begins, and who is lied to. */
export interface Column extends Omit<Cell, 'lie'> {
  readonly name: string;
  /** For people. */
  readonly title: string;
}

const ours = { circumstance: 'from the beginning', who: 'flywheel' } as const;
const theirs = { circumstance: 'behind the guards', who: 'stock' } as const;

/** Every column, the promised ones first. */
export const COLUMNS: readonly Column[] = [
  { ...ours, name: 'init', title: 'init', command: 'init' },
  { ...ours, name: 'plan', title: 'plan', command: 'plan' },
  { ...ours, name: 'apply', title: 'apply', command: 'apply' },
  { ...ours, name: 'destroy', title: 'destroy', command: 'destroy' },
  { ...ours, name: 'deep check', title: 'deep check', command: 'deep check' },
  {
    ...ours,
    name: 'apply, behind the guards',
    title: 'apply',
    command: 'apply',
    circumstance: 'behind the guards',
  },
  {
    ...ours,
    name: 'apply, beside another',
    title: 'apply, while somebody else applies',
    command: 'apply',
    circumstance: 'beside another',
  },
  {
    ...ours,
    name: 'apply, racing another',
    title: 'apply, at the same moment as somebody else',
    command: 'apply',
    circumstance: 'racing another',
  },
  { ...theirs, name: 'recorded plan', title: 'plan', command: 'plan' },
  { ...theirs, name: 'recorded apply', title: 'apply', command: 'apply' },
  {
    ...theirs,
    name: 'recorded apply, beside another',
    title: 'apply, while somebody else applies',
    command: 'apply',
    circumstance: 'beside another',
  },
  {
    ...theirs,
    name: 'recorded apply, racing another',
    title: 'apply, at the same moment as somebody else',
    command: 'apply',
    circumstance: 'racing another',
  },
];

/** The outcomes of one lie, by the name of the column. */
export type Row = Readonly<Record<string, string>>;

/** What is committed: outcomes by lie and column. */
export interface MatrixData {
  /** The tofu with which the columns of stock tofu were recorded. */
  readonly tofu: string;
  readonly lies: Readonly<Record<string, Row>>;
}

/** The commands that stock tofu was recorded with. */
export const RECORDED_COMMANDS = ['plan', 'apply'] as const;

/** The column of what the real stock tofu did. */
export function tofuColumn(command: (typeof RECORDED_COMMANDS)[number]): string {
  return `tofu ${command}`;
}

export const MATRIX_DATA = 'docs/lying-store.json';

/** So many lies are told at once. */
const TOGETHER = 48;

/** The matrix as it was committed. */
export function readMatrix(file: string = MATRIX_DATA): MatrixData {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** The matrix as it is committed. */
export function matrixText(data: MatrixData): string {
  return `${JSON.stringify(data, undefined, 2)}\n`;
}

/** Lets every lie be told in every column, in this process. */
export async function rowsOf(
  settings: Proved,
  lies: readonly Lie[] = LIES,
  columns: readonly Column[] = COLUMNS,
): Promise<Record<string, Row>> {
  const rows: [string, Row][] = [];
  for (let at = 0; at < lies.length; at += TOGETHER) {
    const some = lies.slice(at, at + TOGETHER).map(async (lie): Promise<[string, Row]> => {
      const cells = columns.map(async ({ name, ...column }) => {
        const stage = await RecordedStage.open(settings);
        return [name, outcomeText(await outcomeOf(stage, { lie, ...column }))];
      });
      return [lie.name, Object.fromEntries(await Promise.all(cells))];
    });
    rows.push(...(await Promise.all(some)));
  }
  return Object.fromEntries(rows);
}
