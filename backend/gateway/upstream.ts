import { setTimeout as sleepHere } from 'node:timers/promises';
import type { Store, StoreAnswer, StoreRequest } from '../store/store-client.ts';
import { StoreTrouble, type TroubleKind } from '../store/store-trouble.ts';

/** An answer of the store, or why there is none. */
export type Reply = StoreAnswer | StoreTrouble;

/** How long what failed is tried again. */
export interface Patience {
  /** Whether what failed like this, so many times, may be better the next time. */
  allows(reply: Reply, attempt: number): boolean;
}

/** What every store has now and then, and is over a moment later. */
const BRIEF_TROUBLE: ReadonlySet<TroubleKind> = new Set(['cut', 'refused']);
/** What besides is seen of a store, and of the way to it, while it is restarted. */
const RESTART_TROUBLE: ReadonlySet<TroubleKind> = new Set([
  ...BRIEF_TROUBLE,
  'timeout',
  'unresolved',
]);
/** S3 answers 409 when another conditional write is just being decided. */
const PASSING_STATUS: ReadonlySet<number> = new Set([409, 429, 500, 502, 503, 504]);
const BRIEF_ATTEMPTS = 3;

const REQUEST_MS = 20_000;
const PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2000;
/** What the slowest way is taken to carry: a state of 100 MB is given 100 s more than an empty one. */
const BYTES_PER_MS = 1024;

/** Three attempts, so that no passing trouble fails a run, and none lasts. */
export const BRIEF: Patience = {
  allows: (reply, attempt) => attempt < BRIEF_ATTEMPTS && isPassing(reply, BRIEF_TROUBLE),
};

/** Until a store that is being restarted is back. */
export function untilRestarted(
  restartMs: number,
  now: () => number = () => performance.now(),
): Patience {
  const end = now() + restartMs;
  return { allows: (reply) => now() < end && isPassing(reply, RESTART_TROUBLE) };
}

function isPassing(reply: Reply, kinds: ReadonlySet<TroubleKind>): boolean {
  return reply instanceof StoreTrouble ? kinds.has(reply.kind) : PASSING_STATUS.has(reply.status);
}

/** How the store is asked. */
interface UpstreamOptions {
  readonly bucket: string;
  readonly requestMs?: number;
  readonly pauseMs?: number;
  readonly sleep?: (ms: number) => Promise<void>;
  readonly observe?: (request: string) => void;
}

/** The store as a gateway asks it: with a deadline, and never in vain for longer than it has patience. */
export class Upstream {
  private readonly store: Store;
  private readonly options: UpstreamOptions;
  private readonly ending = new AbortController();

  constructor(store: Store, options: UpstreamOptions) {
    this.store = store;
    this.options = options;
  }

  /** From now on nothing is tried again. */
  end(): void {
    this.ending.abort();
  }

  /**
   * Asks once.
   *
   * @param size bytes that are expected in the answer
   */
  async once(request: StoreRequest, size = 0): Promise<Reply> {
    const { requestMs = REQUEST_MS, observe, bucket } = this.options;
    const bytes = size + (request.body?.length ?? 0);
    observe?.(nameOf(bucket, request));
    try {
      const deadlineMs = requestMs + Math.ceil(bytes / BYTES_PER_MS);
      return await this.store.send({ ...request, bucket, deadlineMs });
    } catch (error) {
      if (error instanceof StoreTrouble) return error;
      throw error;
    }
  }

  /** Asks what may be asked twice, until there is an answer that will not pass. */
  async ask(request: StoreRequest, patience: Patience = BRIEF, size = 0): Promise<Reply> {
    for (let attempt = 1; ; attempt += 1) {
      const reply = await this.once(request, size);
      if (!(await this.waits(reply, patience, attempt))) return reply;
    }
  }

  /** Waits before another attempt, each time longer; false when there is to be none. */
  async waits(reply: Reply, patience: Patience, attempt: number): Promise<boolean> {
    return patience.allows(reply, attempt) && (await this.pause(attempt));
  }

  /** Waits a while, each time longer; false when the gateway ends. */
  async pause(attempt: number): Promise<boolean> {
    const { pauseMs = PAUSE_MS, sleep } = this.options;
    const pause = Math.min(pauseMs * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
    const { signal } = this.ending;
    if (sleep !== undefined) return await sleep(pause).then(() => !signal.aborted);
    return await sleepHere(pause, !signal.aborted, { signal }).catch(() => false);
  }
}

/** A request for people, such as `GET tofu-state/attic/terraform.tfstate`. */
export function nameOf(
  bucket: string,
  { method, key }: Pick<StoreRequest, 'key' | 'method'>,
): string {
  return `${method} ${bucket}${key === undefined ? '' : `/${key}`}`;
}
