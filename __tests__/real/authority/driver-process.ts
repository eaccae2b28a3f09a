import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { DriverStack } from '../driver-stack.ts';

const BUNDLE = resolve('node_modules/.cache/flywheel-proofs/driver-main.cjs');
const PROGRAM = fileURLToPath(new URL('./driver-main.ts', import.meta.url));
const DEADLINE_MS = 90_000;
const POLL_MS = 20;

/** Makes the program of the driver that tests kill. */
export async function bundleDriver(): Promise<void> {
  await build({
    entryPoints: [PROGRAM],
    outfile: BUNDLE,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    packages: 'external',
    logLevel: 'error',
  });
}

/** An apply in a process of its own. */
export class DriverProcess {
  private readonly child: ChildProcess;
  private readonly stack: DriverStack;
  private readonly ended: Promise<number | undefined>;
  private said = '';

  constructor(stack: DriverStack) {
    this.stack = stack;
    this.child = spawn(process.execPath, [BUNDLE, stack.stack], {
      env: { ...stack.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: DEADLINE_MS,
      killSignal: 'SIGKILL',
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.said += text;
      });
    }
    this.ended = new Promise((end) => this.child.once('exit', (code) => end(code ?? undefined)));
  }

  /** Really: with SIGKILL. */
  killDriver(): void {
    this.child.kill('SIGKILL');
  }

  killTofu(): void {
    for (const { pid } of runningTofu(this.stack)) killed(pid);
  }

  /** @returns the exit code, or nothing where it was killed; by then its tofu has ended too, whatever became of the driver */
  async end(): Promise<{ readonly code: number | undefined; readonly said: string }> {
    const code = await this.ended;
    const until = Date.now() + DEADLINE_MS;
    while (runningTofu(this.stack).length > 0) {
      if (Date.now() > until) throw new Error('tofu goes on without its driver');
      await pause(POLL_MS);
    }
    return { code, said: this.said };
  }
}

/** A tofu that works on a stack, as its system shows it. */
export interface SeenProcess {
  readonly pid: number;
  /** Its arguments and its environment, as bytes. */
  readonly told: Readonly<Record<'cmdline' | 'environ', Buffer>>;
}

/** The programs called tofu that run in the folder of a stack, and what they were started with. */
export function runningTofu({ folder }: Pick<DriverStack, 'folder'>): SeenProcess[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const isTofu = readlinkSync(`/proc/${pid}/exe`).endsWith('/tofu');
      if (!isTofu || readlinkSync(`/proc/${pid}/cwd`) !== folder) return [];
      const cmdline = readFileSync(`/proc/${pid}/cmdline`);
      const environ = readFileSync(`/proc/${pid}/environ`);
      return [{ pid: Number(pid), told: { cmdline, environ } }];
    } catch {
      // No process, or one that has just ended.
      return [];
    }
  });
}

function killed(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}
