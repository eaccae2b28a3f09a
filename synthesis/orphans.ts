import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** The folder of a stack that no longer exists, kept because something lies in it that no synthesis wrote. */
export interface KeptOrphan {
  readonly stack: string;
  /** The first such file. */
  readonly holds: string;
}

/** What a synthesis writes into the folder of a stack. */
const STACK_JSON = 'cdk.tf.json';

/**
 * Removes the folders of stacks that no longer exist.
 *
 * A folder goes only when all of it can be made again: it holds the JSON of a stack, and besides that nothing but assets
 * and what `tofu init` downloads. A plan can bear any name, and state lies wherever a person saved it, so whatever else
 * is there keeps the folder.
 */
export function removeOrphans(outdir: string, current: ReadonlySet<string>): KeptOrphan[] {
  const stacks = join(outdir, 'stacks');
  return foldersIn(stacks)
    .filter((stack) => !current.has(stack))
    .flatMap((stack) => {
      const folder = join(stacks, stack);
      const holds = firstForeign(folder);
      if (holds !== undefined) return [{ stack, holds }];
      rmSync(folder, { recursive: true });
      return [];
    });
}

/** The names of the folders in a folder; a link to one is none. */
export function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

/** What is not a folder, anywhere below a folder, by its path from there. */
export function entriesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

function firstForeign(folder: string): string | undefined {
  const entries = entriesBelow(folder);
  const foreign = entries.find((entry) => !isOurs(entry));
  return foreign ?? (entries.includes(STACK_JSON) ? undefined : `no ${STACK_JSON}`);
}

function isOurs(entry: string): boolean {
  const [first = '', ...below] = entry.split(sep);
  if (below.length === 0) return first === STACK_JSON;
  return first === 'assets' || (first === '.terraform' && !entry.includes('.tfstate'));
}
