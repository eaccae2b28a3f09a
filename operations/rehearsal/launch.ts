import { type ChildProcess, fork } from 'node:child_process';
import { resolve } from 'node:path';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';

const PROGRAM = 'bin/flywheel.cjs';
const ERROR_LINES = 10;

/** What a supervisor tells whoever launched it. */
export type Message<Kept> =
  | { readonly kind: 'ready'; readonly record: Kept }
  | { readonly kind: 'failed'; readonly message: string; readonly exitCode: ExitCode };

/** Something that runs under a supervisor, which ends with this process unless it is kept. */
export interface Launched<Kept> {
  readonly record: Kept;
  /** Process number of the supervisor. */
  readonly pid: number;
  /** Lets it live on when this process ends. */
  keep(): Promise<void>;
  /** Ends it, and waits until nothing is left. */
  stop(): Promise<void>;
}

/**
 * Runs a command as a supervisor, in a process of its own.
 *
 * The two hold on to each other by a channel: when this process goes, by Ctrl-C or by SIGKILL, before all is ready or before it
 * is kept, the supervisor takes everything down.
 *
 * @param words the command and its options
 * @param environment what is changed of that of this process
 * @throws Failure in the supervisor's words when it does not come up
 */
export async function launch<Kept>(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Launched<Kept>> {
  const supervisor = fork(resolve(PROGRAM), [...words, '--foreground'], {
    detached: true,
    execArgv: [],
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const gone = new Promise<void>((done) => supervisor.once('exit', () => done()));
  const record = await firstMessage<Kept>(supervisor);
  return {
    record,
    pid: supervisor.pid ?? 0,
    async keep() {
      await new Promise<void>((done, failed) =>
        supervisor.send('keep', (error) => (error === null ? done() : failed(error))),
      );
      supervisor.disconnect();
      supervisor.stderr?.destroy();
      supervisor.unref();
    },
    async stop() {
      if (supervisor.connected) supervisor.disconnect();
      await gone;
    },
  };
}

function firstMessage<Kept>(supervisor: ChildProcess): Promise<Kept> {
  let errors = '';
  supervisor.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  return new Promise((done, failed) => {
    supervisor.once('message', (message: Message<Kept>) => {
      if (message.kind === 'ready') done(message.record);
      else failed(new Failure(message.message, message.exitCode));
    });
    supervisor.once('error', failed);
    supervisor.once('close', (code, signal) => {
      const last = errors.trim().split('\n').slice(-ERROR_LINES).join('\n    ');
      failed(new Failure(`the supervisor ended (${signal ?? code}): ${last}`, EXIT.unknown));
    });
  });
}
