import { type ChildProcess, spawn } from 'node:child_process';

const TAIL_LINES = 20;
const TAIL_BYTES = 16_384;

/** What is started, where, and with which environment. */
export interface Run {
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** How a compiler ended. */
export interface RunResult {
  readonly isGood: boolean;
  /** The last lines of what it printed. */
  readonly tail: string;
}

/** Compilers that run now. */
const running = new Set<ChildProcess>();

/** Runs a compiler to its end, in a process group of its own, so that what it starts can be ended with it. */
export function runCompiler({ command, args, folder, environment }: Run): Promise<RunResult> {
  return new Promise((resolve) => {
    const child = spawn(command, [...args], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    running.add(child);
    let output = '';
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-TAIL_BYTES);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const end = (isGood: boolean, remark: string) => {
      running.delete(child);
      resolve({ isGood, tail: lastLines(`${output}\n${remark}`) });
    };
    child.once('error', ({ message }) => end(false, message));
    child.once('close', (code, signal) =>
      end(code === 0, signal === null ? '' : `${command} was ended by ${signal}`),
    );
  });
}

/**
 * Ends every compiler at once, with all that it has started. For the moment in which this process ends itself.
 *
 * @returns how many have been ended
 */
export function endCompilers(): number {
  const { size } = running;
  for (const { pid } of running) {
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      // It has just ended by itself.
    }
  }
  running.clear();
  return size;
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-TAIL_LINES).join('\n');
}
