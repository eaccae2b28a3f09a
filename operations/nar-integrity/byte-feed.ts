/** What a reading asks for next: bytes in one piece, bytes to go over, or that something is handed on. */
export type Wish =
  | { readonly take: number }
  | { readonly skip: number }
  | { readonly give: Uint8Array };

/** A format, read from its first byte to its last as one function that yields whenever it needs bytes. */
export type Reading<Result = void> = Generator<Wish, Result, Uint8Array>;

const NOTHING = new Uint8Array();

/**
 * Feeds a reading with bytes in pieces of any size, and holds back no more than what it takes at once.
 *
 * @example
 * for (const piece of feed.push(chunk)) write(piece);
 */
export class ByteFeed {
  /** Bytes that the reading has used. */
  offset = 0;
  /** The reading came to its end: whatever follows is not for it. */
  done = false;
  private readonly reading: Reading;
  private wish: Wish = { skip: 0 };
  private lacking = 0;
  private gathered: Uint8Array[] = [];

  constructor(reading: Reading) {
    this.reading = reading;
  }

  /** Bytes that the present wish still needs. */
  get missing(): number {
    return this.lacking;
  }

  /**
   * Gives bytes to the reading, and yields what it hands on.
   *
   * @returns how many were used: all of them, unless the reading came to its end
   */
  *push(bytes: Uint8Array): Generator<Uint8Array, number> {
    let used = 0;
    for (;;) {
      const ready = Math.min(this.lacking, bytes.length - used);
      const part = bytes.subarray(used, used + ready);
      used += ready;
      this.offset += ready;
      this.lacking -= ready;
      if ('take' in this.wish && ready > 0) this.gathered.push(part);
      if (this.lacking > 0 || this.done) return used;
      if ('give' in this.wish) yield this.wish.give;
      this.next();
    }
  }

  private next(): void {
    const { done, value } = this.reading.next(this.gatheredPiece());
    this.done = done === true;
    this.wish = done === true ? { skip: 0 } : value;
    this.lacking = sizeOf(this.wish);
  }

  private gatheredPiece(): Uint8Array {
    const [first = NOTHING, ...more] = this.gathered;
    this.gathered = [];
    return more.length === 0 ? first : Buffer.concat([first, ...more]);
  }
}

function sizeOf(wish: Wish): number {
  if ('take' in wish) return wish.take;
  return 'skip' in wish ? wish.skip : 0;
}
