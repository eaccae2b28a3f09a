import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { asText, at } from '../../../policy/model/json.ts';

/** How an apply is interrupted: by Ctrl-C, by a machine or a runner that goes away, by a supervisor that asks. */
export const SIGNALS = ['SIGINT', 'SIGKILL', 'SIGTERM'] as const;
export type Signal = (typeof SIGNALS)[number];

/** An apply, and where in its run it is interrupted. */
export interface InterruptedRun {
  readonly tofu: string;
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Left out, it runs to its end. */
  readonly interrupt?: {
    readonly signal: Signal;
    /** The number of resources that were begun and resources that were done, together. */
    readonly afterEvents: number;
  };
}

/** What came of an apply, as its events tell it. */
export interface AppliedRun {
  readonly code: number | undefined;
  /** How many resources were begun and done, together. */
  readonly events: number;
  /** What was done when the signal was sent, and what was begun and not done. */
  readonly atSignal?: { readonly done: number; readonly underWay: number };
  /** Addresses of what was done in the end. */
  readonly done: readonly string[];
  readonly errors: readonly ApplyError[];
}

/** One error of tofu. */
export interface ApplyError {
  readonly summary: string;
  readonly detail: string;
  /** The resource that it is about. */
  readonly address?: string;
}

/** So long may an apply take that nobody interrupts, and one that is asked to end. */
const DEADLINE_MS = 900_000;

/**
 * Applies what the folder holds, and interrupts it at an event, not at a time: how far it is then does not depend on the
 * machine. Ctrl-C reaches tofu and its providers, as from a terminal; SIGKILL takes all of them, as when a node goes away; only
 * SIGTERM goes to tofu alone.
 */
export function applyInterrupted(run: InterruptedRun): Promise<AppliedRun> {
  const { tofu, folder, environment, interrupt } = run;
  const child = spawn(tofu, ['apply', '-json', '-auto-approve', '-input=false'], {
    cwd: folder,
    env: environment,
    // A group of its own, so that a signal reaches the providers and not the tests.
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const killAll = () => signalGroup(child.pid, 'SIGKILL');
  process.once('exit', killAll);
  const deadline = setTimeout(killAll, DEADLINE_MS);
  const log = new ApplyLog();
  createInterface({ input: child.stdout }).on('line', (line) => {
    log.read(line);
    if (log.atSignal !== undefined || log.events < (interrupt?.afterEvents ?? Infinity)) return;
    log.noteSignal();
    if (interrupt?.signal === 'SIGTERM') child.kill('SIGTERM');
    else if (interrupt !== undefined) signalGroup(child.pid, interrupt.signal);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(deadline);
      process.off('exit', killAll);
      resolve(log.result(code ?? undefined));
    });
  });
}

/** The events of an apply as tofu prints them with `-json`, one on a line. */
class ApplyLog {
  events = 0;
  atSignal: AppliedRun['atSignal'];
  private readonly underWay = new Set<string>();
  private readonly done: string[] = [];
  private readonly errors: ApplyError[] = [];

  read(line: string): void {
    // Before it reads its arguments tofu complains as to a person.
    if (!line.startsWith('{')) return;
    const event: unknown = JSON.parse(line);
    const address = asText(at(event, 'hook', 'resource', 'addr')) ?? '';
    const type = asText(at(event, 'type'));
    if (type === 'apply_start') this.underWay.add(address);
    if (type === 'apply_complete') this.done.push(address);
    if (type === 'apply_complete' || type === 'apply_errored') this.underWay.delete(address);
    if (type === 'apply_start' || type === 'apply_complete') this.events += 1;
    if (type === 'diagnostic' && at(event, 'diagnostic', 'severity') === 'error') {
      this.errors.push(errorIn(at(event, 'diagnostic')));
    }
  }

  noteSignal(): void {
    this.atSignal = { done: this.done.length, underWay: this.underWay.size };
  }

  result(code: number | undefined): AppliedRun {
    const { events, atSignal, done, errors } = this;
    return { code, events, done, errors, ...(atSignal === undefined ? {} : { atSignal }) };
  }
}

function errorIn(diagnostic: unknown): ApplyError {
  const address = asText(at(diagnostic, 'address'));
  return {
    summary: asText(at(diagnostic, 'summary')) ?? '',
    detail: asText(at(diagnostic, 'detail')) ?? '',
    ...(address === undefined ? {} : { address }),
  };
}

function signalGroup(pid: number | undefined, signal: Signal): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // It has ended by itself.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
