import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

/** What lies in a stack's folder that cannot be made again. */
const PRECIOUS = [
  /^errored\.tfstate$/,
  /\.tfstate(\..*)?$/,
  /tfplan/,
  /\.tfstate\.lock\.info$/,
  /^\.terraform\.lock\.hcl$/,
];

/** What a publication changed. */
export interface Publication {
  readonly written: readonly string[];
  readonly keptOrphans: readonly string[];
}

/**
 * Brings the synthesized files to where OpenTofu reads them.
 *
 * Files that are equal are not touched. Folders of stacks that no longer exist go, unless they hold state, a plan or a
 * lock; in the folders of stacks that do exist nothing but stale assets goes.
 *
 * @param staging folder with the complete result
 * @param outdir folder that is brought to it
 */
export function publish(staging: string, outdir: string): Publication {
  const files = filesBelow(staging);
  const changed = files.filter((file) => !isEqual(join(staging, file), join(outdir, file)));
  replaceAll(staging, outdir, changed);
  removeStaleAssets(outdir, new Set(files));
  return { written: changed, keptOrphans: removeOrphans(staging, outdir) };
}

/** Writes everything beside its place before anything takes its place, so that a full disk leaves the old result whole. */
function replaceAll(staging: string, outdir: string, files: readonly string[]): void {
  const prepared: { readonly beside: string; readonly target: string }[] = [];
  try {
    for (const file of files) {
      const target = join(outdir, file);
      const beside = `${target}.new`;
      mkdirSync(dirname(target), { recursive: true });
      prepared.push({ beside, target });
      copyFileSync(join(staging, file), beside);
    }
  } catch (error) {
    for (const { beside } of prepared) rmSync(beside, { force: true });
    throw error;
  }
  for (const { beside, target } of prepared) renameSync(beside, target);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

function isEqual(left: string, right: string): boolean {
  return existsSync(right) && readFileSync(left).equals(readFileSync(right));
}

/** Removes versions of assets that the current JSON no longer names. */
function removeStaleAssets(outdir: string, current: ReadonlySet<string>): void {
  const isCurrent = (folder: string) =>
    [...current].some((file) => file.startsWith(`${folder}${sep}`));
  for (const stack of foldersIn(join(outdir, 'stacks'))) {
    const assets = join('stacks', stack, 'assets');
    if (!isCurrent(join('stacks', stack))) continue;
    for (const asset of foldersIn(join(outdir, assets))) {
      const versions = foldersIn(join(outdir, assets, asset)).map((version) =>
        join(assets, asset, version),
      );
      for (const stale of versions.filter((version) => !isCurrent(version))) {
        rmSync(join(outdir, stale), { recursive: true });
      }
      if (!isCurrent(join(assets, asset))) rmSync(join(outdir, assets, asset), { recursive: true });
    }
  }
}

function removeOrphans(staging: string, outdir: string): string[] {
  const current = new Set(foldersIn(join(staging, 'stacks')));
  const orphans = foldersIn(join(outdir, 'stacks')).filter((stack) => !current.has(stack));
  const kept = orphans.filter((stack) => holdsValue(join(outdir, 'stacks', stack)));
  for (const stack of orphans) {
    if (!kept.includes(stack)) rmSync(join(outdir, 'stacks', stack), { recursive: true });
  }
  return kept;
}

function holdsValue(folder: string): boolean {
  return readdirSync(folder).some((name) => PRECIOUS.some((pattern) => pattern.test(name)));
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}
