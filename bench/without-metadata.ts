import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const STACK_FILE = 'cdk.tf.json';
/** What tofu itself has put into a folder. */
const OF_TOFU = /\/\.terraform(\/|$|\.lock\.hcl$)/;

/**
 * The peer: a stack as somebody would write it by hand, in plain OpenTofu JSON. It is a copy of the folder in which only the
 * comments are missing, since that is where CDKTF keeps what it knows of each resource.
 *
 * @returns the folder of the copy, and how many bytes both files have
 */
export function withoutMetadata(
  folder: string,
  parent: string,
): { readonly folder: string; readonly bytes: number; readonly plainBytes: number } {
  const copy = mkdtempSync(join(parent, 'plain-'));
  cpSync(folder, copy, { recursive: true, filter: (path) => !OF_TOFU.test(path) });
  cpSync(join(folder, '.terraform.lock.hcl'), join(copy, '.terraform.lock.hcl'));
  const text = readFileSync(join(folder, STACK_FILE), 'utf8');
  const plain = JSON.stringify(uncommented(JSON.parse(text)), undefined, 2);
  writeFileSync(join(copy, STACK_FILE), plain);
  return { folder: copy, bytes: text.length, plainBytes: plain.length };
}

/** The same without what stands under `//`, at any depth. */
export function uncommented(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(uncommented);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== '//')
      .map(([key, item]) => [key, uncommented(item)]),
  );
}
