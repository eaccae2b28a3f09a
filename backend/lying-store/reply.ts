import type { StoreAnswer, StoreRequest } from '../store/store-client.ts';

/** A request of which it is known which bucket it asks; an empty one asks the store itself. */
export interface Asked extends StoreRequest {
  readonly bucket: string;
}

/** What happens to an answer on its way. */
export type Transport =
  /** The connection ends after so many bytes of the body; before the head is whole with `head`, before anything with `nothing`. */
  | { readonly kind: 'cut'; readonly after: number | 'head' | 'nothing' }
  /** Nothing comes, and the connection stays. */
  | { readonly kind: 'hang' }
  /** The body comes in pieces. */
  | { readonly kind: 'drip'; readonly pieceBytes: number; readonly pauseMs: number }
  /** Nobody listens, for so long. */
  | { readonly kind: 'refuse'; readonly ms: number }
  /** The head declares another length than the body has. */
  | { readonly kind: 'length'; readonly declared: number }
  /** Bytes that are no HTTP: those of TLS, or others. */
  | { readonly kind: 'not-http'; readonly tls: boolean };

/** An answer, and what happens to it on its way. */
export interface Reply extends StoreAnswer {
  /** @default - it arrives whole */
  readonly transport?: Transport;
}

/** Something that answers requests, in a process or behind a server. */
export interface Replying {
  reply(request: StoreRequest): Promise<Reply>;
}
