import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

/**
 * The shell that stands between the supervisor and a program. It leads a process group of its own and watches a pipe whose
 * other end only the supervisor has: when that end is closed, on purpose or because the supervisor is gone, be it by SIGKILL,
 * the program is killed, then the rest of the group. A program that ends by itself takes the shell with it, which the
 * supervisor sees.
 *
 * Killing is not rude: nothing that these programs hold is wanted afterwards, and what is can be asked for (`end`).
 */
const GUARD = [
  'exec 3<&0',
  '"$@" </dev/null 3<&- & program=$!',
  // Each line is the name of a signal for the program; the end of the pipe is the end of it.
  '{ while read -r signal <&3; do kill -"$signal" $program; done; kill -KILL $program; } 2>/dev/null & watcher=$!',
  'exec 3<&-',
  // Waiting for the program is what keeps it from staying behind as a zombie.
  'wait $program',
  'kill -KILL $watcher 2>/dev/null',
  'wait $watcher',
  'kill -KILL 0',
].join('\n');

/** What is started, and how. */
export interface ChildOptions {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly log: string;
  /** All of the environment: nothing of the caller's own, neither proxies nor another cluster, reaches a program. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A program that does not outlive this process. */
export class Child {
  readonly name: string;
  readonly log: string;
  /** Also the number of its process group. */
  readonly pid: number;
  /** Settled when the program and everything it started is gone. */
  readonly gone: Promise<void>;
  private readonly shell: ChildProcess;

  private constructor(options: ChildOptions, shell: ChildProcess, pid: number) {
    this.name = options.name;
    this.log = options.log;
    this.shell = shell;
    this.pid = pid;
    this.gone = new Promise((resolve) => shell.once('exit', () => resolve()));
    // The end of the pipe may be reported as an error when the shell went first.
    shell.stdin?.on('error', () => {});
  }

  static async start(options: ChildOptions): Promise<Child> {
    const { name, program, args, folder, log, environment } = options;
    const output = openSync(log, 'a', 0o600);
    try {
      const shell = spawn('/bin/sh', ['-c', GUARD, name, program, ...args], {
        cwd: folder,
        detached: true,
        env: { ...environment },
        stdio: ['pipe', output, output],
      });
      await new Promise((resolve, reject) => {
        shell.once('spawn', resolve);
        shell.once('error', reject);
      });
      return new Child(options, shell, shell.pid ?? 0);
    } finally {
      closeSync(output);
    }
  }

  async stop(): Promise<void> {
    this.shell.stdin?.destroy();
    await this.gone;
  }

  /** Asks the program to end, as a cluster asks the containers of a pod, and kills it when it takes too long. */
  async end(patienceMs: number): Promise<void> {
    this.shell.stdin?.write('TERM\n');
    await Promise.race([this.gone, pause(patienceMs, undefined, { ref: false })]);
    await this.stop();
  }
}

/** Memory in bytes that process groups hold now, group by group; empty where `ps` cannot say. */
export async function residentMemory(groups: readonly number[]): Promise<Map<number, number>> {
  const sums = new Map<number, number>();
  try {
    const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pgid=,rss=']);
    for (const line of stdout.split('\n')) {
      const [group, kib] = line.trim().split(/\s+/).map(Number);
      if (group === undefined || kib === undefined || !groups.includes(group)) continue;
      sums.set(group, (sums.get(group) ?? 0) + kib * 1024);
    }
  } catch {
    // Memory is told, not relied on.
  }
  return sums;
}
