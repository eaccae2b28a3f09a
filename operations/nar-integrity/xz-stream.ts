import { BodyFault } from './body-fault.ts';
import type { Reading } from './byte-feed.ts';

const MAGIC = 'fd377a585a00';
const FOOTER_MAGIC = 'YZ';
const HEADER_BYTES = 12;
const FOOTER_BYTES = 12;
const ALIGNMENT = 4;
/** Bytes of each kind of check. The library compares none but these. */
const CHECK_BYTES = new Map([
  [0, 0],
  [1, 4],
  [4, 8],
]);
const LZMA2 = 0x21;
/** Sizes of dictionaries are written as one number; beyond this one, 64 MiB, the library refuses. */
const MAX_DICTIONARY = 28;
const MAX_VARINT_BYTES = 9;

/**
 * Reads one xz stream from its magic number to the end of its footer, and decompresses nothing.
 *
 * Chunks of LZMA2 say how long they are. So the end of a stream is found beside the decoder, which reads one stream and does
 * not say where it stopped.
 *
 * @see https://tukaani.org/xz/xz-file-format.txt
 */
export function* xzStream(): Reading {
  const header = Buffer.from(yield { take: HEADER_BYTES });
  if (header.toString('hex', 0, 6) !== MAGIC) throw broken('where one begins');
  const checkBytes = CHECK_BYTES.get(header[7] ?? -1);
  if (header[6] !== 0 || checkBytes === undefined)
    throw new BodyFault('unsupported', 'has an xz check other than CRC32 and CRC64');
  for (;;) {
    const size = (yield { take: 1 })[0] ?? 0;
    if (size === 0) break;
    yield* block((size + 1) * ALIGNMENT, checkBytes);
  }
  yield* index();
  const footer = Buffer.from(yield { take: FOOTER_BYTES });
  if (footer.toString('latin1', 10) !== FOOTER_MAGIC) throw broken('where one ends');
}

function* block(headerBytes: number, checkBytes: number): Reading {
  const header = Buffer.from(yield { take: headerBytes - 1 });
  requireLzma2(header);
  let size = headerBytes;
  for (;;) {
    const control = (yield { take: 1 })[0] ?? 0;
    size += 1;
    if (control === 0) break;
    const chunk = yield* lzma2Chunk(control);
    yield { skip: chunk.data };
    size += chunk.head + chunk.data;
  }
  yield { skip: (-size & (ALIGNMENT - 1)) + checkBytes };
}

function* lzma2Chunk(control: number): Reading<{ head: number; data: number }> {
  if (control <= 2) {
    const data = Buffer.from(yield { take: 2 }).readUInt16BE() + 1;
    return { head: 2, data };
  }
  if (control < 0x80) throw broken('within a block');
  const hasProperties = control >= 0xc0;
  const data = Buffer.from(yield { take: 4 }).readUInt16BE(2) + 1;
  return { head: 4, data: data + (hasProperties ? 1 : 0) };
}

/** The header of a block without its first byte: flags, sizes that may be there, filters. */
function requireLzma2(header: Buffer): void {
  const flags = header[0] ?? 0;
  let at = 1;
  for (const bit of [0x40, 0x80]) if ((flags & bit) !== 0) at = afterVarint(header, at);
  const [filter, , dictionary = 0] = header.subarray(at);
  if ((flags & 3) !== 0 || filter !== LZMA2)
    throw new BodyFault('unsupported', 'goes through an xz filter other than LZMA2');
  if (dictionary > MAX_DICTIONARY)
    throw new BodyFault('unsupported', 'needs an xz dictionary of more than 64 MiB');
}

function* index(): Reading {
  let size = 1;
  const records = yield* varint();
  size += records.bytes;
  for (let left = records.value * 2; left > 0; left -= 1) size += (yield* varint()).bytes;
  yield { skip: (-size & (ALIGNMENT - 1)) + 4 };
}

function* varint(): Reading<{ value: number; bytes: number }> {
  let value = 0;
  for (let bytes = 1; bytes <= MAX_VARINT_BYTES; bytes += 1) {
    const byte = (yield { take: 1 })[0] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * (bytes - 1));
    if (byte < 0x80) return { value, bytes };
  }
  throw broken('within its index');
}

function afterVarint(bytes: Buffer, from: number): number {
  let at = from;
  while ((bytes[at] ?? 0) >= 0x80) at += 1;
  return at + 1;
}

function broken(where: string): BodyFault {
  return new BodyFault('damaged', `has no xz stream ${where}`);
}
