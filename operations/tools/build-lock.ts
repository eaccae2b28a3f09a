import { execFileSync } from 'node:child_process';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 200;

/** The right to build in a folder, until it is given back. */
export interface BuildLock {
  release(): void;
}

/**
 * Waits until no other process builds in the folder. A lock that a killed process has left is taken over: the file names the
 * process and when it started, so that another process with the same number is not mistaken for it.
 *
 * @param onWait told once, when another process holds the lock
 */
export async function takeLock(folder: string, onWait: (pid: number) => void): Promise<BuildLock> {
  const lock = join(folder, 'lock');
  const mine = join(folder, `lock.${process.pid}`);
  const identity = `${process.pid} ${startOf(process.pid)}\n`;
  let isTold = false;
  for (;;) {
    if (tryLock(lock, mine, identity)) return { release: () => releaseLock(lock, identity) };
    const holder = readIfThere(lock);
    if (holder === undefined) continue;
    const pid = Number.parseInt(holder, 10);
    if (!isRunning(holder)) {
      removeStale(lock, mine, holder);
      continue;
    }
    if (!isTold) onWait(pid);
    isTold = true;
    await sleep(POLL_MS);
  }
}

/** A link appears whole or not at all, so nobody ever reads half a lock. */
function tryLock(lock: string, mine: string, identity: string): boolean {
  try {
    writeFileSync(mine, identity);
    linkSync(mine, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Moves the lock aside first: of several that found it stale, one gets it. Someone else's new lock is put back. */
function removeStale(lock: string, mine: string, stale: string): void {
  try {
    renameSync(lock, mine);
    if (readIfThere(mine) !== stale) linkSync(mine, lock);
  } catch {
    // Another process was first, and the next round sees what it did.
  } finally {
    rmSync(mine, { force: true });
  }
}

function releaseLock(lock: string, identity: string): void {
  if (readIfThere(lock) === identity) rmSync(lock, { force: true });
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function isRunning(holder: string): boolean {
  const [, digits, start] = /^(\d+) (.*)\n$/.exec(holder) ?? [];
  if (digits === undefined) return false;
  try {
    process.kill(Number(digits), 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = startOf(Number(digits));
  return now === '' || start === '' || now === start;
}

/** When a process started, in the words of ps; nothing where there is no ps. */
function startOf(pid: number): string {
  try {
    const options = { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } } as const;
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], options).trim();
  } catch {
    return '';
  }
}
