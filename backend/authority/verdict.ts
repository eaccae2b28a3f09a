import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import type { Printer } from '../../console/printer.ts';
import type { Check } from '../../operations/kubernetes/check.ts';

/** What a guard makes of one thing that it looked at. */
export type Judgement =
  | Check
  /** It works, but less well than declared. */
  | {
      readonly name: string;
      readonly status: 'degraded';
      readonly problem: string;
      readonly fix: string;
    }
  /** Something that was interrupted has to be recovered first. */
  | {
      readonly name: string;
      readonly status: 'pending';
      readonly problem: string;
      readonly fix: string;
    }
  /** There was nothing to look at, or nobody could be expected to: it counts neither for nor against. */
  | { readonly name: string; readonly status: 'not-run'; readonly because: string };

/** What a guard came to. */
export interface Verdict {
  readonly exitCode: ExitCode;
  /** What was judged, such as `state authority of attic`. */
  readonly title: string;
  readonly checks: readonly Judgement[];
}

/** It works, but less well than declared. */
export function degraded(name: string, problem: string, fix: string): Judgement {
  return { name, status: 'degraded', problem, fix };
}

/** Something that was interrupted has to be recovered first. */
export function pending(name: string, problem: string, fix: string): Judgement {
  return { name, status: 'pending', problem, fix };
}

/** There was nothing to look at, or nobody could be expected to. */
export function notRun(name: string, because: string): Judgement {
  return { name, status: 'not-run', because };
}

/** What outweighs what, and the code that it ends with. */
const WEIGHTS = [
  ['bad', EXIT.bad],
  ['pending', EXIT.pending],
  // What works less well may be worked with, and what is not known may not: so the unknown decides over the weak.
  ['unknown', EXIT.unknown],
  ['degraded', EXIT.degraded],
  ['good', EXIT.good],
] as const satisfies readonly (readonly [Judgement['status'], ExitCode])[];

/** The verdict over all checks: the gravest one decides. Where none was good, nothing was proved. */
export function verdictOver(title: string, checks: readonly Judgement[]): Verdict {
  const gravest = WEIGHTS.find(([status]) => checks.some((check) => check.status === status));
  return { exitCode: gravest?.[1] ?? EXIT.unknown, title, checks };
}

const MARKS: Readonly<Record<Judgement['status'], string>> = {
  good: 'ok',
  bad: 'FAIL',
  degraded: 'WEAK',
  pending: 'WAIT',
  unknown: '?',
  'not-run': '-',
};
const MARK_WIDTH = 6;

const CONCLUSIONS: Readonly<Partial<Record<ExitCode, string>>> = {
  [EXIT.good]: 'proved good',
  [EXIT.unknown]: 'not known: nothing may be changed on this ground',
  [EXIT.bad]: 'proved bad: nothing may be changed',
  [EXIT.degraded]: 'works, but less well than declared',
  [EXIT.pending]: 'something has to be recovered first',
};

/** A verdict as lines for people: each check with what to do, and the conclusion last. */
export function verdictLines(verdict: Verdict): string[] {
  return placedLines(verdict).map(({ line }) => line);
}

/** Prints a verdict as JSON, or as lines of which those that are not good go to the stream of problems. */
export function printVerdict(verdict: Verdict, printer: Printer, json = false): void {
  if (json) {
    printer.result(JSON.stringify(verdict, undefined, 2));
    return;
  }
  for (const { line, isProblem } of placedLines(verdict)) {
    if (isProblem) printer.problem(line);
    else printer.result(line);
  }
}

function placedLines({ checks, title, exitCode }: Verdict) {
  const width = Math.max(0, ...checks.map(({ name }) => name.length));
  const lines = checks.flatMap((check) => {
    const isProblem = check.status !== 'good' && check.status !== 'not-run';
    const first = `${MARKS[check.status].padEnd(MARK_WIDTH)}${check.name.padEnd(width)}  ${said(check)}`;
    const fixes = fixOf(check).map((fix) => `${' '.repeat(MARK_WIDTH)}fix: ${fix}`);
    return [first, ...fixes].map((line) => ({ line, isProblem }));
  });
  const conclusion = `${title}: ${CONCLUSIONS[exitCode] ?? `exit code ${exitCode}`}`;
  return [...lines, { line: conclusion, isProblem: exitCode !== EXIT.good }];
}

function said(check: Judgement): string {
  switch (check.status) {
    case 'good':
      return check.detail;
    case 'unknown':
      return `not known: ${check.because}`;
    case 'not-run':
      return `not run: ${check.because}`;
    default:
      return check.problem;
  }
}

function fixOf(check: Judgement): string[] {
  return 'fix' in check && check.fix !== undefined ? [check.fix] : [];
}
