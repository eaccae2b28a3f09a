import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** The checksums that can be made here. Of a composite one, or one of another kind, nothing is said. */
const CHECKSUMS: Readonly<Record<string, (bytes: Buffer) => string>> = {
  'content-md5': digest('md5'),
  'x-amz-checksum-crc32': (bytes) => {
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(bytes));
    return sum.toString('base64');
  },
  'x-amz-checksum-sha1': digest('sha1'),
  'x-amz-checksum-sha256': digest('sha256'),
};
/** A checksum of parts, with their number. */
const COMPOSITE = /-\d+$/;

/** The checksums in headers that are true of the bytes, and the name of the first that is not. */
export function provedChecksums(
  headers: Readonly<Record<string, string>>,
  bytes: Buffer,
): { readonly proved: Record<string, string>; readonly wrong: string | undefined } {
  const given = Object.entries(headers).filter(
    ([name, value]) => CHECKSUMS[name] !== undefined && !COMPOSITE.test(value),
  );
  const wrong = given.find(([name, value]) => CHECKSUMS[name]?.(bytes) !== value)?.[0];
  return { proved: Object.fromEntries(wrong === undefined ? given : []), wrong };
}

function digest(algorithm: string): (bytes: Buffer) => string {
  return (bytes) => createHash(algorithm).update(bytes).digest('base64');
}
