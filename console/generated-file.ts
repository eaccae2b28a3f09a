import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { Printer } from './printer.ts';

/** A file that is made from something else, and what it should hold. */
export interface GeneratedFile {
  readonly file: string;
  readonly text: string;
}

/**
 * Writes generated files that are not what they should be.
 *
 * @returns 0
 */
export function writeStale(files: readonly GeneratedFile[], printer: Printer): ExitCode {
  for (const { file, text } of files) {
    const stale = isStale({ file, text });
    if (stale) writeFileSync(file, text);
    printer.result(`${file}: ${stale ? 'written' : 'up to date'}`);
  }
  return EXIT.good;
}

/**
 * Says which generated files are not what they should be, and writes nothing.
 *
 * @param recipe what brings them up to date
 * @returns 0 when all are up to date, 2 when one is not
 */
export function reportStale(
  files: readonly GeneratedFile[],
  recipe: string,
  printer: Printer,
): ExitCode {
  const stale = files.filter(isStale);
  for (const { file } of stale) printer.problem(`${file} is stale\n    run ${recipe}`);
  return stale.length === 0 ? EXIT.good : EXIT.bad;
}

function isStale({ file, text }: GeneratedFile): boolean {
  return !existsSync(file) || readFileSync(file, 'utf8') !== text;
}
