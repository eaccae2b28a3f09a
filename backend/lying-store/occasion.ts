import type { Asked } from './reply.ts';

const LOCK = '.tflock';

/** The requests that a lie can be about. A lock is an object whose key ends with .tflock, every other object is a state. */
const OCCASIONS = {
  anything: () => true,
  'a request on a bucket': ({ bucket }) => bucket !== '',
  'a read of a state': (asked) => isState(asked) && isRead(asked),
  'GET of a state': (asked) => isState(asked) && asked.method === 'GET',
  'HEAD of a state': (asked) => isState(asked) && asked.method === 'HEAD',
  'a write of a state': (asked) => isState(asked) && asked.method === 'PUT',
  'a read or a write of a state': (asked) => isState(asked) && asked.method !== 'DELETE',
  'taking a lock': (asked) => isLock(asked) && asked.method === 'PUT',
  'a read of a lock': (asked) => isLock(asked) && isRead(asked),
  'a read or a write of a lock': (asked) => isLock(asked) && asked.method !== 'DELETE',
  'giving a lock back': (asked) => isLock(asked) && asked.method === 'DELETE',
  'a request on a lock': isLock,
  'a delete': ({ key, method }) => key !== undefined && method === 'DELETE',
  'a listing of objects': (asked) => ofBucket(asked, 'GET') && asked.query?.['list-type'] === '2',
  'a listing of versions': (asked) => ofBucket(asked, 'GET') && has(asked, 'versions'),
  'the question for versioning': (asked) => ofBucket(asked, 'GET') && has(asked, 'versioning'),
  'a listing of buckets': ({ bucket, method }) => bucket === '' && method === 'GET',
  'HEAD of a bucket': (asked) => ofBucket(asked, 'HEAD'),
} as const satisfies Record<string, (asked: Asked) => boolean>;

/** One of the occasions. */
export type Occasion = keyof typeof OCCASIONS;

/** True for a request of that kind. */
export function isOccasion(occasion: Occasion, asked: Asked): boolean {
  return OCCASIONS[occasion](asked);
}

/** The key of the lock of a state. */
export function lockOf(key: string): string {
  return `${key}${LOCK}`;
}

/** The key of the state that a lock is for; a key that is no lock is itself one of a state. */
export function stateOf(key: string): string {
  return key.endsWith(LOCK) ? key.slice(0, -LOCK.length) : key;
}

function isLock({ key }: Asked): boolean {
  return key?.endsWith(LOCK) === true;
}

function isState(asked: Asked): boolean {
  return asked.key !== undefined && !isLock(asked);
}

function isRead({ method }: Asked): boolean {
  return method === 'GET' || method === 'HEAD';
}

function ofBucket({ bucket, key, method: asked }: Asked, method: Asked['method']): boolean {
  return bucket !== '' && key === undefined && asked === method;
}

function has({ query = {} }: Asked, name: string): boolean {
  return name in query;
}
