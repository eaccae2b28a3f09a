import { mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../console/failure.ts';
import { startedAt } from '../recovery/living-process.ts';

const LOCK = 'running';

/** The one run of a stack in a checkout. */
export interface RunLock {
  release(): void;
}

interface Holder {
  readonly pid: number;
  /** When that process began, so that another one with its number is not taken for it. */
  readonly started: string;
  readonly command: string;
}

/**
 * Takes the folder of a stack for one run: two would write one plan, and one folder of tofu's data. The lock of the state, which
 * is in the store, is another one.
 *
 * It is a link that appears with what it says, and one of a process that is gone locks nobody out.
 *
 * @param command for whoever finds it taken
 * @throws Failure when another run has it
 */
export function takeRunLock(work: string, command: string): RunLock {
  makeFolder(work);
  const lock = join(work, LOCK);
  const mine = textOf({ pid: process.pid, started: startedAt(process.pid) ?? '', command });
  for (let attempt = 0; !isTaken(lock, mine); attempt += 1) {
    const found = readLock(lock);
    if (found === undefined) continue;
    const holder = holderIn(found);
    if (attempt > 2 || lives(holder)) throw occupied(lock, holder);
    breakLock(lock, found);
  }
  return {
    release: () => {
      if (readLock(lock) === mine) rmSync(lock, { force: true });
    },
  };
}

function makeFolder(work: string): void {
  try {
    mkdirSync(work, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Failure(
      `${work} cannot be made: ${code ?? message}\n    plan and data of tofu lie in the checkout, which has to be writable`,
    );
  }
}

function occupied(lock: string, { pid, command }: Holder): Failure {
  return new Failure(
    `${command} runs in this checkout already, as process ${pid}\n    wait for its end, or interrupt it there; if that is no run of ours, remove ${lock}`,
  );
}

function isTaken(lock: string, mine: string): boolean {
  try {
    symlinkSync(mine, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

function readLock(lock: string): string | undefined {
  try {
    return readlinkSync(lock);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Removes the lock of a dead process, and gives it back if it has become that of a living one meanwhile. */
function breakLock(lock: string, dead: string): void {
  const broken = `${lock}.${process.pid}`;
  try {
    renameSync(lock, broken);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const found = readLock(broken);
  if (found !== undefined && found !== dead) isTaken(lock, found);
  rmSync(broken, { force: true });
}

function lives({ pid, started }: Holder): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const now = startedAt(pid);
  return now === undefined || started === '' || now === started;
}

function textOf({ pid, started, command }: Holder): string {
  return `${pid}:${started.replaceAll(':', '-')}:${command}`;
}

function holderIn(text: string): Holder {
  const [pid = '', started = '', ...command] = text.split(':');
  return { pid: Number(pid), started, command: command.join(':') || 'another run' };
}
