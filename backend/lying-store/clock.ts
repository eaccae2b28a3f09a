import { setTimeout as pause } from 'node:timers/promises';

/** The time of a store, which a test may let pass as it likes. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

/** The time of the machine. */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  sleep: (ms) => pause(ms),
};

/** A time that passes only when somebody sleeps, and then at once. */
export class VirtualClock implements Clock {
  private at: number;

  constructor(at: number = Date.UTC(2026, 0, 1)) {
    this.at = at;
  }

  now(): number {
    return this.at;
  }

  async sleep(ms: number): Promise<void> {
    const due = this.at + ms;
    await Promise.resolve();
    this.at = Math.max(this.at, due);
  }
}
