import { PassThrough } from 'node:stream';
import { Exec, type KubeConfig, Log, type V1Status } from '@kubernetes/client-node';
import { WebSocketHandler } from '@kubernetes/client-node/dist/web-socket-handler.js';
import { Failure } from '../../console/failure.ts';

const EXEC_MS = 10_000;
const LOG_MS = 15_000;
const TAIL_LINES = 500;
const LOG_BYTES = 256 * 1024;
const OUTPUT_BYTES = 1024 * 1024;

/** Where a container is. */
export interface ContainerPlace {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** How a command in a container ended. */
export interface ExecResult {
  readonly succeeded: boolean;
  readonly stdout: string;
  /** What it said of its failure, or what the cluster said. */
  readonly complaint: string;
}

/** What can be had from a running pod. Everything is bounded in time and size. */
export interface PodConnection {
  /**
   * Runs a program in a container, without a shell.
   *
   * @throws Failure when it could not be run at all: no right to, no such program, no answer in time
   */
  exec(place: ContainerPlace, command: readonly string[]): Promise<ExecResult>;
  /**
   * The last lines of a container.
   *
   * @throws Failure when there are none to be had
   */
  log(place: ContainerPlace, which: { readonly previous: boolean }): Promise<string>;
}

/** The pods of the cluster of a kubeconfig. */
export class ClusterPods implements PodConnection {
  private readonly config: KubeConfig;

  constructor(config: KubeConfig) {
    this.config = config;
  }

  async exec(place: ContainerPlace, command: readonly string[]): Promise<ExecResult> {
    const what = `${command[0]} in pod ${place.pod}`;
    const [out, complaints] = [new Collected(OUTPUT_BYTES), new Collected(OUTPUT_BYTES)];
    let end: () => void = () => {};
    const running = new Promise<V1Status>((resolve, reject) => {
      const { namespace, pod, container } = place;
      new Exec(this.config, quietHandler(this.config))
        .exec(
          namespace,
          pod,
          container,
          [...command],
          out.stream,
          complaints.stream,
          null,
          false,
          (status) =>
            // What was written before it arrives in the same turn.
            setImmediate(() => resolve(status)),
        )
        .then((socket) => {
          end = () => socket.close();
          socket.addEventListener('close', () =>
            setImmediate(() => reject(new Failure(`${what} was cut off`))),
          );
        }, reject);
    });
    try {
      const { status, message = '' } = await inTime(running, EXEC_MS, what);
      const complaint = complaints.text.trim() === '' ? message : complaints.text.trim();
      // A program that is not in the image fails before it starts: that says nothing of what it was to look at.
      if (/executable file not found|no such file or directory.*exec|OCI runtime/i.test(message))
        throw new Failure(`${what} cannot be run: the image has no such program`);
      return { succeeded: status === 'Success', stdout: out.text, complaint };
    } catch (error) {
      throw refusalOf(error, what);
    } finally {
      end();
    }
  }

  async log(place: ContainerPlace, { previous }: { readonly previous: boolean }): Promise<string> {
    const { namespace, pod, container } = place;
    const what = `the log of pod ${pod}`;
    const lines = new Collected(LOG_BYTES);
    const ended = new Promise<void>((resolve, reject) => {
      lines.stream.once('end', resolve).once('error', reject);
    });
    const options = { previous, tailLines: TAIL_LINES, limitBytes: LOG_BYTES, timestamps: true };
    const asked = new Log(this.config).log(namespace, pod, container, lines.stream, options);
    try {
      await inTime(
        asked.then(() => ended),
        LOG_MS,
        what,
      );
      return lines.text;
    } catch (error) {
      throw refusalOf(error, what);
    } finally {
      asked.then((controller) => controller.abort()).catch(() => {});
    }
  }
}

/** A stream that keeps the first of what is written to it, and reads the rest away. */
class Collected {
  readonly stream = new PassThrough();
  text = '';

  constructor(limit: number) {
    this.stream.setEncoding('utf8').on('data', (part: string) => {
      if (this.text.length < limit) this.text += part.slice(0, limit - this.text.length);
    });
  }
}

/** By itself the handler closes the streams of this process when a server says so. */
export function quietHandler(config: KubeConfig): WebSocketHandler {
  const streams = {
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
  };
  return new WebSocketHandler(config, undefined, streams);
}

/** Waits, but not for ever. */
export async function inTime<T>(work: Promise<T>, limitMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Failure(`${what}: no answer within ${limitMs / 1000} s`)),
      limitMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // Whoever waited has gone; what comes late is nobody's.
    work.catch(() => {});
  }
}

const MEANINGS: Readonly<Record<string, string>> = {
  '400': 'there is none yet',
  '401': 'the cluster does not know who asks',
  '403': 'this account may not',
  '404': 'it is not there',
};

/** The library answers with errors of four shapes; each names a status somewhere. */
function refusalOf(error: unknown, what: string): Failure {
  if (error instanceof Failure) return error;
  const { message = '', code } = error as { message?: string; code?: number | string };
  const [status] = /\b[45]\d\d\b/.exec(`${code ?? ''} ${message}`) ?? [];
  if (status !== undefined && MEANINGS[status] !== undefined)
    return new Failure(`${what}: ${MEANINGS[status]} (${status})`);
  return new Failure(`${what}: ${status ?? code ?? (message === '' ? 'it fails' : message)}`);
}
