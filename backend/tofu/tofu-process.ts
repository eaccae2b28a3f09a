import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { EventTail, type TofuEvent } from './event-tail.ts';
import { type EndSignal, takeSignals } from './signals.ts';

/** What a tofu prints, by stream. */
export type Stream = 'stderr' | 'stdout';

/** A tofu that is to run to its end. */
export interface TofuProcess {
  readonly tofu: string;
  readonly folder: string;
  readonly args: readonly string[];
  /** All of it. */
  readonly environment: NodeJS.ProcessEnv;
  /** After so many milliseconds it is asked to end. */
  readonly deadlineMs: number;
  /** So many milliseconds after it was asked to end by its deadline it is killed. @default 60000 */
  readonly graceMs?: number;
  /** Is told of every line as it is printed. */
  readonly onLine?: (line: string, stream: Stream) => void;
  /** Is told of an interruption and what comes of it. */
  readonly onEnd?: (sentence: string) => void;
  /** The file that `-json-into` names, and who takes its events. What it throws interrupts tofu. */
  readonly events?: { readonly file: string; readonly take: (event: TofuEvent) => void };
  /** What it reads; nothing without it. */
  readonly input?: 'inherit';
}

/** How a tofu ended. */
export interface TofuEnd {
  /** Undefined when it was killed. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Somebody asked for an end while it ran. */
  readonly interrupted: boolean;
  /** It was still running at its deadline. */
  readonly late: boolean;
}

const GRACE_MS = 60_000;
/** What tofu has started may hold its streams open, and is not waited for. */
const STREAMS_MS = 1_000;

/**
 * Runs tofu in a process group of its own, so that an interruption from a terminal reaches it once, and through here: the first
 * is passed on, on which tofu ends what it has begun and keeps the state; the second kills it and its providers.
 */
export async function runToEnd(run: TofuProcess): Promise<TofuEnd> {
  const child = spawn(run.tofu, [...run.args], {
    cwd: run.folder,
    env: run.environment,
    detached: true,
    stdio: [run.input ?? 'ignore', 'pipe', 'pipe'],
  });
  const said = {
    stdout: collect(child.stdout, 'stdout', run),
    stderr: collect(child.stderr, 'stderr', run),
  };
  const ending = new Ending(child, run);
  const tail = run.events && new EventTail(run.events.file, run.events.take);
  tail?.start(() => ending.interrupt('what tofu does cannot be kept'));
  const giveBack = takeSignals((signal) => ending.signal(signal));
  try {
    const code = await exitOf(child);
    tail?.stop();
    return {
      code: code ?? undefined,
      stdout: said.stdout(),
      stderr: said.stderr(),
      interrupted: ending.interrupted,
      late: ending.late,
    };
  } finally {
    giveBack();
    ending.stop();
  }
}

/** How a tofu is brought to its end before its time. */
class Ending {
  interrupted = false;
  late = false;
  private readonly child: ChildProcess;
  private readonly run: TofuProcess;
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(child: ChildProcess, run: TofuProcess) {
    this.child = child;
    this.run = run;
    const { deadlineMs, graceMs = GRACE_MS } = run;
    this.timers.push(setTimeout(() => this.expire(graceMs), deadlineMs));
  }

  signal(signal: EndSignal): void {
    if (this.interrupted) {
      this.say('killed: what tofu had begun is in the journal, and its lock is left');
      this.kill();
      return;
    }
    this.interrupted = true;
    this.say(
      'interrupted: tofu ends what it has begun and keeps the state; once more kills it, and then the state has to be recovered',
    );
    this.child.kill(signal === 'SIGTERM' ? 'SIGTERM' : 'SIGINT');
  }

  interrupt(why: string): void {
    this.say(`${why}: tofu is interrupted`);
    this.child.kill('SIGINT');
  }

  stop(): void {
    for (const timer of this.timers) clearTimeout(timer);
  }

  private expire(graceMs: number): void {
    this.late = true;
    this.say(
      `not done after ${Math.round(this.run.deadlineMs / 1000)} s: tofu is asked to end, and killed in ${Math.round(graceMs / 1000)} s`,
    );
    this.child.kill('SIGTERM');
    this.timers.push(setTimeout(() => this.kill(), graceMs));
  }

  /** With everything that it has started: a provider would go on changing things that nobody takes down. */
  private kill(): void {
    if (this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, 'SIGKILL');
    } catch {
      this.child.kill('SIGKILL');
    }
  }

  private say(sentence: string): void {
    this.run.onEnd?.(sentence);
  }
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code));
    child.once('exit', (code) => {
      setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve(code);
      }, STREAMS_MS).unref();
    });
  });
}

/** Takes lines as they are printed, and keeps the whole. A line may have a hundred megabytes: that of a state. */
function collect(stream: Readable, name: Stream, { onLine }: TofuProcess): () => string {
  const parts: Buffer[] = [];
  const decoder = new StringDecoder('utf8');
  let begun: string[] = [];
  const endLine = (rest: string) => {
    onLine?.(begun.join('') + rest, name);
    begun = [];
  };
  stream.on('data', (part: Buffer) => {
    parts.push(part);
    if (onLine === undefined) return;
    const lines = decoder.write(part).split('\n');
    const last = lines.pop() ?? '';
    for (const line of lines) endLine(line);
    if (last !== '') begun.push(last);
  });
  stream.once('end', () => {
    if (begun.length > 0) endLine('');
  });
  return () => Buffer.concat(parts).toString('utf8');
}
