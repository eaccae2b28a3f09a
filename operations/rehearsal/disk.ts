import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Failure } from '../../console/failure.ts';

const MIB = 2 ** 20;

/** What needs how much of a disk, and what to do where there is less. */
export interface SpaceNeed {
  readonly noun: string;
  readonly mib: number;
  readonly instead: string;
}

/** Refuses a disk on which a program would stop in the middle of something. */
export function requireSpace(
  folder: string,
  { noun, mib, instead }: SpaceNeed,
  free: number = freeBytes(folder),
): void {
  if (free >= mib * MIB) return;
  throw new Failure(
    `the disk of ${folder} has ${Math.floor(free / MIB)} MiB free, a ${noun} needs ${mib} MiB\n    make room, or ${instead}`,
  );
}

/** Free space for whoever runs this, at the nearest folder that exists. */
function freeBytes(folder: string): number {
  let existing = resolve(folder);
  while (!existsSync(existing)) existing = dirname(existing);
  const { bavail, bsize } = statfsSync(existing);
  return bavail * bsize;
}

/** The last lines of a log, for a message that has to say why. */
export function lastLines(file: string, count: number): string[] {
  try {
    const lines = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '');
    return lines.slice(-count).map((line) => line.slice(0, 400));
  } catch {
    return [];
  }
}
