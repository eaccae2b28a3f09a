const GATHER_MS = 20;
const RETRY_MS = 500;
/** Even when nothing seems to change, the world is looked at now and then. */
const IDLE_MS = 5_000;

/**
 * Does each of several things although others of them fail.
 *
 * @throws Error that says what went wrong with all that failed
 */
export async function eachApart<T>(
  items: Iterable<T>,
  act: (item: T) => Promise<unknown>,
): Promise<void> {
  const problems: string[] = [];
  for (const item of items) {
    try {
      await act(item);
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  if (problems.length > 0) throw new Error(problems.join('; '));
}

/**
 * Looks at the whole world after every change, one round at a time. A round that fails is repeated: what it wanted to do may
 * have been overtaken by another change, which is no error.
 */
export class Rounds {
  private readonly round: () => Promise<void>;
  private readonly report: (problem: string) => void;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private wanted = false;
  private stopped = false;

  constructor(round: () => Promise<void>, report: (problem: string) => void) {
    this.round = round;
    this.report = report;
  }

  /** Asks for a round soon; changes that come together share one. */
  ask(): void {
    this.wanted = true;
    if (this.running === undefined) this.schedule(GATHER_MS);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private schedule(milliseconds: number): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      // A round may ask for the next one before it has given its promise back.
      this.running = Promise.resolve().then(() => this.run());
    }, milliseconds);
  }

  private async run(): Promise<void> {
    this.wanted = false;
    let next = IDLE_MS;
    try {
      await this.round();
    } catch (error) {
      next = RETRY_MS;
      if (!this.stopped) this.report(error instanceof Error ? error.message : String(error));
    }
    this.running = undefined;
    this.schedule(this.wanted ? GATHER_MS : next);
  }
}
