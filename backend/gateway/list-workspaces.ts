import { errorCodeOf, textsIn } from '../store/answer-xml.ts';
import type { StoreAnswer, StoreRequest } from '../store/store-client.ts';
import { faultOf, isStatus, wordsOf } from './reply-fault.ts';
import type { Run } from './run.ts';

const TOKEN = 'continuation-token';

/** The listing by which tofu looks for workspaces. It proves nothing about the state: a store may list nothing and lose a bucket. */
export async function listWorkspaces(run: Run, request: StoreRequest): Promise<StoreAnswer> {
  const { query = {} } = request;
  const token = query[TOKEN];
  if (token === undefined) run.listedFrom.clear();
  const reply = await run.upstream.ask({ method: 'GET', query });
  // An identity that may not list is none of our business: tofu goes on with the one workspace that there is.
  if (isStatus(reply, 403) && errorCodeOf(reply) === 'AccessDenied') return passed(reply);
  if (!isStatus(reply, 200)) throw run.refusalOf(faultOf(reply), request);
  const wrong = wrongIn(reply, run.options.state.bucket, query.prefix ?? '');
  if (wrong !== undefined) throw run.refusal('listing-broken', request, wrong);
  const next = textsIn(reply, 'NextContinuationToken')[0];
  if (next !== undefined && run.listedFrom.has(next)) {
    throw run.refusal('listing-endless', request, wordsOf(reply));
  }
  if (next !== undefined) run.listedFrom.add(next);
  return passed(reply);
}

function wrongIn(answer: StoreAnswer, bucket: string, prefix: string): string | undefined {
  if (!answer.body.includes('<ListBucketResult')) return 'it is no list';
  const name = textsIn(answer, 'Name')[0] ?? bucket;
  if (name !== bucket) return `it is the list of bucket ${name}`;
  const stranger = textsIn(answer, 'Key').find((key) => !decoded(key).startsWith(prefix));
  if (stranger !== undefined) return `${stranger} does not begin with ${prefix}`;
  const isCut = textsIn(answer, 'IsTruncated')[0] === 'true';
  const next = textsIn(answer, 'NextContinuationToken')[0];
  return isCut && next === undefined ? 'it is cut, and does not say where it goes on' : undefined;
}

/** Keys may be encoded as in an address. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

function passed({ status, body }: StoreAnswer): StoreAnswer {
  const headers = { 'content-type': 'application/xml', 'content-length': String(body.length) };
  return { status, headers, body };
}
