import { asText, at } from '../../policy/model/json.ts';
import type { Clock } from '../lying-store/clock.ts';
import { RECORDED_RUNS, type Recorded, requestOf } from '../lying-store/recorded-requests.ts';
import type { StackState } from '../stack-state.ts';
import { errorCodeOf, statusText, textsIn } from '../store/answer-xml.ts';
import type { Store, StoreAnswer, StoreRequest } from '../store/store-client.ts';
import { StoreTrouble } from '../store/store-trouble.ts';
import { lockOf, stateAfter } from './state-story.ts';

/** The commands of tofu that are rehearsed. */
export const COMMANDS = ['init', 'plan', 'apply', 'destroy'] as const;

/** One of them. */
export type Command = (typeof COMMANDS)[number];

/** Somebody who runs tofu on the state of a rehearsal. */
export interface ClientOptions {
  /** What is asked. */
  readonly store: Store;
  readonly state: StackState;
  readonly clock: Clock;
  /** Unlike that of anybody else. */
  readonly id: string;
  /** Is told of the state that is believed; undefined for none. */
  readonly onRead?: (believed: Buffer | undefined) => void;
  /** Happens while resources are planned and made, between reading and writing. */
  readonly meanwhile?: () => Promise<void>;
  /** Is told of a state that the store has acknowledged, and of the one that it was made of. */
  readonly onKept?: (written: Buffer, believed: Buffer | undefined) => void;
}

/** How a run ended. */
export interface ClientEnd {
  /** Undefined when it would not have ended. */
  readonly code: 0 | 1 | undefined;
  /** Why it did not end well; empty when it did. */
  readonly says: string;
  /** How long it waited for nobody, in milliseconds. */
  readonly workedMs: number;
  /** Somebody else had the lock. */
  readonly locked: boolean;
}

/** Planning and making resources takes a while. */
const WORK_MS = 5_000;
/** Nobody waits longer for an answer; tofu does. */
const DEADLINE_MS = 30_000;
/** The pauses of tofu before it tries again what failed: 13.9 s in all, as was measured. */
const PAUSES_MS = [900, 1_900, 3_700, 7_400] as const;
const TRIED_AGAIN: readonly number[] = [500, 502, 503, 504];
/** After so many parts of a list nobody expects its end. */
const MOST_PAGES = 100;
const UNLOCKING = 'GET lock: 200';

/** Plays what tofu was recorded to ask, and does with the answers what tofu does. */
export class RecordedClient {
  private readonly options: ClientOptions;
  private readonly lock: Buffer;
  private written: Buffer = Buffer.alloc(0);
  private believed: Buffer | undefined;
  private isThere = true;
  private holds = false;
  private locked = false;
  private workedMs = 0;

  constructor(options: ClientOptions, command: Command) {
    const { id, state } = options;
    this.options = options;
    const operation = `OperationType${command === 'plan' ? 'Plan' : 'Apply'}`;
    this.lock = lockOf(id, operation, `${state.bucket}/${state.key}`);
  }

  /** Runs a command once. */
  static async run(command: Command, options: ClientOptions): Promise<ClientEnd> {
    return await new RecordedClient(options, command).play(command);
  }

  private async play(command: Command): Promise<ClientEnd> {
    const recorded: readonly Recorded[] = RECORDED_RUNS[command];
    const at = recorded.indexOf(UNLOCKING);
    const [work, unlock] = at < 0 ? [recorded, []] : [recorded.slice(0, at), recorded.slice(at)];
    const stop = await this.follow(work, command);
    // What was taken is given back, whatever went wrong.
    const second = this.holds ? await this.follow(unlock, command) : undefined;
    const why = stop ?? second;
    const { workedMs, locked } = this;
    if (why === undefined) return { code: 0, says: '', workedMs, locked };
    return { code: why.hangs ? undefined : 1, says: why.message, workedMs, locked };
  }

  private async follow(steps: readonly Recorded[], command: Command): Promise<Stop | undefined> {
    try {
      for (const step of steps) await this.take(step, command);
      return undefined;
    } catch (error) {
      if (error instanceof Stop) return error;
      throw error;
    }
  }

  private async take(step: Recorded, command: Command): Promise<void> {
    const [what = ''] = step.split(': ');
    if (what === 'GET state' && !this.isThere) return;
    if (what === 'PUT state') {
      const empties = command === 'destroy';
      this.written = stateAfter(this.believed, this.options.id, { empties });
    }
    const answer = await this.ask(this.requestOf(step), what);
    await this.reactions[what]?.(answer, what);
  }

