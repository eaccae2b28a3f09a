import { HonestStore } from '../../../backend/lying-store/honest-store.ts';
import type { Reply, Replying } from '../../../backend/lying-store/reply.ts';
import type { StoreRequest } from '../../../backend/store/store-client.ts';

/** What happens at one request. */
export interface Strike {
  readonly name: string;
  /** Whether the store does what it is asked. */
  readonly forwards: boolean;
  readonly kills?: readonly ('driver' | 'tofu')[];
  /** What becomes of the answer. @default - it arrives */
  readonly answer?: 'cut' | 'fails' | 'hangs';
}

/** Everything that may befall a request of an apply. */
export const STRIKES: readonly Strike[] = [
  {
    name: 'tofu and driver killed before it',
    forwards: false,
    kills: ['driver', 'tofu'],
    answer: 'hangs',
  },
  {
    name: 'tofu and driver killed after it',
    forwards: true,
    kills: ['driver', 'tofu'],
    answer: 'hangs',
  },
  { name: 'an answer of 500', forwards: false, answer: 'fails' },
  { name: 'a connection that is cut', forwards: true, answer: 'cut' },
  { name: 'the gateway killed', forwards: true, kills: ['driver'], answer: 'hangs' },
  { name: 'tofu killed', forwards: true, kills: ['tofu'] },
  { name: 'no answer in time', forwards: false, answer: 'hangs' },
];

/** Who can be killed. */
type Killing = Readonly<Record<'driver' | 'tofu', () => void>>;

interface Armed {
  readonly at: number;
  readonly strike: Strike;
  readonly kill: Killing;
}

/** An honest store on whose n-th request of an apply something happens. The requests of a guard before it are not counted. */
export class StruckStore implements Replying {
  readonly truth: HonestStore;
  /** Requests of the apply so far. */
  count = 0;
  private armed: Armed | undefined;
  private isApplying = false;

  constructor(bucket: string) {
    this.truth = new HonestStore({ bucket });
  }

  arm(armed: Armed): void {
    this.armed = armed;
    this.expect();
  }

  /** Counts anew, from the next listing of workspaces on: it is the first thing that tofu asks. */
  expect(): void {
    this.count = 0;
    this.isApplying = false;
  }

  disarm(): void {
    this.armed = undefined;
  }

  async reply(request: StoreRequest): Promise<Reply> {
    this.isApplying ||= request.query?.prefix === 'env:/';
    if (this.isApplying) this.count += 1;
    const { armed } = this;
    if (armed === undefined || this.count !== armed.at) return this.truth.answer(request);
    this.disarm();
    return this.struck(request, armed);
  }

  private struck(request: StoreRequest, { strike, kill }: Armed): Reply {
    const honest = strike.forwards ? this.truth.answer(request) : undefined;
    for (const victim of strike.kills ?? []) kill[victim]();
    const answer = honest ?? { status: 500, headers: {}, body: Buffer.alloc(0) };
    if (strike.answer === 'cut') return { ...answer, transport: { kind: 'cut', after: 'nothing' } };
    if (strike.answer === 'hangs') return { ...answer, transport: { kind: 'hang' } };
    return answer;
  }
}
