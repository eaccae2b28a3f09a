import { setImmediate as settled } from 'node:timers/promises';
import type { Store, StoreAnswer, StoreRequest } from '../../../backend/store/store-client.ts';
import { StoreTrouble } from '../../../backend/store/store-trouble.ts';

/** Something that may happen next, and happens when the scheduler says so. */
interface Step {
  readonly who: number;
  /** Such as `PUT`, `answer` or `sleep`. */
  readonly what: string;
  readonly go: () => void;
}

/** Chooses what happens next, among all that may. */
export type Adversary = (steps: readonly Step[], random: () => number) => number;

function anyOf(steps: readonly Step[], random: () => number): number {
  return Math.floor(random() * steps.length);
}

/** Prefers some steps; among equals, and now and then at all, chance decides, so that everybody gets on. */
function preferring(isPreferred: (step: Step, steps: readonly Step[]) => boolean): Adversary {
  return (steps, random) => {
    const preferred = steps.filter((step) => isPreferred(step, steps));
    const among = preferred.length === 0 || random() < 0.1 ? steps : preferred;
    const chosen = among[anyOf(among, random)];
    return chosen === undefined ? 0 : steps.indexOf(chosen);
  };
}

/** Who may decide about the order, each with another malice. */
export const ADVERSARIES: Readonly<Record<string, Adversary>> = {
  'chance decides': anyOf,
  'the last come is served first': preferring((step, steps) => step === steps.at(-1)),
  'what is written is done before what is read': preferring(({ what }) => what === 'PUT'),
  'what is read is done before what is written': preferring(({ what }) => what === 'GET'),
  'answers come late': preferring(({ what }) => what !== 'answer'),
  'locks go before anything else': preferring(({ what }) => what === 'DELETE'),
  'one is always last': preferring(({ who }) => who !== 0),
  'two are served in turn': preferring(({ who }) => who < 2),
};

/** A race takes some thousand. */
const MOST_STEPS = 20_000;
/** How often the way to the store fails, by chance. */
const CUT = 0.01;

/**
 * Lets several people ask one store, one step at a time: a request that arrives is one step, its answer another one, and the end
 * of a pause too. Nothing happens at the same time, and every order can happen.
 */
export class Scheduler {
  /** How many steps were taken. */
  taken = 0;
  private readonly store: Store;
  private readonly adversary: Adversary;
  private readonly random: () => number;
  private readonly waiting: Step[] = [];

  constructor(store: Store, adversary: Adversary, random: () => number) {
    this.store = store;
    this.adversary = adversary;
    this.random = random;
  }

  /** The store as one of the people reaches it. */
  storeOf(who: number): Store {
    return { send: (request) => this.send(who, request) };
  }

  /** Ends when it is this one's turn. */
  turn(who: number, what: string): Promise<void> {
    return new Promise((go) => {
      this.waiting.push({ who, what, go });
    });
  }

  /** Lets everybody work to the end, and rejects when nobody can go on, or nobody gets anywhere. */
  async run(work: readonly Promise<unknown>[]): Promise<void> {
    let ended = false;
    const all = Promise.all(work).finally(() => {
      ended = true;
    });
    // Whoever waits for it hears of it; until then it is no unhandled rejection.
    all.catch(() => {});
    for (;;) {
      // By then everybody waits for a step, or is done.
      await settled();
      if (ended) break;
      const [step] = this.waiting.splice(this.adversary(this.waiting, this.random), 1);
      if (step === undefined) throw new Error('nobody can go on');
      if (this.taken === MOST_STEPS) throw new Error('they go on, and come to no end');
      this.taken += 1;
      step.go();
    }
    await all;
  }

  private async send(who: number, request: StoreRequest): Promise<StoreAnswer> {
    await this.turn(who, request.method);
    if (this.random() < CUT) throw new StoreTrouble('cut', 'cut before it arrived');
    const answer = await this.store.send(request);
    await this.turn(who, 'answer');
    if (this.random() < CUT) throw new StoreTrouble('cut', 'cut after it was done');
    return answer;
  }
}
