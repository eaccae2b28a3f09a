import type { StoreRequest } from '../store/store-client.ts';
import { StoreTrouble } from '../store/store-trouble.ts';
import { fetchState, isWritten, type WrittenState } from './fetch-state.ts';
import type { FindingCode } from './findings/finding-of.ts';
import { forwardedHeaders } from './forwarded-headers.ts';
import { stateText } from './known-state.ts';
import { type Fault, isStatus, wordsOf } from './reply-fault.ts';
import type { Run, SeenState } from './run.ts';
import type { Patience, Reply } from './upstream.ts';

/** A state that is to be kept. */
interface Keeping {
  readonly request: StoreRequest;
  readonly next: WrittenState;
  /** What it follows. */
  readonly base: SeenState;
  readonly patience: Patience;
}

/** A state that was read back as it was written. */
export type KeptState = Extract<SeenState, { kind: 'state' }>;

/**
 * Writes a state and reads it back. Whatever the store says of the writing, what it gives back decides.
 *
 * @throws Refusal when it is not proved to be kept
 */
export async function keepState(
  run: Run,
  { request, next, base, patience }: Keeping,
): Promise<KeptState> {
  const headers = { ...forwardedHeaders(request), ...condition(run, base) };
  const { key } = request;
  run.sent.add(next.facts.hash);
  for (let attempt = 1; ; attempt += 1) {
    const reply = await run.upstream.once({ method: 'PUT', key, headers, body: next.bytes });
    const now = await fetchState(run, patience, next);
    if (isWritten(now, next)) return now;
    // Only where nothing has changed is it sent again.
    if (isUnchanged(now, base) && (await run.upstream.waits(reply, patience, attempt))) continue;
    run.giveUp();
    throw run.refusal(lossOf(reply, now, base), request, `${wordsOf(reply)}; ${textOf(now)}`);
  }
}

/** The version that was read last, where the store was proved to heed it. */
function condition(run: Run, base: SeenState): Record<string, string> {
  if (!run.options.compareAndSwap) return {};
  if (base.kind === 'absent') return { 'if-none-match': '*' };
  return base.etag === undefined ? {} : { 'if-match': base.etag };
}

/** What became of a state that is not there. */
function lossOf(reply: Reply, now: Fault | SeenState, base: SeenState): FindingCode {
  // What cannot be read as a state is what became of ours; what cannot be read at all is not known.
  if (now.kind === 'fault')
    return now.code.startsWith('state-') ? 'write-changed' : 'write-unknown';
  const unchanged = isUnchanged(now, base);
  if (isStatus(reply, 200))
    return unchanged || now.kind === 'absent' ? 'write-lost' : 'write-changed';
  if (!unchanged) return 'write-conflict';
  // What was not answered may still be done.
  const isOpen = reply instanceof StoreTrouble && ['cut', 'timeout'].includes(reply.kind);
  return isOpen ? 'write-unknown' : 'write-refused';
}

function isUnchanged(now: Fault | SeenState, base: SeenState): boolean {
  if (now.kind !== base.kind) return false;
  return now.kind !== 'state' || base.kind !== 'state' || now.facts.hash === base.facts.hash;
}

function textOf(now: Fault | SeenState): string {
  if (now.kind === 'absent') return 'now there is no state';
  return now.kind === 'fault' ? `then ${now.seen}` : `now there is ${stateText(now.facts)}`;
}
