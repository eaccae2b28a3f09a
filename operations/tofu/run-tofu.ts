import { spawn } from 'node:child_process';

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
}

/** How a run of tofu ended, and what it said. */
export interface TofuResult {
  /** The exit code, or none when it was killed. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

const DEADLINE_MS = 300_000;

/** Runs tofu to its end. It stands in the group of this process, so that an interruption from a terminal reaches it too. */
export function runTofu(run: TofuRun): Promise<TofuResult> {
  const { tofu, folder, args, environment, deadlineMs = DEADLINE_MS } = run;
  return new Promise((resolve, reject) => {
    const child = spawn(tofu, [...args], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: deadlineMs,
      killSignal: 'SIGKILL',
    });
    const said = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said.stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? undefined, ...said }));
  });
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
