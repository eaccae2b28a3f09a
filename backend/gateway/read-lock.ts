import type { StoreAnswer } from '../store/store-client.ts';
import { noSuchKey } from './answers.ts';
import { fetchLock, lockFault, lockRequest } from './fetch-lock.ts';
import type { Run } from './run.ts';

/** GET of the lock: tofu asks who holds it when it could not be taken, and whether it is its own before it gives it back. */
export async function answerLock(run: Run): Promise<StoreAnswer> {
  const request = lockRequest(run);
  const seen = await fetchLock(run);
  if (seen.kind === 'fault') throw run.refusalOf(seen, request);
  const fault = lockFault(run, seen);
  if (fault !== undefined && seen.kind !== 'lock') throw fault;
  if (seen.kind === 'unreadable') throw run.refusal('lock-unreadable', request);
  if (seen.kind === 'none') return noSuchKey(run.options.state.lockKey);
  // Also the lock of somebody else in place of ours is shown: tofu names its holder, and does not remove it.
  run.readLock(seen.bytes);
  return seen.answer;
}