  private readonly reactions: Readonly<
    Record<string, (answer: StoreAnswer, what: string) => Promise<void> | void>
  > = {
    'LIST env:/': (answer) => this.listed(answer),
    'PUT lock if free': (answer, what) => this.took(answer, what),
    'HEAD state': async (answer, what) => {
      this.isThere = answer.status !== 404;
      if (this.isThere) requireDone(answer, what);
      else await this.read(undefined);
    },
    'GET state': async (answer, what) => {
      if (answer.status === 404 && errorCodeOf(answer) === 'NoSuchKey') return this.read(undefined);
      requireDone(answer, what);
      await this.read(answer.body.length === 0 ? undefined : answer.body);
    },
    'PUT state': (answer, what) => {
      requireDone(answer, what);
      this.options.onKept?.(this.written, this.believed);
    },
    'GET lock': (answer, what) => {
      requireDone(answer, what);
      if (idOf(answer.body) !== this.options.id) throw new Stop('the lock is that of another run');
    },
    'DELETE lock': (answer, what) => {
      requireDone(answer, what);
      this.holds = false;
    },
  };

  private async listed(first: StoreAnswer): Promise<void> {
    let page = first;
    for (let pages = 1; ; pages += 1) {
      // Who may not list has one workspace.
      if (errorCodeOf(page) === 'AccessDenied') return;
      requireDone(page, 'LIST');
      const [token] = textsIn(page, 'NextContinuationToken');
      if (token === undefined) return;
      if (pages >= MOST_PAGES) throw new Stop('the list of workspaces has no end', true);
      const { query = {}, ...request } = this.requestOf('LIST env:/: 200');
      const next = { ...request, query: { ...query, 'continuation-token': token } };
      page = await this.ask(next, 'LIST');
    }
  }

  private async took(answer: StoreAnswer, what: string): Promise<void> {
    if (answer.status === 412) {
      const held = await this.ask(this.requestOf('GET lock: 200'), 'GET lock');
      requireDone(held, 'GET lock');
      this.locked = true;
      throw new Stop(`the lock is held: ${idOf(held.body)}`);
    }
    requireDone(answer, what);
    this.holds = true;
  }

  private async read(believed: Buffer | undefined): Promise<void> {
    if (believed !== undefined) requireState(believed);
    this.believed = believed;
    this.options.onRead?.(believed);
    if (!this.holds) return;
    this.workedMs += WORK_MS;
    await this.options.clock.sleep(WORK_MS);
    const before = this.options.clock.now();
    await this.options.meanwhile?.();
    this.workedMs += this.options.clock.now() - before;
  }

  private requestOf(step: Recorded): StoreRequest {
    const { bucket, key, lockKey } = this.options.state;
    const place = { key, lockKey, state: this.written, lock: this.lock };
    return { ...requestOf(step, place), bucket };
  }

  private async ask(request: StoreRequest, what: string): Promise<StoreAnswer> {
    for (let attempt = 0; ; attempt += 1) {
      const reply = await this.once(request);
      const pause = PAUSES_MS[attempt];
      if (pause === undefined || !isTriedAgain(reply, what)) return answerIn(reply, what);
      await this.options.clock.sleep(pause);
    }
  }

  private async once(request: StoreRequest): Promise<StoreAnswer | StoreTrouble> {
    try {
      return await this.options.store.send({ ...request, deadlineMs: DEADLINE_MS });
    } catch (error) {
      if (error instanceof StoreTrouble) return error;
      throw error;
    }
  }
}

/** Tofu goes no further. */
class Stop extends Error {
  readonly hangs: boolean;

  constructor(message: string, hangs = false) {
    super(message);
    this.name = 'Stop';
    this.hangs = hangs;
  }
}

/** A body that breaks off is not asked for again. */
function isTriedAgain(reply: StoreAnswer | StoreTrouble, what: string): boolean {
  if (!(reply instanceof StoreTrouble)) return TRIED_AGAIN.includes(reply.status);
  return reply.kind !== 'timeout' && !(reply.kind === 'cut' && what === 'GET state');
}

function answerIn(reply: StoreAnswer | StoreTrouble, what: string): StoreAnswer {
  if (!(reply instanceof StoreTrouble)) return reply;
  if (reply.kind === 'timeout') throw new Stop(`${what}: no answer`, true);
  throw new Stop(`${what}: ${reply.message}`);
}

function requireDone(answer: StoreAnswer, what: string): void {
  if (answer.status >= 200 && answer.status < 300) return;
  throw new Stop(`${what}: ${statusText(answer)}`);
}

/** Tofu reads older versions as well, and knows no later one. */
function requireState(body: Buffer): void {
  try {
    const { version } = JSON.parse(body.toString('utf8'));
    if (version >= 1 && version <= 4) return;
  } catch {
    // It is told below.
  }
  throw new Stop('the state cannot be read');
}

function idOf(lock: Buffer): string | undefined {
  try {
    return asText(at(JSON.parse(lock.toString('utf8')), 'ID'));
  } catch {
    return undefined;
  }
}
