import type { StackState } from '../stack-state.ts';
import type { StoreAnswer, StoreRequest } from '../store/store-client.ts';
import { giveLockBack } from './give-lock-back.ts';
import { listWorkspaces } from './list-workspaces.ts';
import { answerLock } from './read-lock.ts';
import { answerRead } from './read-state.ts';
import type { Run } from './run.ts';
import { takeLock } from './take-lock.ts';
import { writeState } from './write-state.ts';

/** What tofu may ask for. */
interface Route {
  readonly method: StoreRequest['method'];
  readonly of: 'bucket' | 'lock' | 'state';
  /** What the query may and must be, beside `x-id`, by which SDKs name their operation. */
  readonly query: Readonly<Record<string, { readonly pattern: RegExp; readonly needed: boolean }>>;
  readonly answer: (run: Run, request: StoreRequest) => Promise<StoreAnswer>;
}

/** With the prefix that tofu gives to workspaces. */
const WORKSPACES: Route['query'] = {
  'list-type': { pattern: /^2$/, needed: true },
  prefix: { pattern: /^env:\/$/, needed: true },
  'max-keys': { pattern: /^\d+$/, needed: false },
  'encoding-type': { pattern: /^url$/, needed: false },
  'continuation-token': { pattern: /./, needed: false },
};

/** Everything that is answered. */
const ROUTES: readonly Route[] = [
  { method: 'GET', of: 'bucket', query: WORKSPACES, answer: listWorkspaces },
  { method: 'HEAD', of: 'state', query: {}, answer: answerRead },
  { method: 'GET', of: 'state', query: {}, answer: answerRead },
  { method: 'PUT', of: 'state', query: {}, answer: writeState },
  { method: 'PUT', of: 'lock', query: {}, answer: takeLock },
  { method: 'GET', of: 'lock', query: {}, answer: answerLock },
  { method: 'DELETE', of: 'lock', query: {}, answer: giveLockBack },
];

/** Headers that would make another request of it, and what they would make. */
const REFUSED_HEADERS: readonly (readonly [RegExp, string])[] = [
  [/^range$/, 'asks for a part'],
  [/^if-(match|modified-since|range|unmodified-since)$/, 'sets a condition'],
  [/^x-amz-copy-source/, 'copies'],
  [/^x-amz-server-side-encryption-customer-/, 'brings a key for the store to encrypt with'],
  [/^x-amz-(object-lock|website-redirect|write-offset)/, 'asks for more than to keep bytes'],
];

/** Who answers a request, or why nobody does. */
export function routeOf(request: StoreRequest, state: StackState): Route['answer'] | string {
  const { method, bucket = state.bucket, key, query = {}, headers = {} } = request;
  const of = objectOf(key, state);
  if (bucket !== state.bucket || of === undefined) return 'it is not of this stack';
  const refused = Object.keys(headers)
    .map((name) => REFUSED_HEADERS.find(([pattern]) => pattern.test(name)))
    .find((found) => found !== undefined);
  if (refused !== undefined) return `it ${refused[1]}`;
  const route = ROUTES.find((each) => each.method === method && each.of === of);
  if (route === undefined) return `nobody may ${method} the ${of}`;
  return isQuery(query, route.query) ? route.answer : `its query is another: ${wordsOf(query)}`;
}

function objectOf(key: string | undefined, state: StackState): Route['of'] | undefined {
  if (key === undefined) return 'bucket';
  if (key === state.key) return 'state';
  return key === state.lockKey ? 'lock' : undefined;
}

function isQuery(query: Readonly<Record<string, string>>, allowed: Route['query']): boolean {
  const names = Object.keys(query).filter((name) => name !== 'x-id');
  return (
    names.every((name) => allowed[name]?.pattern.test(query[name] ?? '') === true) &&
    Object.keys(allowed).every((name) => allowed[name]?.needed === false || names.includes(name))
  );
}

/** Multipart uploads, versions and policies are asked for by their names in the query. */
function wordsOf(query: Readonly<Record<string, string>>): string {
  return Object.keys(query).join(', ') || 'it is empty';
}
