/**
 * Why a body cannot be decompressed.
 *
 * - `truncated`: it ends before its compression does;
 * - `damaged`: it is not compressed like that;
 * - `unsupported`: it may be right, and nothing here can read it.
 */
export type BodyFaultKind = 'truncated' | 'damaged' | 'unsupported';

/** Ends the decompression of a body; the message continues the words "the body". */
export class BodyFault extends Error {
  readonly kind: BodyFaultKind;

  constructor(kind: BodyFaultKind, message: string) {
    super(message);
    this.name = 'BodyFault';
    this.kind = kind;
  }
}
