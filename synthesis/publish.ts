import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { entriesBelow, foldersIn, type KeptOrphan, removeOrphans } from './orphans.ts';
import { makeFolder, requireOutdir } from './outdir.ts';
import { withPublishLock } from './publish-lock.ts';

/** A file that waits beside its place, by the process that put it there. */
const BESIDE = `.flywheel-${process.pid}.new`;
const ANY_BESIDE = /\.flywheel-\d+\.new$/;

/** What a publication changed. */
export interface Publication {
  readonly written: readonly string[];
  readonly keptOrphans: readonly KeptOrphan[];
}

/**
 * Brings the synthesized files to where OpenTofu reads them, one run at a time.
 *
 * Files that are equal are not touched. Folders of stacks that no longer exist go when all of them can be made again; in
 * the folders of stacks that do exist nothing but stale assets goes.
 *
 * @param staging folder with the complete result
 * @param outdir folder that is brought to it
 * @throws Failure for a folder that is no place for a result, or that another run does not let go of
 */
export function publish(staging: string, outdir: string): Publication {
  requireOutdir(outdir);
  makeFolder(outdir);
  return withPublishLock(outdir, () => {
    const files = entriesBelow(staging);
    removeLeftovers(outdir);
    const changed = files.filter((file) => !isEqual(join(staging, file), join(outdir, file)));
    replaceAll(staging, outdir, changed);
    removeStaleAssets(outdir, files);
    const current = new Set(foldersIn(join(staging, 'stacks')));
    return { written: changed, keptOrphans: removeOrphans(outdir, current) };
  });
}

/** Writes everything beside its place before anything takes its place, so that a full disk leaves the old result whole. */
function replaceAll(staging: string, outdir: string, files: readonly string[]): void {
  const prepared: { readonly beside: string; readonly target: string }[] = [];
  try {
    for (const file of files) {
      const target = join(outdir, file);
      const beside = `${target}${BESIDE}`;
      makeFolder(dirname(target));
      prepared.push({ beside, target });
      copyFileSync(join(staging, file), beside);
    }
    for (const { beside, target } of prepared) renameSync(beside, target);
  } finally {
    for (const { beside } of prepared) rmSync(beside, { force: true });
  }
}

/** Removes what runs that were killed left beside its place: whoever has the lock is the only one that writes. */
function removeLeftovers(outdir: string): void {
  const stacks = foldersIn(join(outdir, 'stacks')).map((stack) => join(outdir, 'stacks', stack));
  for (const folder of [outdir, ...stacks]) {
    for (const name of readdirSync(folder).filter((name) => ANY_BESIDE.test(name))) {
      rmSync(join(folder, name), { force: true });
    }
  }
}

function isEqual(left: string, right: string): boolean {
  return existsSync(right) && readFileSync(left).equals(readFileSync(right));
}

/** Removes files below the assets of stacks that are not of this result: Helm would render each that lies in a chart. */
function removeStaleAssets(outdir: string, files: readonly string[]): void {
  const current = new Set(files);
  for (const stack of foldersIn(join(outdir, 'stacks'))) {
    const folder = join('stacks', stack);
    if (!current.has(join(folder, 'cdk.tf.json'))) continue;
    const assets = join(folder, 'assets');
    if (!foldersIn(join(outdir, folder)).includes('assets')) continue;
    for (const entry of entriesBelow(join(outdir, assets))) {
      if (!current.has(join(assets, entry))) rmSync(join(outdir, assets, entry));
    }
    removeEmptyFolders(join(outdir, assets));
  }
}

function removeEmptyFolders(folder: string): void {
  for (const below of foldersIn(folder)) removeEmptyFolders(join(folder, below));
  if (readdirSync(folder).length === 0) rmSync(folder, { recursive: true });
}
