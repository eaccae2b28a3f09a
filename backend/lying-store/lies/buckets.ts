import { always, refuses } from '../effects.ts';
import { HonestStore } from '../honest-store.ts';
import type { Call, Lie } from '../lie.ts';
import type { Reply } from '../reply.ts';
import { emptyAnswer, errorAnswer, xmlAnswer } from '../s3-answer.ts';

/** A bucket is lost, or what lies in it, wholly or in part. */
export const BUCKETS: readonly Omit<Lie, 'kind'>[] = [
  {
    name: 'bucket-not-listed',
    origin: 'incident of 2026-05-19: lost from ListBuckets while it lay on the disk',
    does: 'leaves the bucket out of the list of buckets, and does all else',
    on: 'a listing of buckets',
    tell: always(async ({ truth, honest }) => withoutBucket(await honest(), truth.defaultBucket)),
  },
  {
    name: 'bucket-index-lost',
    origin: 'measured: RustFS 1.0.1 with the folder of a bucket out of sight',
    does: 'has lost the bucket, says of every key that there is none, and lists nothing with 200',
    on: 'anything',
    span: { writes: 1 },
    tell: always((call) => indexLost(call)),
  },
  {
    name: 'no-such-bucket',
    origin: 'incident of 2026-05-08: NoSuchBucket while the bucket lay on the disk',
    does: 'says to every request that the bucket does not exist',
    on: 'a request on a bucket',
    span: { writes: 1 },
    tell: refuses('NoSuchBucket'),
  },
  {
    name: 'bucket-lost-by-a-delete',
    origin: 'incident of 2026-05-25: the delete of one key lost the bucket',
    does: 'loses the bucket when a key in it is deleted',
    on: 'anything',
    tell: () => {
      let lost = false;
      return (call) => {
        if (lost) return indexLost(call);
        lost = call.request.method === 'DELETE' && call.key !== '';
        return call.honest();
      };
    },
  },
  {
    name: 'bucket-flaps',
    origin: 'rustfs issue 6957: buckets out of reach after a pool was added',
    does: 'says to every second request that the bucket does not exist',
    on: 'a request on a bucket',
    span: { writes: 1 },
    tell: always(({ request, before, honest }) =>
      before % 2 === 0 ? errorAnswer(request, 'NoSuchBucket') : honest(),
    ),
  },
  {
    name: 'head-bucket-missing',
    origin: 'incident of 2026-05-19: the parts of the index did not agree',
    does: 'answers 404 to HEAD of the bucket, and does all else',
    on: 'HEAD of a bucket',
    tell: refuses('NoSuchBucket'),
  },
  {
    name: 'buckets-denied',
    origin: 'an identity that may reach one bucket only',
    does: 'denies the list of buckets',
    on: 'a listing of buckets',
    tell: refuses('AccessDenied'),
  },
  {
    name: 'bucket-moved',
    origin: 'S3 manual: 301 for a bucket of another region',
    does: 'says to every request that the bucket is to be asked elsewhere',
    on: 'a request on a bucket',
    tell: refuses('PermanentRedirect'),
  },
  {
    name: 'bucket-emptied',
    origin: 'rustfs issue 2663: all data gone after all pods were deleted',
    does: 'has lost everything in the bucket, and knows of nothing',
    on: 'a request on a bucket',
    span: { writes: 1, times: 1 },
    tell: always(({ bucket, clock, honest }) => {
      const keys = bucket?.keysEver() ?? [];
      for (const key of keys) {
        for (const { id } of bucket?.versionsOf(key) ?? []) {
          bucket?.remove(key, new Date(clock.now()), id);
        }
      }
      return honest();
    }),
  },
  {
    name: 'bucket-rolled-back',
    origin: 'a volume that was restored from a snapshot',
    does: 'has in the whole bucket what was there before the last writes',
    on: 'a request on a bucket',
    span: { writes: 2, times: 1 },
    tell: always(({ request, truth, bucket, honest }) => {
      const keys = bucket?.keys() ?? [];
      for (const key of keys) {
        const older = bucket?.past(key).at(-2);
        if (older !== undefined) truth.plant(request.bucket, key, older);
      }
      return honest();
    }),
  },
  {
    name: 'split-brain',
    origin: 'minio issue 21603: conditions were not looked at without a quorum',
    does: 'answers every second request from a node that has only what it was told itself',
    on: 'a request on a bucket',
    span: { writes: 1 },
    tell: () => {
      let other: HonestStore | undefined;
      return ({ request, truth, clock, before, honest }) => {
        other ??= new HonestStore({ bucket: request.bucket, region: truth.region, clock });
        return before % 2 === 0 ? other.answer(request) : honest();
      };
    },
  },
];

/** What was measured where the folder of a bucket was out of sight. */
async function indexLost(call: Call): Promise<Reply> {
  const { request, truth, honest } = call;
  if (request.bucket === '') return withoutBucket(await honest(), truth.defaultBucket);
  if (request.bucket !== truth.defaultBucket) return await honest();
  if (call.key === '' && request.query?.['list-type'] === '2') {
    return xmlAnswer(
      `<ListBucketResult><Name>${request.bucket}</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>`,
    );
  }
  if (call.key === '') return errorAnswer(request, 'NoSuchBucket');
  return request.method === 'DELETE' ? emptyAnswer(204) : errorAnswer(request, 'NoSuchKey');
}

function withoutBucket(answer: Reply, name: string): Reply {
  const text = answer.body.toString('utf8');
  const shorter = text.replace(new RegExp(`<Bucket><Name>${name}</Name>.*?</Bucket>`), '');
  const body = Buffer.from(shorter);
  return { ...answer, headers: { ...answer.headers, 'content-length': String(body.length) }, body };
}
