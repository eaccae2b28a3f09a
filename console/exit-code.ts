/** The exit codes of every command, for scripts. */
export const EXIT = {
  /** Done, or proved good. */
  good: 0,
  /** Could not be completed, or is not known. */
  unknown: 1,
  /** Proved bad. */
  bad: 2,
  /** Works, but less well than declared, or as an interim that has no second failure domain. */
  degraded: 3,
  /** Something that was interrupted has to be recovered first: an errored state, a journal, a stale lock. */
  pending: 4,
  /** Wrong words on the command line, or settings that are wrong by themselves. */
  usage: 64,
  interrupted: 130,
} as const;

/** One of the exit codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Of several codes the first of these counts: what is proved bad first, and what is not known before what is good. */
const WEIGHTS: readonly ExitCode[] = [
  EXIT.bad,
  EXIT.pending,
  EXIT.interrupted,
  EXIT.usage,
  EXIT.unknown,
  EXIT.degraded,
  EXIT.good,
];

/** The gravest of several exit codes; good where there is none. */
export function gravest(codes: readonly ExitCode[]): ExitCode {
  return WEIGHTS.find((code) => codes.includes(code)) ?? EXIT.good;
}
