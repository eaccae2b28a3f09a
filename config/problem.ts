/** Something wrong in a file that a person wrote, with everything needed to mend it. */
export interface Problem {
  readonly file: string;
  /** Counted from 1; 1 when the problem is the file as a whole. */
  readonly line: number;
  readonly column: number;
  /** Where in the settings, such as `attic.replicas.min`; empty for the file as a whole. */
  readonly path: string;
  /** What must hold, continuing the word "must". */
  readonly rule: string;
  /** The value as given, ready to print; empty where there is none. */
  readonly value: string;
  /** What to do; empty where the rule says it already. */
  readonly remedy: string;
}

/** Thrown when files that a person wrote have problems: all of them at once. */
export class InvalidFile extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.name = 'InvalidFile';
    this.problems = problems;
  }
}

/** One problem in two lines: where and what, then what to do. */
export function formatProblem(problem: Problem): string {
  const { file, line, column, path, rule, value, remedy } = problem;
  const subject = path === '' ? 'the file' : path;
  const got = value === '' ? '' : `, got ${value}`;
  const todo = remedy === '' ? '' : `\n    ${remedy}`;
  return `${file}:${line}:${column}  ${subject} must ${rule}${got}${todo}`;
}
