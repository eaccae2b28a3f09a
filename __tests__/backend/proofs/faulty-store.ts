import { errorAnswer } from '../../../backend/gateway/answers.ts';
import type { Store, StoreAnswer, StoreRequest } from '../../../backend/store/store-client.ts';
import { StoreTrouble } from '../../../backend/store/store-trouble.ts';

/** Who is killed: the driver with its gateway, tofu, or both. */
type Victim = 'both' | 'driver' | 'tofu';

/** What befalls one request. */
interface Moment {
  /** Lets the store do what is asked. */
  readonly forward: () => Promise<StoreAnswer>;
  readonly kill: (victim: Victim) => void;
}

/** What happens at one request to the store. */
export interface Fault {
  readonly name: string;
  readonly act: (moment: Moment) => Promise<StoreAnswer>;
  /** It befalls every request after it as well. @default false */
  readonly lasts?: boolean;
}

/** Of whoever is dead nobody hears again. */
function silence(): Promise<never> {
  return new Promise(() => {});
}

function killed(victim: Victim, when: 'after' | 'before'): Fault['act'] {
  return async ({ forward, kill }) => {
    if (when === 'after') await forward();
    kill(victim);
    return await silence();
  };
}

function troubled(kind: 'cut' | 'timeout', when: 'after' | 'before'): Fault['act'] {
  return async ({ forward }) => {
    if (when === 'after') await forward();
    throw new StoreTrouble(kind, `${kind} ${when} it was done`);
  };
}

async function failing(): Promise<StoreAnswer> {
  return errorAnswer(500, 'InternalError', 'the store fails');
}

/** Everything that may befall a request of an apply. */
export const FAULTS: readonly Fault[] = [
  { name: 'both killed before it is sent', act: killed('both', 'before') },
  { name: 'both killed when it is done', act: killed('both', 'after') },
  { name: 'answered 500', act: failing },
  { name: 'answered 500, as all that follow', act: failing, lasts: true },
  { name: 'not answered in time, and not done', act: troubled('timeout', 'before') },
  { name: 'not answered in time, and done', act: troubled('timeout', 'after') },
  { name: 'cut off, and not done', act: troubled('cut', 'before') },
  { name: 'cut off, and done', act: troubled('cut', 'after') },
  { name: 'cut off, as all that follow', act: troubled('cut', 'before'), lasts: true },
  { name: 'the gateway killed before it is sent', act: killed('driver', 'before') },
  { name: 'the gateway killed when it is done', act: killed('driver', 'after') },
  {
    name: 'tofu killed',
    act: async ({ forward, kill }) => {
      kill('tofu');
      return await forward();
    },
  },
];

/** A store on whose n-th request something happens. */
export class FaultyStore implements Store {
  sent = 0;
  /** Who is dead. */
  readonly dead = new Set<'driver' | 'tofu'>();
  /** Is told of every death. */
  onDeath: () => void = () => {};
  private readonly store: Store;
  private readonly at: number;
  private readonly fault: Fault | undefined;

  constructor(store: Store, at = 0, fault?: Fault) {
    this.store = store;
    this.at = at;
    this.fault = fault;
  }

  async send(request: StoreRequest): Promise<StoreAnswer> {
    this.sent += 1;
    if (this.dead.has('driver')) return await silence();
    const { fault, at, sent } = this;
    const forward = () => this.store.send(request);
    const isDue = sent === at || (fault?.lasts === true && sent > at);
    if (fault === undefined || !isDue) return await forward();
    return await fault.act({ forward, kill: (victim) => this.kill(victim) });
  }

  private kill(victim: Victim): void {
    if (victim !== 'tofu') this.dead.add('driver');
    if (victim !== 'driver') this.dead.add('tofu');
    this.onDeath();
  }
}
