import type { ExitCode } from '../../../console/exit-code.ts';

/**
 * One kind of finding: the code that a command ends with; what the store did, continuing "the store "; what was expected; and
 * what to do now. `{stack}`, `{bucket}`, `{remembered}` and `{seen}` stand for the facts of the case.
 */
export type Sentences = readonly [
  exitCode: ExitCode,
  did: string,
  expected: string,
  remedy: string,
];

// Evidence comes before repair, and repair before another run.

export const PRESERVE =
  'apply nothing; run just rustfs-bucket-index-rca --bucket {bucket} and keep what it prints before anything is restarted';
export const ACCEPT =
  'apply nothing; find out who has put the store back; if the state that is there is the right one: just tofu-state-accept {stack}';
export const CHECK =
  'run just tofu-state-authority-deep-check {stack}, and begin again when it ends with 0';
export const RECOVER =
  'do not apply again: when the store answers, run just tofu-state-recover {stack}';
export const UNLOCK =
  'the lock may lie there for ever: look with just tofu-state-authority-deep-check {stack}, then just tofu-unlock {stack} <lock-id>';
export const ACCESS =
  'look at TOFU_BACKEND_S3_ENDPOINT, at the keys, at the certificate authority and at the network, and begin again';
export const CORRECT = 'nothing was written: give the command that was meant';
