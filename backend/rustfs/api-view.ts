import { isState, readState } from '../state/state-document.ts';
import { errorCodeOf, statusText, textsIn } from '../store/answer-xml.ts';
import type { Store, StoreAnswer } from '../store/store-client.ts';
import { StoreTrouble } from '../store/store-trouble.ts';
import { notSeen, type Observed, seen } from './observed.ts';

const REQUEST_MS = 20_000;
const OK = 200;
const FORBIDDEN = 403;
const NOT_FOUND = 404;

/** What came of reading one object that should be there; nothing of its content but what a state says in clear. */
export interface ObjectView {
  readonly key: string;
  readonly outcome: 'absent' | 'no-bucket' | 'no-state' | 'readable' | 'unreadable';
  readonly detail: string;
}

/** What the S3 API says of one bucket. */
export interface BucketApiView {
  readonly bucket: string;
  /** Whether ListBuckets names it. */
  readonly listed: Observed<boolean>;
  /** Whether HeadBucket finds it. */
  readonly head: Observed<boolean>;
  readonly objects: readonly ObjectView[];
  /**
   * How ListObjectsV2 answers. It proves nothing: of a lost bucket RustFS answers with an empty list.
   */
  readonly listing: string;
}

/** A bucket, and the objects in it that say more than its name. */
export interface AskedBucket {
  readonly bucket: string;
  readonly stateKeys: readonly string[];
}

/** What the S3 API says of the buckets; undefined where nothing at all can be had from it. */
export interface ApiView {
  readonly buckets: readonly BucketApiView[];
  /** Every bucket that ListBuckets names, also those that nobody asked about. */
  readonly names: Observed<readonly string[]>;
  /** Why the API cannot be asked; undefined where it answers. */
  readonly unreachable: string | undefined;
}

/** Asks the S3 API about buckets, and reads states in them. It writes nothing. */
export async function apiView(store: Store, asked: readonly AskedBucket[]): Promise<ApiView> {
  const list = await ask(store, { bucket: '' });
  if (list instanceof StoreTrouble) return unreachable(list.message);
  if (list.status >= 500) return unreachable(`it answers ${statusText(list)}`);
  const names = listedBuckets(list);
  const buckets: BucketApiView[] = [];
  for (const each of asked) buckets.push(await bucketView(store, each, names));
  return { buckets, names, unreachable: undefined };
}

/** The view of an API that cannot be asked. */
export function unreachable(because: string): ApiView {
  return { buckets: [], names: notSeen(because), unreachable: because };
}

function listedBuckets(list: StoreAnswer): Observed<readonly string[]> {
  if (list.status !== OK)
    return notSeen(`this identity may not list buckets (${statusText(list)})`);
  return seen(textsIn(list, 'Name'));
}

async function bucketView(
  store: Store,
  { bucket, stateKeys }: AskedBucket,
  list: Observed<readonly string[]>,
): Promise<BucketApiView> {
  const head = await ask(store, { bucket, method: 'HEAD' });
  const listing = await ask(store, { bucket, query: { 'list-type': '2', 'max-keys': '1' } });
  const objects: ObjectView[] = [];
  for (const key of stateKeys) objects.push(await objectView(store, bucket, key));
  return {
    bucket,
    listed: listedView(bucket, list, head),
    head: headView(head),
    objects,
    listing:
      listing instanceof StoreTrouble
        ? listing.message
        : `${statusText(listing)}, ${textsIn(listing, 'Key').length} of at most 1 key`,
  };
}

/** A store may list to an identity its own buckets alone, and then says of the others that they are forbidden. */
function listedView(
  bucket: string,
  list: Observed<readonly string[]>,
  head: StoreAnswer | StoreTrouble,
): Observed<boolean> {
  if (!('seen' in list)) return list;
  const isListed = list.seen.includes(bucket);
  const isForbidden = !(head instanceof StoreTrouble) && head.status === FORBIDDEN;
  if (isListed || !isForbidden) return seen(isListed);
  return notSeen('this identity may not see it: HeadBucket answers 403');
}

function headView(head: StoreAnswer | StoreTrouble): Observed<boolean> {
  if (head instanceof StoreTrouble) return notSeen(head.message);
  if (head.status === OK) return seen(true);
  if (head.status === NOT_FOUND) return seen(false);
  return notSeen(`it answers ${head.status}`);
}

async function objectView(store: Store, bucket: string, key: string): Promise<ObjectView> {
  const answer = await ask(store, { bucket, key });
  if (answer instanceof StoreTrouble) return { key, outcome: 'unreadable', detail: answer.message };
  if (answer.status === OK) {
    const read = readState(answer.body);
    return isState(read)
      ? {
          key,
          outcome: 'readable',
          detail: `a state, serial ${read.serial}, lineage ${read.lineage}`,
        }
      : { key, outcome: 'no-state', detail: `the body ${read.because}` };
  }
  const code = errorCodeOf(answer);
  if (code === 'NoSuchBucket') return { key, outcome: 'no-bucket', detail: statusText(answer) };
  const outcome = answer.status === NOT_FOUND ? 'absent' : 'unreadable';
  return { key, outcome, detail: statusText(answer) };
}

async function ask(
  store: Store,
  request: Omit<Parameters<Store['send']>[0], 'method'> & { readonly method?: 'HEAD' },
): Promise<StoreAnswer | StoreTrouble> {
  try {
    return await store.send({ method: 'GET', deadlineMs: REQUEST_MS, ...request });
  } catch (error) {
    if (error instanceof StoreTrouble) return error;
    throw error;
  }
}

/** Whether the API serves a bucket. */
export type ApiStanding = 'incoherent' | 'lost' | 'present' | 'unknown';

/**
 * What the API says of a bucket, taken together. HeadBucket decides; a list that does not name a bucket that is served, or
 * one that names a bucket that is not, contradicts it.
 */
export function apiStanding({ listed, head, objects }: BucketApiView): ApiStanding {
  const served = objects.some(({ outcome }) => outcome === 'readable' || outcome === 'no-state');
  const gone = objects.some(({ outcome }) => outcome === 'no-bucket');
  const signs = [
    ...('seen' in listed ? [listed.seen] : []),
    ...('seen' in head ? [head.seen] : []),
    ...(served ? [true] : []),
    ...(gone ? [false] : []),
  ];
  if (signs.length === 0) return 'unknown';
  if (signs.every(Boolean)) return 'seen' in head || served ? 'present' : 'unknown';
  return signs.some(Boolean) ? 'incoherent' : 'lost';
}
