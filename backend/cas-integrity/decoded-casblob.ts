import { type ByteStream, unzstd } from '../../operations/zstd/unzstd.ts';
import { ByteReader } from './byte-reader.ts';
import { type CasblobHeader, takeCasblobHeader } from './casblob-header.ts';
import { Undecodable, undecodable } from './undecodable.ts';

/** What decoding tells beside the bytes. */
export interface CasblobNotes {
  /** The size that the header gives. */
  claimed?: number;
}

/**
 * The bytes of a blob out of the object that bazel-remote keeps under `cas.v2`: chunk by chunk, each where the table says.
 *
 * @param notes is filled in
 * @throws Undecodable
 */
export async function* decodedCasblob(
  stream: ByteStream,
  notes: CasblobNotes = {},
): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(stream);
  try {
    const header = await takeCasblobHeader(reader);
    notes.claimed = header.size;
    yield* header.compression === 'none' ? plainChunk(reader, header) : chunks(reader, header);
    if (!(await reader.atEnd())) throw damage(reader, 'goes on behind its last chunk');
  } finally {
    await reader.close();
  }
}

async function* chunks(
  reader: ByteReader,
  { chunkSize, offsets }: CasblobHeader,
): AsyncGenerator<Uint8Array> {
  const count = offsets.length - 1;
  for (let index = 0; index < count; index += 1) {
    const end = offsets[index + 1] ?? 0;
    const name = `chunk ${index + 1} of ${count}`;
    let size = 0;
    try {
      for await (const content of unzstd(reader.upTo(end, name))) {
        size += content.length;
        if (size > chunkSize) throw damage(reader, `has more than ${chunkSize} bytes in ${name}`);
        yield content;
      }
    } catch (error) {
      throw undecodable(error, reader.position, `is no zstd in ${name}, or not what was written`);
    }
    // A read from the middle of the blob counts on it.
    if (index + 1 < count && size !== chunkSize) {
      throw damage(reader, `has ${size} bytes in ${name}, and not ${chunkSize}`);
    }
  }
}

/** No bazel-remote writes it, and every one reads it: bytes as they are behind a header. */
async function* plainChunk(
  reader: ByteReader,
  { size, offsets }: CasblobHeader,
): AsyncGenerator<Uint8Array> {
  const end = offsets[1] ?? 0;
  let length = 0;
  for await (const content of reader.rest()) {
    length += content.length;
    yield content;
  }
  if (length < size) {
    const why = `ends at byte ${reader.position}, and its blob has ${size} bytes`;
    throw new Undecodable({ kind: 'truncated', at: reader.position, why });
  }
  if (reader.position !== end) throw damage(reader, 'does not end where its table says');
}

function damage(reader: ByteReader, why: string): Undecodable {
  return new Undecodable({ kind: 'damaged', at: reader.position, why });
}
