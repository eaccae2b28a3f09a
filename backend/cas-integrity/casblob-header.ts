import type { ByteReader } from './byte-reader.ts';
import { Undecodable } from './undecodable.ts';

/** A skippable frame of zstd, so that a program for zstd reads past it. */
const MAGIC = 0x184d2a50;
/** Magic, length of the rest, size, compression, size of a chunk, number of offsets. */
const FIXED_BYTES = 4 + 4 + 8 + 1 + 4 + 8;
/** What the length of the rest does not count: the magic and itself. */
const BEFORE_REST = 8;
const OFFSET_BYTES = 8;
/** Far more than the 1 MiB that every bazel-remote writes. */
const MOST_CHUNK_BYTES = 16 * 1024 * 1024;
/** The offsets of eight million chunks: 8 TB at 1 MiB. */
const MOST_TABLE_BYTES = 64 * 1024 * 1024;
const COMPRESSIONS = ['none', 'zstd'] as const;

/** What stands before the chunks of an object under `cas.v2`. */
export interface CasblobHeader {
  /** Bytes that the chunks decode to, all together. */
  readonly size: number;
  readonly compression: (typeof COMPRESSIONS)[number];
  /** Bytes that each chunk decodes to, but for the last, which may have fewer. */
  readonly chunkSize: number;
  /** Where each chunk begins in the object, and behind them where the object ends. */
  readonly offsets: readonly number[];
}

/**
 * Takes the header of an object that bazel-remote has stored compressed.
 *
 * All numbers are little-endian. What bazel-remote refuses is refused here too, and so is a table that does not fit to the
 * sizes: a read from the middle of a blob would begin at the wrong chunk.
 *
 * @throws Undecodable
 * @see https://github.com/buchgr/bazel-remote/blob/v2.6.2/cache/disk/casblob/casblob.go
 */
export async function takeCasblobHeader(reader: ByteReader): Promise<CasblobHeader> {
  const fixed = Buffer.from(await reader.take(FIXED_BYTES, 'its header'));
  const refuse = (why: string) => new Undecodable({ kind: 'header', at: reader.position, why });
  if (fixed.readUInt32LE(0) !== MAGIC) {
    throw refuse('does not begin as bazel-remote begins its compressed objects');
  }
  const size = Number(fixed.readBigInt64LE(8));
  const compression = COMPRESSIONS[fixed.readUInt8(16)];
  const chunkSize = fixed.readUInt32LE(17);
  const count = Number(fixed.readBigInt64LE(21));
  if (size <= 0) throw refuse(`has a header that gives a size of ${size} bytes`);
  if (chunkSize === 0) throw refuse('has a header that gives chunks of 0 bytes');
  if (compression === undefined) throw refuse('has a header that names an unknown compression');
  if (fixed.readUInt32LE(4) !== FIXED_BYTES - BEFORE_REST + count * OFFSET_BYTES) {
    throw refuse('has a header whose length is not that of its table');
  }
  const chunks = compression === 'none' ? 1 : Math.ceil(size / chunkSize);
  if (count !== chunks + 1) {
    throw refuse(
      `has a table of ${count - 1} chunks, and ${size} bytes are ${chunks} of ${chunkSize}`,
    );
  }
  if (count * OFFSET_BYTES > MOST_TABLE_BYTES || Math.min(size, chunkSize) > MOST_CHUNK_BYTES) {
    throw refuse(
      `has chunks of ${chunkSize} bytes, ${count - 1} of them, as no bazel-remote writes them`,
    );
  }
  const table = Buffer.from(await reader.take(count * OFFSET_BYTES, 'its table of chunks'));
  const offsets = Array.from({ length: count }, (_, index) =>
    Number(table.readBigInt64LE(index * OFFSET_BYTES)),
  );
  requireAscending(offsets, reader.position, refuse);
  return { size, compression, chunkSize, offsets };
}

/** The first chunk follows the table, and each the one before. */
function requireAscending(
  offsets: readonly number[],
  start: number,
  refuse: (why: string) => Undecodable,
): void {
  if (offsets[0] !== start)
    throw refuse('has a table whose first chunk does not follow the header');
  const stray = offsets.findIndex(
    (offset, index) => index > 0 && offset <= (offsets[index - 1] ?? 0),
  );
  if (stray >= 0) throw refuse(`has a table whose offset ${stray} is not behind the one before`);
}
