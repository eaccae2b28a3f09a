import { createHash } from 'node:crypto';

/** What may be made otherwise than bazel-remote makes it, to be found out. */
export interface MakeOptions {
  /** Bytes of the blob in each chunk. @default 1048576 */
  readonly chunkSize?: number;
  /** What the header says instead of the truth. */
  readonly size?: number;
  /** Whether the bytes lie behind the header as they are. @default false */
  readonly plain?: boolean;
}

const FIXED_BYTES = 29;
const BLOCK_BYTES = 128 * 1024;

/** The name of a blob. */
export function hashOf(blob: Uint8Array): string {
  return createHash('sha256').update(blob).digest('hex');
}

/** A blob as bazel-remote keeps it under `cas.v2`, in frames whose blocks are not compressed. */
export function casblobOf(blob: Uint8Array, options: MakeOptions = {}): Buffer {
  const { chunkSize = 1024 * 1024, size = blob.length, plain = false } = options;
  const pieces = plain ? [blob] : portions(blob, chunkSize);
  const frames = plain ? [blob] : pieces.map((piece) => frameOf(piece));
  const header = Buffer.alloc(FIXED_BYTES + 8 * (frames.length + 1));
  header.writeUInt32LE(0x184d2a50, 0);
  header.writeUInt32LE(header.length - 8, 4);
  header.writeBigInt64LE(BigInt(size), 8);
  header.writeUInt8(plain ? 0 : 1, 16);
  header.writeUInt32LE(chunkSize, 17);
  header.writeBigInt64LE(BigInt(frames.length + 1), 21);
  let offset = header.length;
  for (const [index, frame] of [...frames, Buffer.alloc(0)].entries()) {
    header.writeBigInt64LE(BigInt(offset), FIXED_BYTES + 8 * index);
    offset += frame.length;
  }
  return Buffer.concat([header, ...frames]);
}

/** A frame of zstd that says how long its content is, and holds it in plain blocks. */
export function frameOf(content: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt32LE(0xfd2fb528, 0);
  head.writeUInt8(0xa0, 4);
  head.writeUInt32LE(content.length, 5);
  const pieces = portions(content, BLOCK_BYTES);
  const blocks = pieces.map((piece, index) => {
    const word = Buffer.alloc(3);
    word.writeUIntLE((piece.length << 3) | (index === pieces.length - 1 ? 1 : 0), 0, 3);
    return Buffer.concat([word, piece]);
  });
  return Buffer.concat([head, ...blocks]);
}

/** The same bytes in pieces of a length; nothing is one empty piece. */
export function portions(bytes: Uint8Array, length: number): Uint8Array[] {
  const count = Math.max(1, Math.ceil(bytes.length / length));
  return Array.from({ length: count }, (_, index) =>
    bytes.subarray(index * length, (index + 1) * length),
  );
}
