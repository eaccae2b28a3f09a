import { errorCodeOf, statusText, textsIn } from '../store/answer-xml.ts';
import type { Store } from '../store/store-client.ts';
import { StoreTrouble } from '../store/store-trouble.ts';
import { LAYOUTS, type Layout, type Named, namedBy } from './digest.ts';

/** An object as a listing tells of it. */
export interface ListedObject {
  readonly key: string;
  readonly named: Named;
}

/** A listing that ended before its end. */
export class ListingFailed extends Error {
  constructor(because: string) {
    super(because);
    this.name = 'ListingFailed';
  }
}

/**
 * All objects of the cache in a bucket, page by page, so that millions of them take no memory.
 *
 * Actions under `ac` are left out: what they hold is no content with a digest of its own.
 *
 * @throws ListingFailed
 */
export async function* listedObjects(
  store: Store,
  bucket: string,
  prefix: string,
): AsyncGenerator<ListedObject> {
  for (const layout of LAYOUTS) {
    for await (const key of keysBelow(store, bucket, folderOf(prefix, layout))) {
      yield { key, named: namedBy(key, prefix) };
    }
  }
}

function folderOf(prefix: string, layout: Layout): string {
  return `${prefix}${layout}/`;
}

async function* keysBelow(store: Store, bucket: string, folder: string): AsyncGenerator<string> {
  let token: string | undefined;
  do {
    const answer = await page(store, bucket, {
      'list-type': '2',
      'max-keys': '1000',
      prefix: folder,
      ...(token === undefined ? {} : { 'continuation-token': token }),
    });
    const isCut = textsIn(answer, 'IsTruncated')[0] === 'true';
    const next = textsIn(answer, 'NextContinuationToken')[0];
    if (isCut && (next === undefined || next === token)) {
      throw new ListingFailed(`the listing of ${folder} says that it goes on, and not where`);
    }
    yield* textsIn(answer, 'Key');
    token = isCut ? next : undefined;
  } while (token !== undefined);
}

async function page(store: Store, bucket: string, query: Readonly<Record<string, string>>) {
  try {
    const answer = await store.send({ method: 'GET', bucket, query });
    if (answer.status === 200) return answer;
    const what =
      errorCodeOf(answer) === 'NoSuchBucket' ? 'there is no such bucket' : statusText(answer);
    throw new ListingFailed(`bucket ${bucket} cannot be listed: ${what}`);
  } catch (error) {
    if (error instanceof StoreTrouble) {
      throw new ListingFailed(`bucket ${bucket} cannot be listed: ${error.message}`);
    }
    throw error;
  }
}
