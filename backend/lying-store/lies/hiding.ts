import { always, readAs, refuses } from '../effects.ts';
import type { Lie } from '../lie.ts';
import { emptyAnswer, errorAnswer } from '../s3-answer.ts';

const LATE_MS = 2_000;

/** A state that is there is not shown, or not always. */
export const HIDING: readonly Omit<Lie, 'kind'>[] = [
  {
    name: 'hidden-key',
    origin: 'measured: stock OpenTofu plans to create everything again, exit 0',
    does: 'says of a state that is there that there is none',
    on: 'a read of a state',
    span: { writes: 1 },
    tell: refuses('NoSuchKey'),
  },
  {
    name: 'hidden-key-once',
    origin: 'rustfs issue 6727: NoSuchBucket from time to time',
    does: 'says once of a state that is there that there is none',
    on: 'a read of a state',
    span: { writes: 1, times: 1 },
    tell: refuses('NoSuchKey'),
  },
  {
    name: 'hidden-to-head',
    origin: 'metadata lost and data kept, as in the incident of 2026-05-08',
    does: 'says to HEAD that there is no state, and gives it to GET',
    on: 'HEAD of a state',
    span: { writes: 1 },
    tell: refuses('NoSuchKey'),
  },
  {
    name: 'hidden-to-get',
    origin: 'attic-nar-integrity-check: metadata kept and the body lost',
    does: 'tells HEAD of a state and says to GET that there is none',
    on: 'GET of a state',
    span: { writes: 1 },
    tell: refuses('NoSuchKey'),
  },
  {
    name: 'hidden-bucket',
    origin: 'incident of 2026-05-08: NoSuchBucket while the bucket lay on the disk',
    does: 'says to reads of a state that the bucket does not exist',
    on: 'a read of a state',
    span: { writes: 1 },
    tell: refuses('NoSuchBucket'),
  },
  {
    name: 'hidden-by-a-marker',
    origin: 'S3 manual: a delete marker hides what is kept below it',
    does: 'has deleted the state, and keeps it only as an old version',
    on: 'a read of a state',
    span: { writes: 1, times: 1 },
    tell: always(({ truth, request, key, honest }) => {
      truth.uproot(request.bucket, key);
      return honest();
    }),
  },
  {
    name: 'flapping-key',
    origin: 'two nodes behind one address, of which one has lost its disk',
    does: 'says to every second read of a state that there is none',
    on: 'a read of a state',
    span: { writes: 1 },
    tell: always(({ request, before, honest }) =>
      before % 2 === 0 ? errorAnswer(request, 'NoSuchKey') : honest(),
    ),
  },
  {
    name: 'late-write',
    origin: 'S3 before December 2020: reads after writes were consistent only in the end',
    does: 'shows for 2 s after each write what was there before it',
    on: 'a read of a state',
    tell: always((call) => {
      const { request, bucket, key, clock, honest } = call;
      const current = bucket?.current(key);
      const age = clock.now() - (current?.modified.getTime() ?? 0);
      if (current === undefined || age >= LATE_MS) return honest();
      const older = bucket?.past(key).at(-2);
      return older === undefined ? errorAnswer(request, 'NoSuchKey') : readAs(call, older);
    }),
  },
  {
    name: 'archived-state',
    origin: 'S3 manual: a lifecycle rule moves objects to an archive',
    does: 'has moved the state to an archive and does not give it',
    on: 'GET of a state',
    span: { writes: 1 },
    tell: refuses('InvalidObjectState'),
  },
  {
    name: 'not-modified',
    origin: 'a caching proxy that answers for others',
    does: 'answers reads of a state with 304 and nothing, though nobody named a version',
    on: 'a read of a state',
    span: { writes: 1 },
    tell: always(() => emptyAnswer(304)),
  },
];
