import { readFileSync } from 'node:fs';

/** What a file holds; undefined where it cannot be read, for whatever reason. */
export function textIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
