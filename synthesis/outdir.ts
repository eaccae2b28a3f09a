import { lstatSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { DEFAULT_OUTDIR } from '../config/outdir.ts';
import { EXIT } from '../console/exit-code.ts';
import { Failure } from '../console/failure.ts';

/** What lies in a folder that is someone's work; a publication removes what it does not know as its own. */
const SIGNS_OF_WORK = ['package.json', '.git', 'main.ts'];

/**
 * Refuses a folder in which more than a result lies.
 *
 * @throws Failure for the project itself, a folder around it, and any other folder with a project in it.
 */
export function requireOutdir(outdir: string): void {
  const sign = SIGNS_OF_WORK.find((name) => exists(join(outdir, name)));
  if (sign === undefined && !isAround(outdir, process.cwd())) return;
  const because = sign === undefined ? 'the project lies in it' : `${sign} lies in it`;
  throw new Failure(
    `CDKTF_OUTDIR must name a folder for the result alone, got ${JSON.stringify(outdir)}: ${because}\n    leave it unset for ${DEFAULT_OUTDIR}, or name an empty folder`,
    EXIT.usage,
  );
}

/**
 * Makes a folder and those around it, one by one.
 *
 * Not by the recursive mode of Node, which never comes back from a file system that answers ENOENT for a folder that is
 * there, as /proc does.
 */
export function makeFolder(folder: string): void {
  if (isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another run may have made it meanwhile.
    if (!isFolder(folder)) throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // Whatever is in the way is met, and told, when the result is written.
    return false;
  }
}

function isAround(outer: string, inner: string): boolean {
  if (!exists(outer)) return false;
  const around = realpathSync(resolve(outer));
  return `${realpathSync(inner)}${sep}`.startsWith(
    around.endsWith(sep) ? around : `${around}${sep}`,
  );
}
