import { createHash, type Hash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { HashAlgorithm } from './nix-hash.ts';
import { silence, Trouble } from './trouble.ts';

/** A body that ended too early: its connection was closed, or nothing more came. */
export type CutOff = 'closed' | 'silent';

/** How a body is measured. */
export interface MeterHow {
  readonly algorithm: HashAlgorithm;
  readonly idleMs: number;
  /** Called with the size of each piece. */
  readonly arrived?: ((bytes: number) => void) | undefined;
}

/**
 * The bytes of a body as they arrive, counted and hashed. A connection that breaks off ends them like any other end: that is a
 * finding and no failure.
 *
 * Who stops reading in the middle may go on by {@link drain}.
 */
export class BodyMeter implements AsyncIterable<Uint8Array> {
  received = 0;
  /** How the body ended before its end; undefined for a whole one, as far as HTTP can tell. */
  cutOff: CutOff | undefined;
  private readonly body: Readable;
  private readonly how: MeterHow;
  private readonly pieces: AsyncIterator<Buffer>;
  private readonly hash: Hash;
  private over = false;

  constructor(body: Readable, how: MeterHow) {
    this.body = body;
    this.how = how;
    this.hash = createHash(how.algorithm);
    this.pieces = (body as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  /** Without a `return`, so that a loop that ends early does not end the body. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return { next: () => this.next() };
  }

  /** Reads what is left. */
  async drain(): Promise<void> {
    while (!(await this.next()).done);
  }

  /** Gives up the rest. */
  stop(): void {
    this.over = true;
    this.body.destroy();
  }

  /** The hash of what has arrived. To be asked once, at the end. */
  digest(): Buffer {
    return this.hash.digest();
  }

  private async next(): Promise<IteratorResult<Uint8Array>> {
    if (this.over) return { done: true, value: undefined };
    const { idleMs } = this.how;
    const timer = setTimeout(() => this.body.destroy(silence(idleMs)), idleMs);
    try {
      const { done, value } = await this.pieces.next();
      if (done === true) {
        this.over = true;
        return { done, value: undefined };
      }
      this.received += value.length;
      this.hash.update(value);
      this.how.arrived?.(value.length);
      return { done: false, value };
    } catch (error) {
      this.over = true;
      this.cutOff = error instanceof Trouble ? 'silent' : 'closed';
      return { done: true, value: undefined };
    } finally {
      clearTimeout(timer);
    }
  }
}
