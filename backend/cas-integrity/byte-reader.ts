import type { ByteStream } from '../../operations/zstd/unzstd.ts';
import { Undecodable } from './undecodable.ts';

/** Takes bytes off a stream in portions of an exact size, and holds no more than one portion and one arrival. */
export class ByteReader {
  /** How many were taken. */
  position = 0;
  private readonly source: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  private held: Uint8Array = new Uint8Array();

  constructor(stream: ByteStream) {
    this.source =
      Symbol.asyncIterator in stream ? stream[Symbol.asyncIterator]() : stream[Symbol.iterator]();
  }

  /** Whether there is nothing left. */
  async atEnd(): Promise<boolean> {
    return !(await this.fill());
  }

  /**
   * The next bytes.
   *
   * @param what for people, what they are: continues "ends in"
   * @throws Undecodable where fewer are left
   */
  async take(count: number, what: string): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let missing = count;
    while (missing > 0) {
      if (!(await this.fill())) throw this.ends(what);
      const part = this.held.subarray(0, missing);
      this.held = this.held.subarray(part.length);
      this.position += part.length;
      missing -= part.length;
      parts.push(part);
    }
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
  }

  /**
   * What comes before that position, as it arrives.
   *
   * @param what for people, what it is: continues "ends in"
   * @throws Undecodable where it does not come so far
   */
  async *upTo(end: number, what: string): AsyncGenerator<Uint8Array> {
    while (this.position < end) {
      if (!(await this.fill())) throw this.ends(what);
      const part = this.held.subarray(0, end - this.position);
      this.held = this.held.subarray(part.length);
      this.position += part.length;
      yield part;
    }
  }

  /** What is left, as it arrives. */
  async *rest(): AsyncGenerator<Uint8Array> {
    while (await this.fill()) {
      const part = this.held;
      this.held = new Uint8Array();
      this.position += part.length;
      yield part;
    }
  }

  /** Lets go of the stream, whose connection is closed with it. */
  async close(): Promise<void> {
    await this.source.return?.();
  }

  private ends(what: string): Undecodable {
    const at = this.position;
    return new Undecodable({ kind: 'truncated', at, why: `ends at byte ${at}, in ${what}` });
  }

  private async fill(): Promise<boolean> {
    while (this.held.length === 0) {
      const next = await this.source.next();
      if (next.done === true) return false;
      this.held = next.value;
    }
    return true;
  }
}
