import { styleText } from 'node:util';
import type { Finding, Severity } from '../policy/finding.ts';
import type { Outcome } from './outcome.ts';

/** Writes lines for people to the standard streams; results to the one, problems to the other. */
export interface Printer {
  result(line: string): void;
  problem(line: string): void;
}

/** The standard streams of the process. */
export const STANDARD_PRINTER: Printer = {
  result: (line) => void process.stdout.write(`${line}\n`),
  problem: (line) => void process.stderr.write(`${line}\n`),
};

const COLORS: Readonly<Record<Severity, 'red' | 'yellow' | 'cyan'>> = {
  error: 'red',
  warning: 'yellow',
  notice: 'cyan',
};

/** Rows as columns that line up: text to the left, numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const numeric = header.map((_, column) => rows.every((row) => /^[\d.]/.test(row[column] ?? '')));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        numeric[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [line(header), ...rows.map(line)];
}

/** The table of stacks, as `synth` prints it. */
export function stackTable({ stacks }: Outcome): string[] {
  return table(
    ['stack', 'resources', 'size', 'time', 'state key'],
    stacks.map(({ name, resources, bytes, milliseconds, stateKey }) => [
      name,
      String(resources),
      `${(bytes / 1024).toFixed(1)} KiB`,
      `${milliseconds.toFixed(0)} ms`,
      stateKey,
    ]),
  );
}

/** A finding in two lines: what, then what to do. */
export function findingLines({ rule, severity, resource, problem, remedy }: Finding): string[] {
  const head = styleText(COLORS[severity], severity, { stream: process.stderr });
  return [`${head} ${rule}  ${resource}`, `    ${problem}`, `    fix: ${remedy}`];
}
