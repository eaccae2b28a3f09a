import {
  always,
  bodyOf,
  drops,
  halfOf,
  keeps,
  readAs,
  refuses,
  toldKept,
  unconditional,
} from '../effects.ts';
import type { Call, Lie } from '../lie.ts';
import { stateOf } from '../occasion.ts';
import { emptyAnswer, errorAnswer } from '../s3-answer.ts';
import { strangersLock, withOneByteChanged } from '../state-tales.ts';

const RACE_MS = 250;
const LATE_MS = 2_000;
const EXPIRES_MS = 2_000;

/** A lock is taken that is none, or is not taken though it could be. */
export const LOCKING: readonly Omit<Lie, 'kind'>[] = [
  {
    name: 'if-none-match-ignored',
    origin: 'measured: stock OpenTofu runs beside a foreign lock, exit 0; lxc/incus issue 3651',
    does: 'lets everybody take a lock that somebody holds',
    on: 'taking a lock',
    tell: always(({ request, honest }) => honest(unconditional(request))),
  },
  {
    name: 'two-winners',
    origin: 'rustfs issue 1659, seaweedfs issue 8800: looks first and writes then',
    does: 'gives a lock to both of two who ask at once',
    on: 'taking a lock',
    tell: always(async ({ request, bucket, key, clock, honest }) => {
      if (bucket?.current(key) !== undefined) return await honest();
      await clock.sleep(RACE_MS);
      return await honest(unconditional(request));
    }),
  },
  {
    name: 'lock-never-free',
    origin: 'rustfs issue 1610; measured: versitygw 1.8.0 on a bucket that keeps versions',
    does: 'refuses for ever a lock that was given back once',
    on: 'a request on a lock',
    tell: () => {
      const freed = new Set<string>();
      return ({ request, key, honest }) => {
        if (request.method === 'DELETE') freed.add(key);
        return request.method === 'PUT' && freed.has(key)
          ? errorAnswer(request, 'PreconditionFailed')
          : honest();
      };
    },
  },
  {
    name: 'lock-lost',
    origin: 'a write that was acknowledged from memory',
    does: 'says of a lock that it was taken, and keeps none',
    on: 'taking a lock',
    tell: drops(),
  },
  {
    name: 'lock-late',
    origin: 'a store that is consistent only in the end',
    does: 'shows a lock that was taken, and heeds it, only 2 s later',
    on: 'a read or a write of a lock',
    tell: always(({ request, bucket, key, clock, honest }) => {
      const taken = bucket?.current(key)?.modified.getTime() ?? 0;
      if (clock.now() - taken >= LATE_MS) return honest();
      return request.method === 'PUT'
        ? honest(unconditional(request))
        : errorAnswer(request, 'NoSuchKey');
    }),
  },
  {
    name: 'lock-truncated',
    origin: 'a disk that was full in the middle of a body',
    does: 'keeps half of a lock',
    on: 'taking a lock',
    tell: keeps(halfOf),
  },
  {
    name: 'lock-changed',
    origin: 'a bit that fell over in memory',
    does: 'keeps a lock with one letter changed',
    on: 'taking a lock',
    tell: keeps((body, { random }) => withOneByteChanged(body, random) ?? body),
  },
  {
    name: 'lock-taken-by-another',
    origin: 'a lock that was forced open and taken by somebody else',
    does: 'says of a lock that it was taken, and keeps the one of somebody else',
    on: 'taking a lock',
    tell: keeps((_, call) => strangersLock(pathOf(call))),
  },
  {
    name: 'lock-hidden',
    origin: 'metadata lost and data kept, as in the incident of 2026-05-08',
    does: 'says of a lock that is held, and that it heeds, that there is none',
    on: 'a read of a lock',
    tell: refuses('NoSuchKey'),
  },
  {
    name: 'lock-of-the-run-before',
    origin: 'a caching proxy that knows nothing of writes past it',
    does: 'shows the lock of the run before in place of the one that is held',
    on: 'a read of a lock',
    tell: always(async (call) => {
      const older = call.bucket?.past(call.key).at(-2);
      const answer = await call.honest();
      return older === undefined || answer.status !== 200 ? answer : readAs(call, older);
    }),
  },
  {
    name: 'lock-busy-once',
    origin: 'a lock of the store itself that was not given back in time',
    does: 'says once that a free lock is held',
    on: 'taking a lock',
    span: { times: 1 },
    tell: refuses('PreconditionFailed'),
  },
  {
    name: 'lock-conflicts-once',
    origin: 'S3 manual: 409 ConditionalRequestConflict',
    does: 'answers once with 409 to who takes a free lock',
    on: 'taking a lock',
    span: { times: 1 },
    tell: refuses('ConditionalRequestConflict'),
  },
  {
    name: 'lock-not-implemented',
    origin: 'opentofu pull request 2613: stores without If-None-Match',
    does: 'refuses every lock because of a header that it does not know',
    on: 'taking a lock',
    tell: refuses('NotImplemented'),
  },
  {
    name: 'lock-kept-but-500',
    origin: 'rustfs issue 1543: 500 after a lock timed out',
    does: 'keeps a lock and answers once with 500, so that who tries again finds its own lock',
    on: 'taking a lock',
    span: { times: 1 },
    tell: always(async ({ request, honest }) => {
      await honest();
      return errorAnswer(request, 'InternalError');
    }),
  },
  {
    name: 'lock-kept-but-cut',
    origin: 'a store that is killed between the disk and the answer',
    does: 'keeps a lock and cuts the connection once before it answers',
    on: 'taking a lock',
    span: { times: 1 },
    tell: always(async ({ honest }) => ({
      ...(await honest()),
      transport: { kind: 'cut', after: 'nothing' },
    })),
  },
  {
    name: 'lock-expires',
    origin: 'a lifecycle rule that was meant for old versions of locks',
    does: 'removes a lock by itself after 2 s',
    on: 'taking a lock',
    tell: always(async ({ request, truth, bucket, key, later, honest }) => {
      const answer = await honest();
      const taken = bucket?.current(key);
      later(EXPIRES_MS, () => {
        if (bucket?.current(key) === taken) truth.uproot(request.bucket, key);
      });
      return answer;
    }),
  },
  {
    name: 'lock-not-kept-twice',
    origin: 'a node that rejoins with an empty disk',
    does: 'keeps the first lock of a key, and says of later ones only that they were taken',
    on: 'taking a lock',
    tell: always(({ request, bucket, key, honest }) =>
      (bucket?.past(key).length ?? 0) === 0
        ? honest()
        : toldKept(emptyAnswer(200), bodyOf(request)),
    ),
  },
];

/** What a lock says of the place of its state. */
function pathOf({ request, key }: Call): string {
  return `${request.bucket}/${stateOf(key)}`;
}
