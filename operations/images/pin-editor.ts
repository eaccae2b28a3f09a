import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { isScalar, parseDocument } from 'yaml';
import { Failure } from '../../console/failure.ts';

/**
 * Brings digests into the file of pins, and leaves everything else as it is: order, comments, blanks.
 *
 * A digest that a registry has confirmed needs no note of where else it was seen, so `seen` goes with the edit.
 *
 * @returns the text with the digests in it
 */
export function withDigests(text: string, digests: ReadonlyMap<string, string>): string {
  const document = parseDocument(text);
  for (const [name, digest] of digests) {
    const scalar = document.getIn([name, 'digest'], true);
    if (!isScalar(scalar))
      throw new Failure(`the file of pins has no digest of ${name} to fill in`);
    scalar.value = digest;
    document.deleteIn([name, 'seen']);
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/**
 * Edits a file whole or not at all: the new text is written beside it and takes its place in one step.
 *
 * @returns whether anything changed
 * @throws Failure when somebody else changed the file meanwhile, or the folder cannot be written to
 */
export function replaceText(file: string, before: string, after: string): boolean {
  if (before === after) return false;
  const beside = `${file}.${process.pid}.new`;
  try {
    writeDurably(beside, after, statSync(file).mode);
    if (readFileSync(file, 'utf8') !== before) {
      throw new Failure(`${file} changed meanwhile: nothing was written, run it again`);
    }
    renameSync(beside, file);
    return true;
  } catch (error) {
    rmSync(beside, { force: true });
    if (error instanceof Failure) throw error;
    throw new Failure(`${file} was not written: ${(error as NodeJS.ErrnoException).code}`);
  }
}

function writeDurably(file: string, text: string, mode: number): void {
  const handle = openSync(file, 'w', mode);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
