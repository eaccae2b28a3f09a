import type { Clock } from '../lying-store/clock.ts';
import { HonestStore } from '../lying-store/honest-store.ts';
import type { Lie } from '../lying-store/lie.ts';
import { LyingStore } from '../lying-store/lying-store.ts';
import type { StackState } from '../stack-state.ts';

/** A run that wrote a state before a rehearsal begins. */
export interface PastRun {
  readonly lock: Buffer;
  readonly state: Buffer;
}

const BUCKET = 'tofu-state';
const KEY = 'arc-runners/terraform.tfstate';

/** The state of a rehearsal. It has nothing to do with the one of the settings. */
export const REHEARSED: StackState = {
  stack: 'arc-runners',
  bucket: BUCKET,
  key: KEY,
  lockKey: `${KEY}.tflock`,
  holdsOwnStore: false,
  memory: '',
  work: '',
};

/** A store in which runs have written one after the other, each under its lock, and which is about to lie. */
export class RehearsedStore {
  readonly truth: HonestStore;
  readonly store: LyingStore;

  constructor(past: readonly PastRun[], clock: Clock) {
    this.truth = new HonestStore({ bucket: BUCKET, clock });
    this.store = new LyingStore(this.truth);
    for (const { lock, state } of past) {
      this.truth.plant(BUCKET, REHEARSED.lockKey, lock);
      this.truth.plant(BUCKET, KEY, state);
      this.truth.uproot(BUCKET, REHEARSED.lockKey);
    }
  }

  /** What a key really holds. */
  held(key: string = KEY): Buffer | undefined {
    return this.truth.bucketNamed(BUCKET)?.current(key)?.body;
  }

  /** The runs that have written here. */
  past(): PastRun[] {
    const bucket = this.truth.bucketNamed(BUCKET);
    const locks = bucket?.past(REHEARSED.lockKey) ?? [];
    const states = bucket?.past(KEY) ?? [];
    return states.map((state, index) => ({
      state,
      lock: locks.at(index - states.length) ?? Buffer.alloc(0),
    }));
  }

  lie(lie: Lie): void {
    this.store.lie([lie]);
  }
}
