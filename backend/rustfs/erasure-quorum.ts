import type { Layout } from './drives.ts';

const MAX_SET = 16;
/** What RustFS takes for parity by the number of drives in a set: those with at most so many. */
const PARITY = [
  [1, 0],
  [3, 1],
  [5, 2],
  [7, 3],
] as const;
const LARGE_PARITY = 4;

/** What is left of a store when one of its servers is away. */
export interface Quorum {
  /** Drives in one set, and how many of them hold data that a write has to reach. */
  readonly set: number;
  readonly needed: number;
  /** Drives of a set that are left when one server is away. */
  readonly left: number;
  /** True where states can still be written, and locks still be taken. */
  readonly survives: boolean;
}

/**
 * Whether a store can be written to while one of its servers is away. A write has to reach as many drives as hold its data,
 * one more where that is half of them; a lock needs most of the servers.
 *
 * @see https://github.com/rustfs/rustfs/blob/main/docs/architecture/erasure-coding.md
 */
export function quorumWithout(layout: Layout, parity?: number): Quorum {
  const servers = Math.max(1, layout.servers.length);
  const set = setSize(layout.total);
  const spare = parity ?? PARITY.find(([most]) => set <= most)?.[1] ?? LARGE_PARITY;
  const data = set - spare;
  const needed = data === spare ? data + 1 : data;
  const left = set - Math.ceil(set / servers);
  const locks = servers - 1 > servers / 2;
  return { set, needed, left, survives: left >= needed && locks };
}

/** Drives fall into sets of one size. */
function setSize(drives: number): number {
  for (let size = Math.min(MAX_SET, drives); size > 1; size -= 1) {
    if (drives % size === 0) return size;
  }
  return 1;
}
