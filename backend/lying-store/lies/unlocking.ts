import { always, refuses } from '../effects.ts';
import type { Call, Lie } from '../lie.ts';
import { lockOf, stateOf } from '../occasion.ts';
import { emptyAnswer } from '../s3-answer.ts';
import { strangersLock } from '../state-tales.ts';

const BACK_MS = 1_000;

/** A lock that is held goes away or changes, and one that is given back does not. */
export const UNLOCKING: readonly Omit<Lie, 'kind'>[] = [
  {
    name: 'lock-removed-while-held',
    origin: 'tofu force-unlock by somebody else',
    does: 'removes the lock that is held as soon as the state is read under it',
    on: 'a read of a state',
    tell: always((call) => {
      const { truth, request, key, honest } = call;
      if (isHeld(call)) truth.uproot(request.bucket, lockOf(key));
      return honest();
    }),
  },
  {
    name: 'lock-replaced-while-held',
    origin: 'tofu force-unlock by somebody else, who then took the lock',
    does: 'puts the lock of somebody else in place of the one that is held as soon as the state is read under it',
    on: 'a read of a state',
    tell: always((call) => {
      const { truth, request, key, honest } = call;
      const strange = strangersLock(`${request.bucket}/${key}`);
      if (isHeld(call)) truth.plant(request.bucket, lockOf(key), strange);
      return honest();
    }),
  },
  {
    name: 'lock-replaced-by-a-write',
    origin: 'tofu force-unlock by somebody else, who then took the lock',
    does: 'puts the lock of somebody else in place of the one that is held when the state is written',
    on: 'a write of a state',
    tell: always(async (call) => {
      const { truth, request, key, honest } = call;
      const answer = await honest();
      const strange = strangersLock(`${request.bucket}/${key}`);
      if (isHeld(call)) truth.plant(request.bucket, lockOf(key), strange);
      return answer;
    }),
  },
  {
    name: 'unlock-ignored',
    origin: 'rustfs issue 5349: what was deleted is there again',
    does: 'says of a lock that it is gone, and keeps it',
    on: 'giving a lock back',
    tell: always(() => emptyAnswer(204)),
  },
  {
    name: 'unlock-fails',
    origin: 'rustfs issue 1543: 500 after a lock timed out',
    does: 'answers 500 to who gives a lock back, and keeps it',
    on: 'giving a lock back',
    tell: refuses('InternalError'),
  },
  {
    name: 'unlock-denied',
    origin: 'a policy that lets write and not delete',
    does: 'denies that a lock is given back',
    on: 'giving a lock back',
    tell: refuses('AccessDenied'),
  },
  {
    name: 'unlocked-but-500',
    origin: 'a store that fails between the disk and the answer',
    does: 'removes a lock and answers 500',
    on: 'giving a lock back',
    tell: always(async ({ honest }) => ({ ...(await honest()), status: 500 })),
  },
  {
    name: 'lock-comes-back',
    origin: 'rustfs issue 5349: what was deleted is there again',
    does: 'removes a lock, and has it again a second later',
    on: 'giving a lock back',
    tell: always(async ({ request, truth, bucket, key, later, honest }) => {
      const held = bucket?.current(key)?.body;
      const answer = await honest();
      if (held !== undefined) later(BACK_MS, () => truth.plant(request.bucket, key, held));
      return answer;
    }),
  },
  {
    name: 'unlock-removes-state',
    origin: 'a delete that takes a key for the beginning of many',
    does: 'removes the state together with its lock',
    on: 'giving a lock back',
    tell: always(({ request, truth, key, honest }) => {
      truth.uproot(request.bucket, stateOf(key));
      return honest();
    }),
  },
];

function isHeld({ bucket, key }: Call): boolean {
  return bucket?.current(lockOf(key)) !== undefined;
}
