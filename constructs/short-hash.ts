import { createHash } from 'node:crypto';

const LENGTH = 10;

/** Ten hexadecimal digits that change with the text: enough to tell versions of one object apart. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, LENGTH);
}
