import type { ByteStream } from '../../../operations/nar-integrity/decompress.ts';

/** Bytes as a stream, in pieces of one size. */
export async function* pieces(bytes: Uint8Array, size = 65_536): ByteStream {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** All bytes of a stream. */
export async function whole(stream: ByteStream): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of stream) all.push(piece);
  return Buffer.concat(all);
}
