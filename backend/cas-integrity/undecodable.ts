import { NotZstd } from '../../operations/zstd/zstd-stream.ts';

/**
 * Why bytes cannot be decoded:
 *
 * - `truncated`: they end too early;
 * - `damaged`: they are not what an encoder writes;
 * - `header`: what stands before them says nothing that can be followed;
 * - `beyond`: they may be right, and ask for more memory than is given to them.
 */
export type FaultKind = 'truncated' | 'damaged' | 'header' | 'beyond';

/** Something in an object that ended its decoding. */
export interface Fault {
  readonly kind: FaultKind;
  /** How far it was read, in bytes from its beginning as it lies there. */
  readonly at: number;
  /** For people; continues "it". */
  readonly why: string;
}

/** Thrown where decoding cannot go on. */
export class Undecodable extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.why);
    this.name = 'Undecodable';
    this.fault = fault;
  }
}

/** What a decompression has thrown, with its place; anything else than damage stays what it is. */
export function undecodable(error: unknown, at: number, why: string): unknown {
  if (!(error instanceof NotZstd)) return error;
  return error.fault === 'beyond'
    ? new Undecodable({ kind: 'beyond', at, why: error.message })
    : new Undecodable({ kind: 'damaged', at, why });
}
