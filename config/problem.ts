import { printable, show } from '../values/invalid-value.ts';
import { secretShape } from '../values/secret-shape.ts';

/** Something wrong in a file that a person wrote, with everything needed to mend it. */
export interface Problem {
  readonly file: string;
  /** Counted from 1; 1 when the problem is the file as a whole. */
  readonly line: number;
  readonly column: number;
  /** Where in the file, such as `attic.replicas.min`; empty for the file as a whole. */
  readonly path: string;
  /** What must hold, continuing the word "must". */
  readonly rule: string;
  /** The value as given, ready to print; empty where there is none. */
  readonly value: string;
  /** What to do; empty where the rule says it already. */
  readonly remedy: string;
}

/** More lines are not read; the rest comes out when these are mended. */
const MAX_SHOWN = 100;

/** Thrown when files that a person wrote have problems: all of them at once. */
export class InvalidFile extends Error {
  readonly problems: readonly Problem[];

  /** The problems, brought into the order in which they stand in the file. */
  constructor(problems: readonly Problem[]) {
    const inOrder = problems.toSorted(
      (left, right) => left.line - right.line || left.column - right.column,
    );
    super(formatProblems(inOrder).join('\n'));
    this.name = 'InvalidFile';
    this.problems = inOrder;
  }
}

/** The first problems, and how many more there are. */
export function formatProblems(problems: readonly Problem[]): string[] {
  const more = problems.length - MAX_SHOWN;
  const shown = problems.slice(0, MAX_SHOWN).map(formatProblem);
  return more > 0 ? [...shown, `and ${more} more`] : shown;
}

/** One problem in two lines: where and what, then what to do. */
export function formatProblem(problem: Problem): string {
  const { file, line, column, path, rule, value, remedy } = problem;
  const subject = path === '' ? 'the file' : path;
  const got = value === '' ? '' : `, got ${value}`;
  const todo = remedy === '' ? '' : `\n    ${printable(remedy)}`;
  return `${printable(`${file}:${line}:${column}  ${subject} must ${rule}${got}`)}${todo}`;
}

/** A path as a message prints it: keys joined by ".", quoted where they are no plain words, and never a credential. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.map((part) => (isPlain(String(part)) ? String(part) : show(part))).join('.');
}

function isPlain(key: string): boolean {
  return /^[\w-]+$/.test(key) && secretShape(key) === undefined;
}
