import { readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../console/failure.ts';

const LOCK = '.publishing';
/** A publication takes milliseconds. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 20;

/**
 * Does something in a folder that no other run does there at the same time.
 *
 * The lock is a link whose target is the number of its process: it appears with its content, or not at all because there
 * is one, and a run that was killed locks nobody out. Processes of another machine that shares the folder are not seen.
 *
 * @throws Failure when another run does not come to its end
 */
export function withPublishLock<T>(outdir: string, work: () => T, patienceMs = PATIENCE_MS): T {
  const lock = join(outdir, LOCK);
  acquire(lock, Date.now() + patienceMs);
  try {
    return work();
  } finally {
    if (holderOf(lock) === process.pid) rmSync(lock);
  }
}

function acquire(lock: string, deadline: number): void {
  while (!isTaken(lock, process.pid)) {
    const holder = holderOf(lock);
    if (holder !== undefined && !isAlive(holder)) breakLock(lock, holder);
    else if (Date.now() > deadline) throw occupied(lock, holder);
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
}

/** Takes the lock for a process unless someone has it. */
function isTaken(lock: string, pid: number): boolean {
  try {
    symlinkSync(String(pid), lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/** The process that has the lock, or undefined when nobody has it. */
function holderOf(lock: string): number | undefined {
  try {
    return Number(readlinkSync(lock)) || 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  // Our own number is that of an earlier run which had it before us.
  if (pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Removes the lock of a dead process, and gives it back if it has become that of a living one meanwhile. */
function breakLock(lock: string, dead: number): void {
  const broken = `${lock}.flywheel-${process.pid}.new`;
  try {
    renameSync(lock, broken);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const found = holderOf(broken);
  if (found !== undefined && found !== dead) isTaken(lock, found);
  rmSync(broken, { force: true });
}

function occupied(lock: string, holder: number | undefined): Failure {
  const who = holder === undefined ? 'another process' : `process ${holder}`;
  return new Failure(
    `the result was not written: ${who} is writing to the same folder\n    run it again when that one has ended; if it is no synthesis, remove ${lock}`,
  );
}
