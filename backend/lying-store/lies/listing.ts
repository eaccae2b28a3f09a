import { always, refuses } from '../effects.ts';
import type { Lie } from '../lie.ts';
import { versioningAnswer } from '../listing.ts';
import type { Reply } from '../reply.ts';
import { errorAnswer, textAnswer } from '../s3-answer.ts';

const CONTENTS = /<Contents>.*?<\/Contents>/g;
const LOOP = '<IsTruncated>true</IsTruncated><NextContinuationToken>again</NextContinuationToken>';
const HTML = '<!DOCTYPE html><html><head><title>Buckets</title></head><body></body></html>';

/** A listing shows what is not there, or not what is. */
export const LISTING: readonly Omit<Lie, 'kind'>[] = [
  {
    name: 'listing-empty',
    origin: 'rustfs issue 2868: lists came back empty after a reboot, the data were there',
    does: 'lists no object',
    on: 'a listing of objects',
    tell: rewritten((text) => text.replaceAll(CONTENTS, '').replace(/(<KeyCount>)\d+/, '$10')),
  },
  {
    name: 'listing-cut',
    origin: 'rustfs issue 3165: listings ended when a walk over the disk timed out',
    does: 'lists the first half of the objects, and does not say that there are more',
    on: 'a listing of objects',
    tell: rewritten((text) => {
      const rows = text.match(CONTENTS) ?? [];
      const count = Math.floor(rows.length / 2);
      const shorter = rows.slice(count).reduce((rest, row) => rest.replace(row, ''), text);
      return shorter.replace(/(<KeyCount>)\d+/, `$1${count}`);
    }),
  },
  {
    name: 'listing-loops',
    origin: 'a continuation token that is not heeded',
    does: 'says of every listing that there is more, with the same token for ever',
    on: 'a listing of objects',
    tell: rewritten((text) =>
      text
        .replace(/<NextContinuationToken>.*?<\/NextContinuationToken>/, '')
        .replace(/<IsTruncated>\w+<\/IsTruncated>/, LOOP),
    ),
  },
  {
    name: 'listing-invents',
    origin: 'rustfs issue 5349: what was deleted is listed again',
    does: 'lists a workspace that is not there',
    on: 'a listing of objects',
    tell: rewritten((text) =>
      text.replace(
        '</ListBucketResult>',
        '<Contents><Key>env:/ghost/attic/terraform.tfstate</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;0&quot;</ETag><Size>0</Size></Contents></ListBucketResult>',
      ),
    ),
  },
  {
    name: 'listing-is-html',
    origin: 'a console of a store on the port of the store',
    does: 'answers a listing with a page of HTML and 200',
    on: 'a listing of objects',
    tell: always(() => textAnswer(HTML, 'text/html')),
  },
  {
    name: 'listing-fails',
    origin: 'rustfs issue 6621: listings time out',
    does: 'answers every listing with 500',
    on: 'a listing of objects',
    tell: refuses('InternalError'),
  },
  {
    name: 'listing-denied',
    origin: 'an identity that may not list',
    does: 'denies every listing of objects',
    on: 'a listing of objects',
    tell: refuses('AccessDenied'),
  },
  {
    name: 'versions-claimed',
    origin: 'garage: no versions are kept',
    does: 'says that it keeps old versions, and has none',
    on: 'a request on a bucket',
    tell: always(async ({ request, bucket, key, honest }) => {
      const { query = {} } = request;
      if (key === '' && 'versioning' in query) return versioningAnswer('Enabled');
      const isOld =
        query.versionId !== undefined && bucket?.versionsOf(key)[0]?.id !== query.versionId;
      if (isOld) return errorAnswer(request, 'NoSuchVersion');
      const answer = await honest();
      return key === '' && 'versions' in query ? withText(answer, onlyLatest) : answer;
    }),
  },
  {
    name: 'versions-disowned',
    origin: 'a bucket whose setting was lost with its metadata',
    does: 'says that it keeps no old versions, though it does',
    on: 'the question for versioning',
    tell: always(() => versioningAnswer(undefined)),
  },
];

function rewritten(change: (text: string) => string): Lie['tell'] {
  return always(async ({ honest }) => withText(await honest(), change));
}

function withText(answer: Reply, change: (text: string) => string): Reply {
  const body = Buffer.from(change(answer.body.toString('utf8')));
  return { ...answer, headers: { ...answer.headers, 'content-length': String(body.length) }, body };
}

function onlyLatest(text: string): string {
  return text.replaceAll(/<(Version|DeleteMarker)>.*?<\/\1>/g, (row) =>
    row.includes('<IsLatest>true</IsLatest>') ? row : '',
  );
}
