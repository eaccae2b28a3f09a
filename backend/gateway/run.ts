import type { Finding } from '../finding.ts';
import type { StateFacts } from '../state/state-document.ts';
import type { StoreAnswer, StoreRequest } from '../store/store-client.ts';
import type { Memory } from '../witness/witness.ts';
import { refusedAnswer } from './answers.ts';
import { type FindingCode, findingOf } from './findings/finding-of.ts';
import type { GatewayOptions } from './gateway-options.ts';
import { KnownState } from './known-state.ts';
import type { Fault } from './reply-fault.ts';
import { BRIEF, nameOf, type Patience, Upstream, untilRestarted } from './upstream.ts';

/** How long what was read stands for another question: HEAD and GET of one reading, GET and DELETE of one unlocking. */
const FRESH_MS = 1000;
const RESTART_MS = 180_000;

/** The state as the store has it. */
export type SeenState =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'state';
      readonly facts: StateFacts;
      /** The version, where the store names it. */
      readonly etag: string | undefined;
      /** What tofu is given. */
      readonly answer: StoreAnswer;
    };

/** What was read of the state before tofu asked for it. */
interface Ahead {
  readonly fetched: Fault | SeenState;
  readonly at: number;
}

/** A lock that this run has taken. */
export interface HeldLock {
  readonly id: string;
  readonly bytes: Buffer;
}

/** A request is not answered as it was meant; thrown by what answers it. */
export class Refusal extends Error {
  readonly answer: StoreAnswer;

  constructor(answer: StoreAnswer) {
    super('refused');
    this.name = 'Refusal';
    this.answer = answer;
  }
}

/** What one run of tofu has seen, holds and found, from its first request to its last. */
export class Run {
  readonly options: GatewayOptions;
  private readonly now: () => number;
  readonly upstream: Upstream;
  readonly known: KnownState;
  readonly findings: Finding[] = [];
  readonly notes: string[] = [];
  /** What was to be written last, as long as it is not proved to be kept. */
  unkept: Buffer | undefined;
  /** What the store has, as far as this run has read or written it. */
  seen: SeenState | undefined;
  /** The hashes of what was sent to the store: it may turn up there later than it should. */
  readonly sent = new Set<string>();
  /** True once this run has written a state. */
  hasWritten = false;
  /** True once the state was read or written under the lock that is held. */
  seenUnderLock = false;
  lock: HeldLock | undefined;
  /** True once a lock of this run was given back. */
  hasUnlocked = false;
  /** Where listings went on. */
  readonly listedFrom = new Set<string>();
  private seenAt = Number.NEGATIVE_INFINITY;
  private lockSeen: { readonly bytes: Buffer; readonly at: number } | undefined;
  private stateAhead: Ahead | undefined;
  private waitedInVain = false;

  constructor(options: GatewayOptions, memory: Memory) {
    const { store, state, requestMs, pauseMs, sleep, observe } = options;
    this.options = options;
    this.now = options.now ?? (() => performance.now());
    this.upstream = new Upstream(store, {
      bucket: state.bucket,
      requestMs,
      pauseMs,
      sleep,
      observe,
    });
    this.known = new KnownState(options, memory, (text) => this.note(text));
  }

  /** What was read a moment ago, unless something has happened since. */
  get freshState(): SeenState | undefined {
    return this.now() - this.seenAt < FRESH_MS ? this.seen : undefined;
  }

  /** The lock as it was read a moment ago, likewise. */
  get freshLock(): Buffer | undefined {
    const { at, bytes } = this.lockSeen ?? { at: Number.NEGATIVE_INFINITY };
    return this.now() - at < FRESH_MS ? bytes : undefined;
  }

  /** How long to try where the run cannot do without an answer. A store that did not come back in time is not waited for twice. */
  patience(): Patience {
    const { state, restartMs = RESTART_MS } = this.options;
    return state.holdsOwnStore && !this.waitedInVain ? untilRestarted(restartMs, this.now) : BRIEF;
  }

  read(seen: SeenState): void {
    this.seen = seen;
    this.seenAt = this.now();
    this.seenUnderLock = this.lock !== undefined;
  }

  wrote(seen: SeenState): void {
    this.seen = seen;
    this.seenAt = Number.NEGATIVE_INFINITY;
    this.seenUnderLock = true;
    this.hasWritten = true;
    this.unkept = undefined;
  }

  readLock(bytes: Buffer | undefined): void {
    this.lockSeen = bytes && { bytes, at: this.now() };
  }

  /** @param ahead the state as it was read under this lock: tofu asks for it next */
  took(lock: HeldLock, ahead?: Fault | SeenState): void {
    this.lock = lock;
    this.forget();
    this.stateAhead = ahead && { fetched: ahead, at: this.now() };
  }

  /** What was read ahead a moment ago; once. */
  takeAhead(): Fault | SeenState | undefined {
    const { fetched, at } = this.stateAhead ?? { at: Number.NEGATIVE_INFINITY };
    this.stateAhead = undefined;
    return this.now() - at < FRESH_MS ? fetched : undefined;
  }

  gaveBack(): void {
    this.lock = undefined;
    this.hasUnlocked = true;
    this.forget();
  }

  /** From now on nothing that was read stands for another question. */
  forget(): void {
    this.seenAt = Number.NEGATIVE_INFINITY;
    this.lockSeen = undefined;
    this.stateAhead = undefined;
    this.seenUnderLock = false;
  }

  giveUp(): void {
    this.waitedInVain = true;
  }

  note(text: string): void {
    if (!this.notes.includes(text)) this.notes.push(text);
  }

  /** Keeps a finding; the same one of the same request once. */
  record(code: FindingCode, request: StoreRequest, seen = ''): Finding {
    const { stack, bucket } = this.options.state;
    const facts = { stack, bucket, remembered: this.known.text, seen };
    const kept =
      this.unkept && `the state that was to be written (${this.unkept.length} bytes), for recovery`;
    const finding = findingOf(code, nameOf(request.bucket ?? bucket, request), facts, kept);
    const isKnown = this.findings.some(
      (one) => one.code === code && one.request === finding.request,
    );
    if (!isKnown) this.findings.push(finding);
    return finding;
  }

  /** Keeps a finding, and makes of it what is to be thrown. */
  refusal(code: FindingCode, request: StoreRequest, seen = ''): Refusal {
    const { did, expected } = this.record(code, request, seen);
    return new Refusal(refusedAnswer(code, `the store ${did}; expected was ${expected}`));
  }

  /** The same for a reply that is of no use. */
  refusalOf({ code, seen }: Fault, request: StoreRequest): Refusal {
    const hidden = code === 'bucket-missing' && this.known.mark !== undefined;
    return this.refusal(hidden ? 'bucket-hidden' : code, request, seen);
  }
}
