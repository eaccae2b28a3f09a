const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A signal that asks for an end. */
export type EndSignal = (typeof SIGNALS)[number];

type Take = (signal: EndSignal) => void;

/** Whoever takes signals now; the runs of one process may overlap, and end in any order. */
const takers = new Set<Take>();
let giveBack: (() => void) | undefined;

/**
 * Has the signals that ask for an end mean something else for a while: what listened to them before, such as the exit of the
 * command line, does not hear of them until the last one who takes them has given them back.
 *
 * @returns gives them back
 */
export function takeSignals(take: Take): () => void {
  takers.add(take);
  giveBack ??= divert();
  return () => {
    takers.delete(take);
    if (takers.size > 0) return;
    giveBack?.();
    giveBack = undefined;
  };
}

function divert(): () => void {
  const tell = (signal: EndSignal) => {
    for (const take of takers) take(signal);
  };
  const before = SIGNALS.map((signal) => [signal, process.rawListeners(signal)] as const);
  for (const signal of SIGNALS) {
    process.removeAllListeners(signal);
    process.on(signal, tell);
  }
  return () => {
    for (const [signal, listeners] of before) {
      process.removeListener(signal, tell);
      for (const listener of listeners) process.on(signal, listener as () => void);
    }
  };
}
