import { isState, readState } from '../state/state-document.ts';
import type { StoreAnswer, StoreRequest } from '../store/store-client.ts';
import type { Standing } from '../witness/state-mark.ts';
import { emptyAnswer } from './answers.ts';
import { fetchLock, lockFault } from './fetch-lock.ts';
import { fetchState, isWritten, type WrittenState } from './fetch-state.ts';
import type { FindingCode } from './findings/finding-of.ts';
import { type KeptState, keepState } from './keep-state.ts';
import { stateText } from './known-state.ts';
import { provedState } from './read-state.ts';
import type { Run, SeenState } from './run.ts';
import type { Patience } from './upstream.ts';

/** What a state may not be to the one before it. */
const NO_SUCCESSOR: Partial<Record<Standing, FindingCode>> = {
  forked: 'write-backwards',
  'other-lineage': 'write-other-lineage',
  'rolled-back': 'write-backwards',
};

/** A request to write, and what it is to write. */
interface Writing {
  readonly request: StoreRequest;
  readonly next: WrittenState;
  readonly patience: Patience;
}

/** PUT of the state: a successor of the last one, under our own lock, and acknowledged only when it can be read back. */
export async function writeState(run: Run, request: StoreRequest): Promise<StoreAnswer> {
  const bytes = Buffer.from(request.body ?? []);
  const facts = readState(bytes);
  if (!isState(facts)) throw run.refusal('write-no-state', request, facts.because);
  // What was not proved to be kept may be there by now.
  const last = run.unkept === undefined ? run.seen : undefined;
  run.unkept = bytes;
  const writing = { request, next: { bytes, facts }, patience: run.patience() };
  requireDeclared(run, writing);
  await requireLock(run, writing);
  const base = last ?? (await provedState(run, writing.patience));
  requireSuccessor(run, writing, base);
  const isRepeated = run.known.standingOf(facts) === 'same';
  const kept = await (isRepeated ? repeated(run, writing) : keepState(run, { ...writing, base }));
  run.wrote(kept);
  if (!(await run.known.remember(facts))) {
    run.record('witness-contradicts', request, stateText(facts));
  }
  return emptyAnswer(200, kept.etag === undefined ? {} : { etag: kept.etag });
}

function requireDeclared(run: Run, { request, next }: Writing): void {
  if (run.options.declaration.writes === true) return;
  throw run.refusal('write-undeclared', request, stateText(next.facts));
}

async function requireLock(run: Run, { request, next, patience }: Writing): Promise<void> {
  if (run.lock === undefined) {
    throw run.refusal('write-without-lock', request, stateText(next.facts));
  }
  const seen = await fetchLock(run, patience);
  if (seen.kind === 'fault') {
    run.giveUp();
    throw run.refusal('write-refused', request, `${seen.seen}, when its lock was read`);
  }
  const fault = lockFault(run, seen);
  if (fault !== undefined) throw fault;
}

function requireSuccessor(run: Run, { request, next: { facts } }: Writing, base: SeenState): void {
  const wrong = NO_SUCCESSOR[run.known.standingOf(facts)];
  if (wrong !== undefined) throw run.refusal(wrong, request, stateText(facts));
  if (run.options.declaration.destroys === true) return;
  if (facts.encrypted)
    run.note('the state is encrypted: whether it still has resources is not seen');
  const had = base.kind === 'state' ? (base.facts.instances ?? 0) : 0;
  if (had > 0 && facts.instances === 0) {
    const seen = `${stateText(facts)}, after one with ${had} instances`;
    throw run.refusal('write-empties', request, seen);
  }
}

/** The same state again: the answer to the first writing was lost on its way to tofu. */
async function repeated(run: Run, { request, next, patience }: Writing): Promise<KeptState> {
  const now = await fetchState(run, patience, next);
  if (isWritten(now, next)) return now;
  if (now.kind === 'fault') throw run.refusal('write-unknown', request, now.seen);
  throw run.refusal('write-lost', request, 'it is not there any more');
}
