import type { Store, StoreAnswer, StoreRequest } from '../store/store-client.ts';
import { enact } from './enact.ts';
import type { HonestStore } from './honest-store.ts';
import type { Call, Effect, Lie } from './lie.ts';
import { isOccasion, lockOf, stateOf } from './occasion.ts';
import type { Asked, Reply, Replying } from './reply.ts';
import { seededRandom } from './seeded-random.ts';

/** What a store lies about, and how. */
export interface LyingOptions {
  /** They lie together: each hides what those after it answer. @default - none */
  readonly lies?: readonly Lie[];
  /** The same seed makes the same choices, such as which byte is changed. @default 1 */
  readonly seed?: number;
}

/** A lie that is told. */
interface Told {
  readonly lie: Lie;
  readonly effect: Effect;
  readonly random: () => number;
  /** When it first lied. */
  since: number | undefined;
  begun: boolean;
  count: number;
}

interface Due {
  readonly at: number;
  readonly action: () => void;
}

/** An honest store that is made to lie. What has to happen later happens when it is asked again, so it needs no timers. */
export class LyingStore implements Store, Replying {
  readonly truth: HonestStore;
  private readonly seed: number;
  private told: readonly Told[] = [];
  private due: readonly Due[] = [];
  private onUnlock: readonly (readonly [lock: string, action: () => void])[] = [];

  constructor(truth: HonestStore, { lies = [], seed = 1 }: LyingOptions = {}) {
    this.truth = truth;
    this.seed = seed;
    this.lie(lies);
  }

  /** Begins to lie, beside what it lies about already. */
  lie(lies: readonly Lie[]): void {
    const told = lies.map((lie) => ({
      lie,
      effect: lie.tell(),
      random: seededRandom(this.seed, lie.name),
      since: undefined,
      begun: false,
      count: 0,
    }));
    this.told = [...this.told, ...told];
  }

  /** Is honest from now on. What lies have done to what it keeps stays done, and nothing more of it happens. */
  cease(): void {
    this.told = [];
    this.due = [];
    this.onUnlock = [];
  }

  /** How many requests were lied to. */
  get lied(): number {
    return this.told.reduce((sum, { count }) => sum + count, 0);
  }

  async send(request: StoreRequest): Promise<StoreAnswer> {
    return await enact(await this.reply(request), request, this.truth.clock);
  }

  async reply(request: StoreRequest): Promise<Reply> {
    const now = this.truth.clock.now();
    const due = this.due.filter(({ at }) => at <= now);
    this.due = this.due.filter(({ at }) => at > now);
    for (const { action } of due) action();
    const asked = this.truth.complete(request);
    this.beginDue(asked);
    const reply = this.truth.dated(await this.answer(asked, this.told));
    this.noteUnlock(asked);
    return asked.method === 'HEAD' ? { ...reply, body: Buffer.alloc(0) } : reply;
  }

  private async answer(asked: Asked, [first, ...others]: readonly Told[]): Promise<Reply> {
    if (first === undefined) return this.truth.answer(asked);
    if (!this.isDue(first, asked)) return await this.answer(asked, others);
    first.since ??= this.truth.clock.now();
    const call = this.callOf(first, asked, (instead = asked) => this.answer(instead, others));
    first.count += 1;
    return await first.effect(call);
  }

  private callOf(told: Told, request: Asked, honest: Call['honest']): Call {
    const { truth } = this;
    return {
      request,
      bucket: truth.bucketNamed(request.bucket),
      key: request.key ?? '',
      before: told.count,
      honest,
      truth,
      random: told.random,
      clock: truth.clock,
      later: (ms, action) => {
        this.due = [...this.due, { at: truth.clock.now() + ms, action }];
      },
      whenUnlocked: (key, action) => {
        this.onUnlock = [...this.onUnlock, [lockOf(key), action]];
      },
    };
  }

  private isDue(told: Told, asked: Asked): boolean {
    const { times = Infinity, lastsMs = Infinity } = told.lie.span ?? {};
    if (!told.begun || told.count >= times || !isOccasion(told.lie.on, asked)) return false;
    const since = told.since ?? this.truth.clock.now();
    return this.truth.clock.now() - since < lastsMs;
  }

  /** A run reads a state only under its lock: whether the one before it has ended is seen at its first request. */
  private beginDue(asked: Asked): void {
    for (const told of this.told) {
      const { writes = 0 } = told.lie.span ?? {};
      told.begun ||= writes === 0 || this.isAtRest(asked, writes);
    }
  }

  /** True when the state that is asked for, or any where none is, was written so often and nobody holds its lock. */
  private isAtRest({ bucket: name, key }: Asked, writes: number): boolean {
    const bucket = this.truth.bucketNamed(name === '' ? this.truth.defaultBucket : name);
    if (bucket === undefined) return false;
    const states = key === undefined ? bucket.keysEver() : [stateOf(key)];
    return states.some(
      (state) =>
        bucket.past(state).length >= writes &&
        stateOf(state) === state &&
        bucket.current(lockOf(state)) === undefined,
    );
  }

  private noteUnlock({ method, key }: Asked): void {
    if (method !== 'DELETE') return;
    const unlocked = this.onUnlock.filter(([lock]) => lock === key);
    this.onUnlock = this.onUnlock.filter(([lock]) => lock !== key);
    for (const [, action] of unlocked) action();
  }
}
