import type { Binding } from 'zstd-codec/lib/module.js';

/** Bytes of unknown number as they arrive. */
export type ByteStream = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Of a block of four bytes come up to 128 KiB: so few are handed over at once that what they come to fits into memory. */
const SLICE_BYTES = 1024;

/** Bytes that are no zstd, or whose checksum is wrong. */
export class NotZstd extends Error {
  constructor() {
    super('cannot be decompressed as zstd');
    this.name = 'NotZstd';
  }
}

/**
 * Decompresses zstd as it arrives, also several frames one after the other, by the C library of zstd: it compares the checksums
 * of frames, and gives none of them more memory than 128 MiB. Frames that are to be skipped are.
 *
 * What ends within a frame comes out as far as it goes, without a fault: how long it has to be is for others to know.
 *
 * @throws NotZstd
 */
export async function* unzstd(stream: ByteStream): AsyncGenerator<Uint8Array> {
  const { ZstdDecompressStreamBinding } = await loaded();
  const decoder = new ZstdDecompressStreamBinding();
  try {
    decoder.begin();
    for await (const bytes of stream) {
      for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
        const content: Uint8Array[] = [];
        const keep = (part: Uint8Array) => void content.push(part.slice());
        if (!decoder.transform(bytes.subarray(at, at + SLICE_BYTES), keep)) throw new NotZstd();
        yield* content;
      }
    }
  } finally {
    decoder.delete();
  }
}

type Library = Pick<Binding, 'ZstdDecompressStreamBinding'>;
let library: Promise<Library> | undefined;

/** Half a megabyte that only compressed bodies need. */
function loaded(): Promise<Library> {
  library ??= import('zstd-codec/lib/module.js').then(
    ({ run }) =>
      new Promise((resolve) => {
        // Only a part of it: the whole has a method `then`, and a promise of it would never be kept.
        run(({ ZstdDecompressStreamBinding }) => resolve({ ZstdDecompressStreamBinding }));
      }),
  );
  return library;
}
