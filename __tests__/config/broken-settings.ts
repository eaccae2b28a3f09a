import { readFileSync } from 'node:fs';

/** Settings that are refused, and every line that says why. */
export interface BrokenSettings {
  readonly kind: string;
  readonly text: string | Buffer;
  /** The lines without the name of the file. */
  readonly says: readonly string[];
}

/** The least that is legal; what is broken below differs from it in one place. */
export const MINIMAL = readFileSync('config/minimal.yaml', 'utf8');

/** The least with something below it. */
export function add(text: string): string {
  return `${MINIMAL}${text}\n`;
}

/** The least with something in the place of something else. */
export function change(from: string, to: string): string {
  if (!MINIMAL.includes(from)) throw new Error(`config/minimal.yaml does not hold ${from}`);
  return MINIMAL.replace(from, to);
}

/** Text in another encoding. */
export function bytes(text: string, encoding: BufferEncoding): Buffer {
  return Buffer.from(text, encoding);
}
