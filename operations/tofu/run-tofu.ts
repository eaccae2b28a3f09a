import { type ChildProcess, spawn } from 'node:child_process';

/** One run of tofu in one folder. */
export interface TofuRun {
  /** The program. */
  readonly tofu: string;
  readonly folder: string;
  readonly args: readonly string[];
  /** All of it, as {@link tofuEnvironment} makes it. */
  readonly environment: NodeJS.ProcessEnv;
  /** How long it may take, in milliseconds. @default 300000 */
  readonly deadlineMs?: number;
  /**
   * Ends tofu and its providers at once when it is aborted, or when this process ends. What they had under way is then in no
   * state, so it is only for what is thrown away with its cluster.
   *
   * @default - tofu stands in the group of this process, so that an interruption from a terminal reaches it too
   */
  readonly signal?: AbortSignal | undefined;
}

/** How a run of tofu ended, and what it said. */
export interface TofuResult {
  /** The exit code, or none when it was killed. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

const DEADLINE_MS = 300_000;

/** Runs tofu to its end. */
export function runTofu(run: TofuRun): Promise<TofuResult> {
  const { tofu, folder, args, environment, deadlineMs = DEADLINE_MS, signal } = run;
  if (signal?.aborted === true) return Promise.resolve({ code: undefined, stdout: '', stderr: '' });
  return new Promise((resolve, reject) => {
    const child = spawn(tofu, [...args], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: deadlineMs,
      killSignal: 'SIGKILL',
      detached: signal !== undefined,
    });
    const release = signal === undefined ? () => {} : endWith(child, signal);
    const said = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said.stderr += text;
    });
    child.once('error', (error) => {
      release();
      reject(error);
    });
    child.once('close', (code) => {
      release();
      resolve({ code: code ?? undefined, ...said });
    });
  });
}

/** Ties the group that a child leads to a signal and to this process. Tofu alone would leave its providers behind. */
function endWith(child: ChildProcess, signal: AbortSignal): () => void {
  const end = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has just ended by itself.
    }
  };
  signal.addEventListener('abort', end, { once: true });
  process.once('exit', end);
  return () => {
    signal.removeEventListener('abort', end);
    process.off('exit', end);
  };
}

/**
 * The JSON that tofu prints. Before it tofu may warn in words of its own configuration, or of a cache that it cannot use.
 *
 * @returns undefined where there is none
 */
export function jsonIn({ stdout }: Pick<TofuResult, 'stdout'>): unknown {
  try {
    return JSON.parse(stdout.slice(stdout.search(/^\{/m)));
  } catch {
    return undefined;
  }
}

/** What tofu says went wrong, as one line: its errors without the frame around them, warnings left out. */
export function complaintOf({ code, stdout, stderr }: TofuResult): string {
  const text = `${stdout}\n${stderr}`.replaceAll(/[│╷╵]/g, '');
  const error = text.indexOf('Error: ');
  if (error >= 0)
    return (
      text
        .slice(error + 'Error: '.length)
        .split(/\n\s*Warning: /)[0]
        ?.trim()
        .replaceAll(/\s+/g, ' ') ?? ''
    );
  return code === undefined
    ? 'tofu took too long and was killed'
    : `tofu ended with ${code} and said nothing`;
}
