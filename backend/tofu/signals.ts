const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A signal that asks for an end. */
export type EndSignal = (typeof SIGNALS)[number];

/**
 * Has the signals that ask for an end mean something else for a while: what listened to them before, such as the exit of the
 * command line, does not hear of them.
 *
 * @returns gives them back
 */
export function takeSignals(take: (signal: EndSignal) => void): () => void {
  const before = SIGNALS.map((signal) => [signal, process.rawListeners(signal)] as const);
  for (const signal of SIGNALS) {
    process.removeAllListeners(signal);
    process.on(signal, take);
  }
  return () => {
    for (const [signal, listeners] of before) {
      process.removeListener(signal, take);
      for (const listener of listeners) process.on(signal, listener as () => void);
    }
  };
}
