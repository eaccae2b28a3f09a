import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { SupervisedFolder, SupervisedRecord } from './folder.ts';
import type { Message } from './launch.ts';

const REFUSALS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EACCES: 'it may not be written to',
  EROFS: 'the disk is read-only',
};

/** What is done under supervision, and what is said of it. */
export interface Attended<Kept extends SupervisedRecord> {
  readonly folder: SupervisedFolder<Kept>;
  /** Starts everything, stays with it until the signal is aborted, and leaves nothing running. */
  supervise(signal: AbortSignal, ready: (record: Kept) => void): Promise<ExitCode>;
  /** Tells a person that all is ready. */
  print(record: Kept): void;
}

/**
 * Is a supervisor. Launched by another process, it ends with that process unless it is told to stay; called by a person, it
 * ends with Ctrl-C.
 */
export async function attend<Kept extends SupervisedRecord>({
  folder,
  supervise,
  print,
}: Attended<Kept>): Promise<ExitCode> {
  const ending = new AbortController();
  let interrupted = false;
  // The usual way out of an interrupt is to exit at once, which would leave the folder.
  process.removeAllListeners('SIGINT');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      interrupted = true;
      ending.abort();
    });
  }
  let kept = false;
  process.once('message', (word) => {
    kept = word === 'keep';
  });
  process.once('disconnect', () => {
    if (!kept) ending.abort();
  });
  // Whoever launched this may be gone before it could be listened for.
  if (process.send !== undefined && !process.connected) return EXIT.interrupted;
  // Whoever launched this may close its end of the stream.
  process.stderr.on('error', () => {});
  const tell = (message: Message<Kept>) => process.send?.(message, undefined, undefined, () => {});
  try {
    const code = await supervise(ending.signal, (record) => {
      if (process.send === undefined) print(record);
      tell({ kind: 'ready', record });
    });
    return interrupted ? EXIT.interrupted : code;
  } catch (error) {
    const failure = explain(error, folder.path);
    tell({ kind: 'failed', message: failure.message, exitCode: failure.exitCode });
    throw failure;
  } finally {
    if (process.connected) process.disconnect();
  }
}

/** What the system refused is said in a sentence; the rest stays what it is. */
function explain(error: unknown, path: string): Failure {
  if (error instanceof Failure) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const sentence = REFUSALS[code];
  if (sentence !== undefined) return new Failure(`cannot write to ${path}: ${sentence}`);
  return new Failure(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
