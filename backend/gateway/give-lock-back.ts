import type { StoreAnswer, StoreRequest } from '../store/store-client.ts';
import { emptyAnswer } from './answers.ts';
import { fetchLock, isLock, lockFault } from './fetch-lock.ts';
import { readLock } from './lock-document.ts';
import { isStatus, wordsOf } from './reply-fault.ts';
import type { Run } from './run.ts';
import type { Patience } from './upstream.ts';

const NO_CONTENT = 204;

/** DELETE of the lock: only of our own, or of the one that was named, and it is gone when this is acknowledged. */
export async function giveLockBack(run: Run, request: StoreRequest): Promise<StoreAnswer> {
  // The answer to it may have been lost on its way to tofu.
  if (run.lock === undefined && run.hasUnlocked) return emptyAnswer(NO_CONTENT);
  const patience = run.patience();
  const bytes = run.freshLock ?? (await presentLock(run, request, patience));
  requireRight(run, request, bytes);
  await remove(run, request, { bytes, patience });
  run.gaveBack();
  return emptyAnswer(NO_CONTENT);
}

async function presentLock(run: Run, request: StoreRequest, patience: Patience): Promise<Buffer> {
  const seen = await fetchLock(run, patience);
  if (seen.kind === 'fault') throw run.refusal('lock-left', request, seen.seen);
  const fault = lockFault(run, seen);
  if (fault !== undefined) throw fault;
  if (seen.kind === 'lock') return seen.bytes;
  throw seen.kind === 'unreadable'
    ? run.refusal('lock-unreadable', request)
    : run.refusal('request-refused', request, 'there is no lock to give back');
}

function requireRight(run: Run, request: StoreRequest, bytes: Buffer): void {
  const { unlocks } = run.options.declaration;
  if (run.lock?.bytes.equals(bytes) === true) return;
  const id = readLock(bytes)?.id;
  if (id === undefined || id !== unlocks) {
    throw run.refusal(
      'request-refused',
      request,
      `the lock ${id} is not one that this run may remove`,
    );
  }
}

async function remove(
  run: Run,
  request: StoreRequest,
  { bytes, patience }: { readonly bytes: Buffer; readonly patience: Patience },
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const reply = await run.upstream.once({ method: 'DELETE', key: request.key });
    const left = await fetchLock(run, patience);
    if (left.kind === 'fault') throw run.refusal('lock-left', request, left.seen);
    // Whoever waited for it may have taken it by now.
    const isGone = left.kind === 'none' || (left.kind === 'lock' && !isLock(left, bytes));
    if (isGone) return;
    if (await run.upstream.waits(reply, patience, attempt)) continue;
    throw isStatus(reply, 200, NO_CONTENT)
      ? run.refusal('lock-stays', request)
      : run.refusal('lock-left', request, wordsOf(reply));
  }
}
