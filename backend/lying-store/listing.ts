import { escapedXml } from '../store/answer-xml.ts';
import type { Bucket, Version } from './bucket.ts';
import type { Asked, Reply } from './reply.ts';
import { errorAnswer, xmlAnswer } from './s3-answer.ts';

const NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
const MOST_KEYS = 1000;

/** ListBuckets. */
export function bucketListing(buckets: readonly Bucket[]): Reply {
  const rows = buckets.map(
    ({ name, created }) =>
      `<Bucket><Name>${escapedXml(name)}</Name><CreationDate>${created.toISOString()}</CreationDate></Bucket>`,
  );
  return xmlAnswer(
    `<ListAllMyBucketsResult ${NAMESPACE}><Owner><ID>owner</ID></Owner><Buckets>${rows.join('')}</Buckets></ListAllMyBucketsResult>`,
  );
}

/** ListObjectsV2. */
export function objectListing(bucket: Bucket, request: Asked): Reply {
  const { query = {} } = request;
  const most = mostOf(query['max-keys']);
  if (most === undefined) return errorAnswer(request, 'InvalidArgument', 'max-keys is no number');
  const { prefix = '', delimiter = '' } = query;
  const token = query['continuation-token'];
  const after = token === undefined ? (query['start-after'] ?? '') : keyOf(token);
  const encode = query['encoding-type'] === 'url' ? encodeURIComponent : (text: string) => text;
  const entries = entriesOf(bucket.keys(), prefix, delimiter).filter((entry) => entry > after);
  const page = entries.slice(0, most);
  const last = page.at(-1);
  const isCut = entries.length > page.length && last !== undefined;
  const rows = page.map((entry) => {
    const version = bucket.current(entry);
    const name = escapedXml(encode(entry));
    if (version === undefined) return `<CommonPrefixes><Prefix>${name}</Prefix></CommonPrefixes>`;
    return `<Contents><Key>${name}</Key>${factsOf(version)}</Contents>`;
  });
  return xmlAnswer(
    [
      `<ListBucketResult ${NAMESPACE}><Name>${escapedXml(bucket.name)}</Name><Prefix>${escapedXml(encode(prefix))}</Prefix>`,
      `<KeyCount>${page.length}</KeyCount><MaxKeys>${most}</MaxKeys><IsTruncated>${isCut}</IsTruncated>`,
      delimiter === '' ? '' : `<Delimiter>${escapedXml(delimiter)}</Delimiter>`,
      isCut ? `<NextContinuationToken>${tokenOf(last)}</NextContinuationToken>` : '',
      ...rows,
      '</ListBucketResult>',
    ].join(''),
  );
}

/** ListObjectVersions. */
export function versionListing(bucket: Bucket, request: Asked): Reply {
  const { query = {} } = request;
  const most = mostOf(query['max-keys']);
  if (most === undefined) return errorAnswer(request, 'InvalidArgument', 'max-keys is no number');
  const { prefix = '' } = query;
  const all = bucket
    .keysEver()
    .filter((key) => key.startsWith(prefix))
    .flatMap((key) =>
      bucket.versionsOf(key).map((version, index) => ({ key, version, isLatest: index === 0 })),
    );
  const marker = query['key-marker'];
  const from = marker === undefined ? 0 : placeAfter(all, marker, query['version-id-marker']);
  const page = all.slice(from, from + most);
  const last = page.at(-1);
  const isCut = all.length > from + page.length && last !== undefined;
  const rows = page.map(({ key, version, isLatest }) => {
    const element = version.body === undefined ? 'DeleteMarker' : 'Version';
    return `<${element}><Key>${escapedXml(key)}</Key><VersionId>${version.id}</VersionId><IsLatest>${isLatest}</IsLatest>${factsOf(version)}</${element}>`;
  });
  return xmlAnswer(
    [
      `<ListVersionsResult ${NAMESPACE}><Name>${escapedXml(bucket.name)}</Name><Prefix>${escapedXml(prefix)}</Prefix>`,
      `<MaxKeys>${most}</MaxKeys><IsTruncated>${isCut}</IsTruncated>`,
      isCut
        ? `<NextKeyMarker>${escapedXml(last.key)}</NextKeyMarker><NextVersionIdMarker>${last.version.id}</NextVersionIdMarker>`
        : '',
      ...rows,
      '</ListVersionsResult>',
    ].join(''),
  );
}

/** GetBucketVersioning. */
export function versioningAnswer(status: Bucket['versioning']): Reply {
  const text = status === undefined ? '' : `<Status>${status}</Status>`;
  return xmlAnswer(`<VersioningConfiguration ${NAMESPACE}>${text}</VersioningConfiguration>`);
}

function factsOf({ body, etag, modified }: Version): string {
  const at = `<LastModified>${modified.toISOString()}</LastModified>`;
  if (body === undefined) return at;
  return `${at}<ETag>${escapedXml(etag)}</ETag><Size>${body.length}</Size><StorageClass>STANDARD</StorageClass>`;
}

/** Keys, and in place of those that share what comes before a delimiter that beginning. */
function entriesOf(keys: readonly string[], prefix: string, delimiter: string): string[] {
  const entries = keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      return end < 0 ? key : key.slice(0, end + delimiter.length);
    });
  return [...new Set(entries)];
}

function mostOf(text: string | undefined): number | undefined {
  if (text === undefined) return MOST_KEYS;
  return /^\d{1,9}$/.test(text) ? Math.min(Number(text), MOST_KEYS) : undefined;
}

function tokenOf(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function keyOf(token: string): string {
  return Buffer.from(token, 'base64url').toString();
}

function placeAfter(
  all: readonly { key: string; version: Version }[],
  marker: string,
  id: string | undefined,
): number {
  const exact = all.findIndex(({ key, version }) => key === marker && version.id === id);
  if (exact >= 0) return exact + 1;
  const next = all.findIndex(({ key }) => key > marker);
  return next < 0 ? all.length : next;
}
