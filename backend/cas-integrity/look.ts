import type { ListedObject } from './bucket-listing.ts';
import type { BucketWay } from './bucket-way.ts';
import { type Digest, EMPTY_HASH, LAYOUTS, type Layout } from './digest.ts';
import type { Evidence } from './evidence.ts';
import type { Health, ServerWay } from './server-way.ts';
import { judge, type Verdict } from './verdict.ts';

/** How a blob is looked at: as builds get it, or as it lies in the bucket. */
export type Way = 'server' | 'bucket';

/** One look at one blob in one place, and what it came to. */
export interface Looked extends Verdict {
  readonly digest: Digest;
  readonly way: Way;
  /** The address that was asked, or the key in the bucket. */
  readonly place: string;
}

/** A server, and whether it answers. */
export interface CheckedServer {
  readonly server: ServerWay;
  readonly health: Health;
}

/** The ways that are at hand. */
export interface Ways {
  readonly server: CheckedServer | undefined;
  readonly bucket: BucketWay | undefined;
}

/** Looks at a blob in every place where it can lie. */
export async function lookEverywhere(digest: Digest, ways: Ways): Promise<Looked[]> {
  const [atServer, inBucket] = await Promise.all([
    ways.server === undefined ? [] : [lookAtServer(digest, ways.server)],
    ways.bucket === undefined ? [] : lookInBucket(digest, ways.bucket),
  ]);
  return [...(await Promise.all(atServer)), ...inBucket];
}

/** Looks at an object as it was listed. */
export async function lookAtListed(
  { key, layout, hash }: Pick<ListedObject, 'key'> & { layout: Layout; hash: string },
  bucket: BucketWay,
): Promise<Looked> {
  const evidence = await bucket.look(layout, hash);
  const verdict = judge({ hash }, evidence);
  const detail =
    verdict.status === 'missing'
      ? 'was listed and is not there: removed meanwhile, or the index of the store is wrong'
      : verdict.detail;
  return { ...verdict, detail, digest: { hash }, way: 'bucket', place: key };
}

async function lookAtServer(digest: Digest, { server, health }: CheckedServer): Promise<Looked> {
  const evidence: Evidence = health.reachable
    ? await server.look(digest)
    : { seen: 'nothing', because: `the server ${health.detail}` };
  return { ...judge(digest, evidence), digest, way: 'server', place: server.urlOf(digest) };
}

/** In both layouts, since a change of the storage mode leaves the objects of the other behind. */
async function lookInBucket(digest: Digest, bucket: BucketWay): Promise<Looked[]> {
  const looked = await Promise.all(
    LAYOUTS.map(async (layout): Promise<Looked> => {
      const verdict = judge(digest, await bucket.look(layout, digest.hash));
      return { ...verdict, digest, way: 'bucket', place: bucket.keyOf(layout, digest.hash) };
    }),
  );
  const there = looked.filter(({ status }) => status !== 'missing');
  const [first] = looked;
  if (there.length > 0 || first === undefined) return there;
  if (digest.hash !== EMPTY_HASH) return [first];
  const none: Evidence = { seen: 'whole', hash: EMPTY_HASH, size: 0 };
  const verdict = judge(digest, none);
  const detail =
    verdict.status === 'good' ? 'is the empty blob, which is kept nowhere' : verdict.detail;
  return [{ ...first, ...verdict, detail }];
}
