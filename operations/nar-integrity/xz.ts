import { ReadableStream } from 'node:stream/web';
import xz from 'xz-decompress';
import { BodyFault } from './body-fault.ts';
import { ByteFeed } from './byte-feed.ts';
import type { ByteStream } from './decompress.ts';
import { xzStream } from './xz-stream.ts';

/** Between and after streams there may be zeros, so many at a time. */
const PADDING_BYTES = 4;

/**
 * Decompresses xz, also several streams one after the other, as Attic streams a NAR chunk by chunk.
 *
 * The library decodes one stream at a time in the whole process; a second body waits until the stream of the first is read.
 */
export async function* unxz(source: ByteStream): ByteStream {
  const input = new StreamCutter(source);
  while (await input.hasNext()) {
    try {
      yield* new xz.XzReadableStream(ReadableStream.from(input.stream()));
    } catch (error) {
      throw input.fault(error);
    }
  }
}

/** Cuts bytes where an xz stream ends and the next begins. */
class StreamCutter {
  private readonly source: AsyncIterator<Uint8Array>;
  private rest: Uint8Array = new Uint8Array();
  private offset = 0;
  private failure: unknown;
  private feed = new ByteFeed(xzStream());

  constructor(source: ByteStream) {
    this.source = source[Symbol.asyncIterator]();
  }

  /** Goes over padding, and says whether anything follows it. */
  async hasNext(): Promise<boolean> {
    let zeros = 0;
    while (await this.fill()) {
      const next = this.rest.findIndex((byte) => byte !== 0);
      zeros += next < 0 ? this.rest.length : next;
      this.use(next < 0 ? this.rest.length : next);
      if (next >= 0) break;
    }
    if (zeros % PADDING_BYTES !== 0) {
      throw new BodyFault(
        'damaged',
        `has ${zeros} zeros before byte ${this.offset}, not a multiple of 4`,
      );
    }
    return this.rest.length > 0;
  }

  /** The bytes of one stream. */
  async *stream(): AsyncGenerator<Uint8Array> {
    this.feed = new ByteFeed(xzStream());
    try {
      while (!this.feed.done && (await this.fill())) {
        const used = Number(this.feed.push(this.rest).next().value);
        const piece = this.rest.subarray(0, used);
        this.use(used);
        yield piece;
      }
      if (!this.feed.done) throw new BodyFault('truncated', 'ends within an xz stream');
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }

  /** What the decoder stumbled over, in words: what was seen beside it says more. */
  fault(error: unknown): BodyFault {
    if (this.failure instanceof BodyFault) return this.failure;
    if (error instanceof BodyFault) return error;
    return new BodyFault('damaged', `is no xz before byte ${this.offset}`);
  }

  private use(bytes: number): void {
    this.rest = this.rest.subarray(bytes);
    this.offset += bytes;
  }

  private async fill(): Promise<boolean> {
    while (this.rest.length === 0) {
      const { done, value } = await this.source.next();
      if (done === true) return false;
      this.rest = value;
    }
    return true;
  }
}
