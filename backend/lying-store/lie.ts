import type { Bucket } from './bucket.ts';
import type { Clock } from './clock.ts';
import type { HonestStore } from './honest-store.ts';
import type { Occasion } from './occasion.ts';
import type { Asked, Reply } from './reply.ts';

/** What a lie is about. */
export type LieKind = 'bucket' | 'connection' | 'locking' | 'reading' | 'writing';

/** When a lie begins, and when it stops. Without anything it begins at once and never stops. */
export interface Span {
  /**
   * Begins only when a state lies there with nobody holding its lock, and was written so often: as a run finds it that
   * comes after another.
   *
   * @default 0
   */
  readonly writes?: number;
  /** How many requests are lied to; what was done to what is kept stays done. @default - all */
  readonly times?: number;
  /** How long it lasts from the first lie on, in milliseconds. @default - for ever */
  readonly lastsMs?: number;
}

/** Something that a store does and may not do. */
export interface Lie {
  /** Unique, in kebab case. */
  readonly name: string;
  readonly kind: LieKind;
  /** The incident, the issue or the measurement that it comes from. */
  readonly origin: string;
  /** What it does, for people; continues "the store ". */
  readonly does: string;
  /** The requests that are lied to. */
  readonly on: Occasion;
  readonly span?: Span;
  /** Makes what answers them; what that remembers lasts as long as the store. */
  readonly tell: () => Effect;
}

/** A request that is lied to. */
export interface Call {
  readonly request: Asked;
  /** The bucket that it names, if it is there. */
  readonly bucket: Bucket | undefined;
  /** The key that it names; empty without one. */
  readonly key: string;
  /** How many were lied to before. */
  readonly before: number;
  /** What would be answered without this lie, to this request or to another one in its place. */
  readonly honest: (request?: Asked) => Promise<Reply>;
  /** The truth below all lies. */
  readonly truth: HonestStore;
  readonly random: () => number;
  readonly clock: Clock;
  /** Does something when so much time has passed: as soon as somebody asks the store again. */
  readonly later: (ms: number, action: () => void) => void;
  /** Does something when the lock of a key is given back. */
  readonly whenUnlocked: (key: string, action: () => void) => void;
}

/** Answers a request that is lied to. */
export type Effect = (call: Call) => Promise<Reply> | Reply;

/** When a lie begins and stops, for people. */
export function spanText({ span = {} }: Pick<Lie, 'span'>): {
  readonly begins: string;
  readonly stops: string;
} {
  const { writes = 0, times, lastsMs } = span;
  const begins = [
    'at once',
    'when a state was written and unlocked',
    'when a state was written twice and unlocked',
  ][writes];
  const counted = times === 1 ? 'after one request' : `after ${times} requests`;
  const timed = lastsMs === undefined ? 'never' : `after ${lastsMs / 1000} s`;
  return {
    begins: begins ?? `when a state was written ${writes} times and unlocked`,
    stops: times === undefined ? timed : counted,
  };
}
