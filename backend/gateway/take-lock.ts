import type { StoreAnswer, StoreRequest } from '../store/store-client.ts';
import { emptyAnswer, lockHeld } from './answers.ts';
import { fetchLock, isLock, type SeenLock } from './fetch-lock.ts';
import { fetchState } from './fetch-state.ts';
import { forwardedHeaders } from './forwarded-headers.ts';
import { type LockFacts, lockText, readLock } from './lock-document.ts';
import { type Fault, faultOf, isStatus, wordsOf } from './reply-fault.ts';
import type { HeldLock, Refusal, Run } from './run.ts';
import { BRIEF, type Reply } from './upstream.ts';

/** How often a lock is refused where none is seen before the store is to blame: others may take and leave it in between. */
const CONTENTIONS = 6;

/** The lock that tofu wants, and the request by which it does. */
interface Wish {
  readonly lock: HeldLock;
  readonly request: StoreRequest;
}

/** PUT of the lock: it is ours only when reading it back says so. */
export async function takeLock(run: Run, request: StoreRequest): Promise<StoreAnswer> {
  const wish = { lock: wantedLock(run, request), request };
  for (let attempt = 1; ; attempt += 1) {
    const answer = await attempted(run, wish, attempt);
    if (answer !== undefined) return answer;
  }
}

function wantedLock(run: Run, request: StoreRequest): HeldLock {
  const bytes = Buffer.from(request.body ?? []);
  const id = readLock(bytes)?.id;
  if (id === undefined) throw run.refusal('request-refused', request, 'it is no lock');
  if (request.headers?.['if-none-match'] !== '*') {
    throw run.refusal('request-refused', request, 'a lock is taken only where there is none');
  }
  return { id, bytes };
}

/** @returns nothing when it is to be tried again */
async function attempted(run: Run, wish: Wish, attempt: number): Promise<StoreAnswer | undefined> {
  const { lock, request } = wish;
  // A store that ignores the condition would replace the lock of somebody else, so what is there is looked at first.
  const before = await fetchLock(run);
  if (before.kind === 'fault') throw run.refusalOf(before, request);
  if (before.kind !== 'none') return found(run, wish, before);
  const { key, body } = request;
  const headers = { ...forwardedHeaders(request), 'if-none-match': '*' };
  const reply = await run.upstream.once({ method: 'PUT', key, headers, body });
  const isMade = isStatus(reply, 200);
  // The state is asked for next, and what is read of it now is read under the lock: it costs no time of its own.
  const ahead = isMade ? fetchState(run) : undefined;
  const [after, state] = await Promise.all([fetchLock(run), ahead]);
  if (after.kind === 'fault') {
    throw run.refusal(
      'lock-unknown',
      request,
      `${wordsOf(reply)}, then ${after.seen} (${lock.id})`,
    );
  }
  if (after.kind === 'none') return await requireAnother(run, wish, { reply, attempt });
  if (isMade && !isLock(after, lock.bytes)) throw notOurs(run, wish, after);
  return found(run, wish, after, state);
}

/** There is a lock: ours, or that of somebody else. */
function found(
  run: Run,
  { lock, request }: Wish,
  seen: Exclude<SeenLock, { kind: 'none' }>,
  state?: Parameters<Run['took']>[1],
): StoreAnswer {
  if (seen.kind === 'unreadable') throw run.refusal('lock-unreadable', request);
  if (!isLock(seen, lock.bytes)) return held(run, seen.facts);
  run.took(lock, state);
  return emptyAnswer(200);
}

/** A conflict is no fault of anybody: tofu is told as it understands it, and asks for the holder itself. */
function held(run: Run, facts: LockFacts): StoreAnswer {
  const { stack } = run.options.state;
  const holder = `the lock is held by ${lockText(facts)}`;
  run.note(`${holder}; if nobody works there any more: just tofu-unlock ${stack} ${facts.id}`);
  return lockHeld(holder);
}

function notOurs(
  run: Run,
  { lock, request }: Wish,
  after: Exclude<SeenLock, { kind: 'none' }>,
): Refusal {
  return after.kind === 'lock' && after.facts.id !== lock.id
    ? run.refusal('lock-not-exclusive', request, lockText(after.facts))
    : run.refusal('lock-changed', request, `the lock ${lock.id} as it was given`);
}

/** No lock came to be there. Where that may pass, another attempt is due. */
async function requireAnother(
  run: Run,
  { lock, request }: Wish,
  { reply, attempt }: { readonly reply: Reply; readonly attempt: number },
): Promise<undefined> {
  if (isStatus(reply, 200)) throw run.refusal('lock-lost', request, `the lock ${lock.id}`);
  if (isStatus(reply, 409, 412)) {
    if (attempt < CONTENTIONS && (await run.upstream.pause(attempt))) return;
    throw run.refusal('lock-never-free', request, wordsOf(reply));
  }
  if (await run.upstream.waits(reply, BRIEF, attempt)) return;
  const fault = makingFault(reply);
  // What was not answered may still be done.
  const isOpen = fault.code === 'store-hangs' || fault.code === 'store-cuts';
  throw isOpen
    ? run.refusal('lock-unknown', request, `${fault.seen} (${lock.id})`)
    : run.refusalOf(fault, request);
}

/** What makes an object needs no object, so what is missing is the bucket. */
function makingFault(reply: Reply): Fault {
  const fault = faultOf(reply);
  return isStatus(reply, 404) ? { ...fault, code: 'bucket-missing' } : fault;
}
