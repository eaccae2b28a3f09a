/** The exit codes of every command, for scripts. */
export const EXIT = {
  /** Done, or proved good. */
  good: 0,
  /** Could not be completed, or is not known. */
  unknown: 1,
  /** Proved bad. */
  bad: 2,
  /** Wrong words on the command line, or settings that are wrong by themselves. */
  usage: 64,
  interrupted: 130,
} as const;

/** One of the exit codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
