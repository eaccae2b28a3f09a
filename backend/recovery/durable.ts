import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from '../../console/failure.ts';
import { sha256 } from '../store/signature.ts';

/**
 * Writes a file of which there is to be all or nothing, also after a loss of power: under another name first, and read again
 * before it gets its own. Only its owner may read it.
 *
 * @throws Failure when it cannot be written, or is not what was written
 */
export function writeDurably(file: string, bytes: Uint8Array | string): void {
  viaHalf(file, bytes, (half) => renameSync(half, file));
}

/**
 * The same for a file that may not be there yet: of many who try at once, one succeeds.
 *
 * @returns false when it is there
 * @throws Failure when it cannot be written
 */
export function createDurably(file: string, bytes: Uint8Array | string): boolean {
  return viaHalf(file, bytes, (half) => {
    try {
      linkSync(half, file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      rmSync(half);
    }
  });
}

function viaHalf<T>(file: string, bytes: Uint8Array | string, name: (half: string) => T): T {
  const half = `${file}.${process.pid}.half`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const handle = openSync(half, 'w', 0o600);
    try {
      writeAll(handle, Buffer.from(bytes));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    if (sha256(readFileSync(half)) !== sha256(bytes)) {
      throw new Failure(`${file} was written, and is not what was written: is the disk broken?`);
    }
    const named = name(half);
    syncFolder(dirname(file));
    return named;
  } catch (error) {
    removeQuietly(half);
    throw unwritable(file, error);
  }
}

/** Why it was not written matters more. */
function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It lies in a folder that is none.
  }
}

/** Makes what happened to the names in a folder last. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** A write may take a part only. */
export function writeAll(handle: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(handle, bytes, done);
}

/** Why a file cannot be written, in a sentence. */
export function unwritable(file: string, error: unknown): Failure {
  if (error instanceof Failure) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new Failure(
    `${file} cannot be written: ${code ?? message}\n    it is kept with the person, not with the checkout; XDG_STATE_HOME names another place`,
  );
}
