import type { ExitCode } from '../console/exit-code.ts';

/** Something a store did that a state authority may not do. */
export interface Finding {
  /** A stable word for machines, such as `state-hidden`. */
  readonly code: string;
  /** The request, such as `GET tofu-state/attic/terraform.tfstate`. */
  readonly request: string;
  /** What the store did, for people; continues "the store ". */
  readonly did: string;
  /** What it should have done; continues "expected was ". */
  readonly expected: string;
  /** What was kept of it, and where; nothing when there was nothing to keep. */
  readonly kept?: string;
  /** What to do now: a whole sentence, with the command. */
  readonly remedy: string;
  /** The code that a command ends with because of it: 1 not known, 2 proved bad, 4 something has to be recovered first. */
  readonly exitCode: ExitCode;
}

/** A finding as lines for people. */
export function findingLines(finding: Finding): string[] {
  const { code, request, did, expected, kept, remedy } = finding;
  return [
    `${code}: the store ${did}`,
    `    request   ${request}`,
    `    expected  ${expected}`,
    ...(kept === undefined ? [] : [`    kept      ${kept}`]),
    `    now       ${remedy}`,
  ];
}
