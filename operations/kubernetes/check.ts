import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import type { Printer } from '../../console/printer.ts';

/** What a check came to. Not known is neither good nor bad. */
export type Check =
  | { readonly name: string; readonly status: 'good'; readonly detail: string }
  | {
      readonly name: string;
      readonly status: 'bad';
      readonly problem: string;
      readonly fix: string;
    }
  | {
      readonly name: string;
      readonly status: 'unknown';
      readonly because: string;
      readonly fix?: string;
    };

/** It is as it should be. */
export function good(name: string, detail: string): Check {
  return { name, status: 'good', detail };
}

/** It is proved to be otherwise. */
export function bad(name: string, problem: string, fix: string): Check {
  return { name, status: 'bad', problem, fix };
}

/** Nobody could find out. */
export function unknown(name: string, because: string, fix?: string): Check {
  return { name, status: 'unknown', because, ...(fix === undefined ? {} : { fix }) };
}

/** 2 when one is bad, 1 when one is not known, 0 when all are good. */
export function verdictOf(checks: readonly Check[]): ExitCode {
  if (checks.some(({ status }) => status === 'bad')) return EXIT.bad;
  return checks.some(({ status }) => status === 'unknown') ? EXIT.unknown : EXIT.good;
}

const MARKS = { good: 'ok', bad: 'FAIL', unknown: '?' } as const;
const MARK_WIDTH = 6;

/** Prints each check on a line, what is bad with what to do; problems go to the stream of problems. */
export function printChecks(checks: readonly Check[], printer: Printer): void {
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const check of checks) {
    const lead = `${MARKS[check.status].padEnd(MARK_WIDTH)}${check.name.padEnd(width)}  `;
    if (check.status === 'good') {
      printer.result(`${lead}${check.detail}`);
      continue;
    }
    printer.problem(
      `${lead}${check.status === 'bad' ? check.problem : `not known: ${check.because}`}`,
    );
    if (check.fix !== undefined) printer.problem(`${' '.repeat(MARK_WIDTH)}fix: ${check.fix}`);
  }
}
