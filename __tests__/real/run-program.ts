import { spawn } from 'node:child_process';

/** What a program said, and how it ended. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const DEADLINE_MS = 60_000;

/** Runs a program to its end, which it has to reach within a minute. */
export function run(
  program: string,
  args: readonly string[],
  {
    input = '',
    cwd,
    environment = {},
  }: {
    readonly input?: string;
    readonly cwd?: string;
    /** Beside PATH and HOME. */
    readonly environment?: NodeJS.ProcessEnv;
  } = {},
): Promise<Ran> {
  const { PATH, HOME } = process.env;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { PATH, HOME, ...environment },
      timeout: DEADLINE_MS,
      killSignal: 'SIGKILL',
      ...(cwd === undefined ? {} : { cwd }),
    });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        said[stream] += text;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...said }));
    // A program that does not read its input ends before it has all of it.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
