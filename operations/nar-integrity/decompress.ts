import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip } from 'node:zlib';
import { unzstd } from '../zstd/unzstd.ts';
import { NotZstd } from '../zstd/zstd-stream.ts';
import { BodyFault } from './body-fault.ts';

/** Bytes as they stream by. */
export type ByteStream = AsyncIterable<Uint8Array>;

/**
 * Undoes a compression while bytes stream by.
 *
 * It ends with a {@link BodyFault} where the bytes are not what they should be. It leaves the rest of them unread then.
 */
export type Decompress = (source: ByteStream) => ByteStream;

type ZlibDecoder = ReturnType<typeof createBrotliDecompress | typeof createGunzip>;

/** What Node calls an input that ends too early. */
const TOO_SHORT = 'Z_BUF_ERROR';

/** The compressions that a narinfo may name and that can be undone here. What takes a library is loaded when it is met. */
const DECOMPRESSIONS: Readonly<Record<string, () => Promise<Decompress>>> = {
  none: async () => (source) => source,
  zstd: async () => throughZstd,
  xz: async () => (await import('./xz.ts')).unxz,
  br: async () => (source) => throughZlib(source, createBrotliDecompress()),
  gzip: async () => (source) => throughZlib(source, createGunzip()),
};

/**
 * How a compression is undone, by the name that a narinfo has for it.
 *
 * @throws BodyFault for one that cannot be undone here
 */
export async function decompressionOf(name: string): Promise<Decompress> {
  const load = Object.hasOwn(DECOMPRESSIONS, name) ? DECOMPRESSIONS[name] : undefined;
  if (load !== undefined) return await load();
  const known = Object.keys(DECOMPRESSIONS).join(', ');
  throw new BodyFault('unsupported', `is compressed by ${name}; what can be read is ${known}`);
}

async function* throughZstd(source: ByteStream): ByteStream {
  try {
    yield* unzstd(source);
  } catch (error) {
    if (!(error instanceof NotZstd)) throw error;
    throw error.fault === 'beyond'
      ? new BodyFault('unsupported', 'asks for more memory to decompress than is given to it')
      : new BodyFault('damaged', 'is no zstd, or not what was written');
  }
}

async function* throughZlib(source: ByteStream, decoder: ZlibDecoder): ByteStream {
  let given = 0;
  const counted = async function* () {
    for await (const bytes of source) {
      given += bytes.length;
      yield bytes;
    }
  };
  const feeding = pipeline(Readable.from(counted(), { objectMode: false }), decoder);
  // Whatever goes wrong is told by the decoder as well, to whom reads it.
  feeding.catch(() => {});
  try {
    yield* decoder;
    await feeding;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === TOO_SHORT) throw new BodyFault('truncated', 'ends before its compression does');
    throw new BodyFault('damaged', 'is not compressed as the narinfo says');
  }
  // Node stops at the end of what it can read, and so does Nix.
  const rest = given - decoder.bytesWritten;
  if (rest > 0) {
    throw new BodyFault(
      'damaged',
      `ends its compression at byte ${decoder.bytesWritten}, and ${rest} bytes follow that nobody reads`,
    );
  }
}
