import { always, halfOf, loses, refuses } from '../effects.ts';
import type { Lie } from '../lie.ts';
import type { Reply } from '../reply.ts';
import { errorAnswer } from '../s3-answer.ts';

const WRONG_ETAG = '"00000000000000000000000000000000"';

/** The state is given or refused in a way that no reader can use, or that no reader should. */
export const ANSWERING: readonly Omit<Lie, 'kind'>[] = [
  {
    name: 'wrong-etag',
    origin: 'an ETag that belongs to an older version',
    does: 'gives to GET an ETag that is not the one of the state',
    on: 'GET of a state',
    span: { writes: 1 },
    tell: withHeaders({ etag: WRONG_ETAG }),
  },
  {
    name: 'no-etag',
    origin: 'a proxy that leaves out headers',
    does: 'gives the state without an ETag',
    on: 'a read of a state',
    span: { writes: 1 },
    tell: always(async ({ honest }) => {
      const { headers, ...answer } = await honest();
      const { etag: _, ...others } = headers;
      return { ...answer, headers: others };
    }),
  },
  {
    name: 'partial-content',
    origin: 'a proxy that asks for ranges by itself',
    does: 'gives half of the state with 206, though nobody asked for a part',
    on: 'GET of a state',
    span: { writes: 1 },
    tell: always(async ({ honest }) => {
      const answer = await honest();
      if (answer.status !== 200) return answer;
      const body = halfOf(answer.body);
      const headers = {
        ...answer.headers,
        'content-length': String(body.length),
        'content-range': `bytes 0-${body.length - 1}/${answer.body.length}`,
      };
      return { status: 206, headers, body };
    }),
  },
  {
    name: 'declared-longer',
    origin: 'Nix: Transferred a partial file, from the same kind of store',
    does: 'declares a longer state than it gives',
    on: 'GET of a state',
    span: { writes: 1 },
    tell: loses(({ body }) => ({ kind: 'length', declared: body.length + 64 })),
  },
  {
    name: 'declared-shorter',
    origin: 'a length from older metadata',
    does: 'declares a shorter state than it gives',
    on: 'GET of a state',
    span: { writes: 1 },
    tell: loses(({ body }) => ({ kind: 'length', declared: Math.max(0, body.length - 24) })),
  },
  {
    name: 'cut-in-the-state',
    origin: 'a store that ends while it answers',
    does: 'cuts the connection in the middle of the state',
    on: 'GET of a state',
    span: { writes: 1 },
    tell: loses(({ body }) => ({ kind: 'cut', after: Math.floor(body.length / 2) })),
  },
  {
    name: 'cut-once',
    origin: 'a store that is being rolled',
    does: 'cuts the connection once in the middle of the state',
    on: 'GET of a state',
    span: { writes: 1, times: 1 },
    tell: loses(({ body }) => ({ kind: 'cut', after: Math.floor(body.length / 2) })),
  },
  {
    name: 'slow-drip',
    origin: 'a disk that fails and is read again and again',
    does: 'gives 16 bytes of the state in a second',
    on: 'GET of a state',
    span: { writes: 1 },
    tell: loses(() => ({ kind: 'drip', pieceBytes: 16, pauseMs: 1_000 })),
  },
  {
    name: 'read-hangs',
    origin: 'rustfs issue 7361: one read that timed out blocked everything',
    does: 'never answers a read of the state',
    on: 'a read of a state',
    span: { writes: 1 },
    tell: loses(() => ({ kind: 'hang' })),
  },
  {
    name: 'read-fails-once',
    origin: 'S3 manual: 500 is to be tried again',
    does: 'answers one read of a state with 500',
    on: 'a read of a state',
    span: { writes: 1, times: 1 },
    tell: refuses('InternalError'),
  },
  {
    name: 'read-fails',
    origin: 'rustfs issue 2611: no quorum for a read lock',
    does: 'answers every read of a state with 500',
    on: 'a read of a state',
    span: { writes: 1 },
    tell: refuses('InternalError'),
  },
  {
    name: 'read-slowed-down',
    origin:
      'S3 manual: 503 SlowDown; rustfs pull request 6801: readers got 503 while a lock was held',
    does: 'answers three reads of a state with 503 SlowDown',
    on: 'a read of a state',
    span: { writes: 1, times: 3 },
    tell: refuses('SlowDown'),
  },
  {
    name: 'read-unavailable',
    origin: 'rustfs issue 2794: never ready',
    does: 'answers every read of a state with 503',
    on: 'a read of a state',
    span: { writes: 1 },
    tell: refuses('ServiceUnavailable'),
  },
  {
    name: 'read-denied',
    origin: 'a policy of the bucket that was changed',
    does: 'denies every read of a state',
    on: 'a read of a state',
    span: { writes: 1 },
    tell: refuses('AccessDenied'),
  },
  {
    name: 'state-moved',
    origin: 'S3 manual: 301 for a bucket of another region',
    does: 'says that the bucket is to be asked elsewhere, and not where',
    on: 'a read of a state',
    span: { writes: 1 },
    tell: always(({ request }) => {
      const answer = errorAnswer(request, 'PermanentRedirect');
      return { ...answer, headers: { ...answer.headers, 'x-amz-bucket-region': 'eu-central-1' } };
    }),
  },
];

/** Answers the truth with other headers. */
function withHeaders(headers: Reply['headers']): Lie['tell'] {
  return always(async ({ honest }) => {
    const answer = await honest();
    return answer.status === 200
      ? { ...answer, headers: { ...answer.headers, ...headers } }
      : answer;
  });
}
