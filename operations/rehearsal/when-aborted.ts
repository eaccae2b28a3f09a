import { Failure } from '../../console/failure.ts';

/** Settles when one of the signals is aborted: with the Failure that it carries, else in peace. */
export function whenAborted(...signals: readonly AbortSignal[]): Promise<'ended'> {
  const ended = new Promise<'ended'>((resolve, reject) => {
    for (const signal of signals) {
      const settle = () =>
        signal.reason instanceof Failure ? reject(signal.reason) : resolve('ended');
      if (signal.aborted) settle();
      else signal.addEventListener('abort', settle, { once: true });
    }
  });
  ended.catch(() => {});
  return ended;
}
