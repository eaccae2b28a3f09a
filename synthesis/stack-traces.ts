/**
 * Runs a function in which nobody asks for stack traces.
 *
 * CDKTF captures one for every token, with an unlimited depth, to show it in errors of a token's resolution. That is a
 * fifth of the time of a large synthesis. Errors that are thrown keep theirs.
 */
export function withoutCapturedStacks<T>(work: () => T): T {
  const { captureStackTrace } = Error;
  Error.captureStackTrace = () => {};
  try {
    return work();
  } finally {
    Error.captureStackTrace = captureStackTrace;
  }
}
