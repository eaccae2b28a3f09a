import { createHash } from 'node:crypto';
import { StoreTrouble } from '../store/store-trouble.ts';
import { type Fault, Undecodable } from './undecodable.ts';

/** What was found of a blob in one place. */
export type Evidence =
  /** It decodes to the end. */
  | {
      readonly seen: 'whole';
      /** SHA-256 of the decoded bytes. */
      readonly hash: string;
      /** Decoded bytes. */
      readonly size: number;
      /** The size that the object itself gives. @default - it gives none */
      readonly claimed?: number | undefined;
    }
  /** It begins, and cannot be read to the end. */
  | { readonly seen: 'faulty'; readonly fault: Fault }
  /** It breaks off, and nothing says whether that is the object or the way. */
  | { readonly seen: 'cut'; readonly at: number }
  | { readonly seen: 'absent' }
  /** Nothing was learned, for this reason. */
  | { readonly seen: 'nothing'; readonly because: string };

/** How a body is to be read, and where it stands. */
export interface Reading {
  readonly decoded: AsyncIterable<Uint8Array>;
  /** Bytes that have arrived so far, before they are decoded. */
  readonly arrived: () => number;
  /** The size that the object itself gives, once it was read. */
  readonly claimed?: () => number | undefined;
}

/** Hashes what comes out of a body, block by block; nothing of it is kept. */
export async function hashed({ decoded, arrived, claimed }: Reading): Promise<Evidence> {
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const part of decoded) {
      hash.update(part);
      size += part.length;
    }
  } catch (error) {
    if (error instanceof Undecodable) return { seen: 'faulty', fault: error.fault };
    if (!(error instanceof StoreTrouble)) throw error;
    return error.kind === 'cut'
      ? { seen: 'cut', at: arrived() }
      : { seen: 'nothing', because: error.message };
  }
  return { seen: 'whole', hash: hash.digest('hex'), size, claimed: claimed?.() };
}

/**
 * Looks a second time where a body broke off. A connection breaks where it happens to; a server that cannot decode an object,
 * and a store that has lost the end of one, break off at the same byte again.
 */
export async function twiceWhereCut(look: () => Promise<Evidence>): Promise<Evidence> {
  const first = await look();
  if (first.seen !== 'cut') return first;
  const second = await look();
  if (second.seen !== 'cut' || second.at !== first.at) return second;
  const why = `breaks off at byte ${first.at}, twice`;
  return { seen: 'faulty', fault: { kind: 'truncated', at: first.at, why } };
}
