import { EXIT } from '../../console/exit-code.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Does work that must not leave anything behind, however it ends: the cleaning is done after it, and also when a signal or
 * anything else ends the process meanwhile.
 *
 * @param clean must be done at once: a process that ends waits for nothing
 */
export async function withCleaning<T>(clean: () => void, work: () => Promise<T>): Promise<T> {
  const leave = () => process.exit(EXIT.interrupted);
  process.once('exit', clean);
  for (const signal of SIGNALS) process.once(signal, leave);
  try {
    return await work();
  } finally {
    process.off('exit', clean);
    for (const signal of SIGNALS) process.off(signal, leave);
    clean();
  }
}
