import type { StoreAnswer, StoreRequest } from '../store/store-client.ts';
import { type LockFacts, lockText, readLock } from './lock-document.ts';
import { type Fault, faultOf, isAbsent, isStatus } from './reply-fault.ts';
import type { Refusal, Run } from './run.ts';
import type { Patience } from './upstream.ts';

/** The lock as the store has it. */
export type SeenLock =
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable' }
  | {
      readonly kind: 'lock';
      readonly facts: LockFacts;
      readonly bytes: Buffer;
      /** What tofu is given. */
      readonly answer: StoreAnswer;
    };

/** What the lock is read with. */
export function lockRequest({ options }: Run): StoreRequest {
  return { method: 'GET', key: options.state.lockKey };
}

/** Reads the lock from the store. */
export async function fetchLock(run: Run, patience?: Patience): Promise<Fault | SeenLock> {
  const reply = await run.upstream.ask(lockRequest(run), patience);
  if (isAbsent(reply)) return { kind: 'none' };
  if (!isStatus(reply, 200)) return faultOf(reply);
  const facts = readLock(reply.body);
  if (facts === undefined) return { kind: 'unreadable' };
  const headers = {
    'content-type': 'application/json',
    'content-length': String(reply.body.length),
  };
  return {
    kind: 'lock',
    facts,
    bytes: reply.body,
    answer: { status: 200, headers, body: reply.body },
  };
}

/** True for a lock of exactly these bytes. */
export function isLock(seen: Fault | SeenLock, bytes: Buffer | undefined): boolean {
  return seen.kind === 'lock' && bytes?.equals(seen.bytes) === true;
}

/** What is wrong with a lock where that of this run has to be; undefined when it is that one. */
export function lockFault(run: Run, seen: SeenLock): Refusal | undefined {
  const { lock } = run;
  if (lock === undefined || isLock(seen, lock.bytes)) return undefined;
  const request = lockRequest(run);
  if (seen.kind === 'none') return run.refusal('lock-lost', request, `the lock ${lock.id}`);
  if (seen.kind === 'unreadable' || seen.facts.id === lock.id) {
    return run.refusal('lock-changed', request, `the lock ${lock.id} as it was given`);
  }
  return run.refusal('lock-replaced', request, lockText(seen.facts));
}
