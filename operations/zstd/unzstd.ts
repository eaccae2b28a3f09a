import { ZstdStream } from './zstd-stream.ts';

/** Bytes of unknown number as they arrive. */
export type ByteStream = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Of a block of four bytes come up to 128 KiB: so few are handed over at once that what they come to fits into memory. */
const SLICE_BYTES = 1024;

/**
 * Decompresses zstd as it arrives, also several frames one after the other, by the C library of zstd, which compares the
 * checksums of frames. Frames that are to be skipped are.
 *
 * What ends within a frame comes out as far as it goes, without a fault: how long it has to be is for others to know.
 *
 * @throws NotZstd
 */
export async function* unzstd(source: ByteStream): AsyncGenerator<Uint8Array> {
  const stream = await ZstdStream.open();
  try {
    for await (const bytes of source) {
      for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
        yield* stream.decompress(bytes.subarray(at, at + SLICE_BYTES));
      }
    }
  } finally {
    stream.close();
  }
}
