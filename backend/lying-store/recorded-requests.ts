import type { StoreRequest } from '../store/store-client.ts';

/** One request of tofu 1.12 and the status of the answer, such as `PUT lock if free: 200`. */
export type Recorded =
  | `LIST env:/: ${number}`
  | `${'DELETE' | 'GET' | 'PUT'} lock: ${number}`
  | `PUT lock if free: ${number}`
  | `${'GET' | 'HEAD' | 'PUT'} state: ${number}`;

/** What tofu asks an honest store in one run of a command, in order. */
export const RECORDED_RUNS = {
  'init of a new stack': ['LIST env:/: 200', 'LIST env:/: 200', 'HEAD state: 404'],
  'plan of a new stack': [
    'LIST env:/: 200',
    'PUT lock if free: 200',
    'HEAD state: 404',
    'GET lock: 200',
    'DELETE lock: 204',
  ],
  'first apply': [
    'LIST env:/: 200',
    'PUT lock if free: 200',
    'HEAD state: 404',
    'HEAD state: 404',
    'PUT state: 200',
    'GET lock: 200',
    'DELETE lock: 204',
  ],
  init: ['LIST env:/: 200', 'LIST env:/: 200', 'HEAD state: 200', 'GET state: 200'],
  plan: [
    'LIST env:/: 200',
    'PUT lock if free: 200',
    'HEAD state: 200',
    'GET state: 200',
    'GET lock: 200',
    'DELETE lock: 204',
  ],
  apply: [
    'LIST env:/: 200',
    'PUT lock if free: 200',
    'HEAD state: 200',
    'GET state: 200',
    'PUT state: 200',
    'GET lock: 200',
    'DELETE lock: 204',
  ],
  destroy: [
    'LIST env:/: 200',
    'PUT lock if free: 200',
    'HEAD state: 200',
    'GET state: 200',
    'PUT state: 200',
    'GET lock: 200',
    'DELETE lock: 204',
  ],
  'plan beside a lock': ['LIST env:/: 200', 'PUT lock if free: 412', 'GET lock: 200'],
} as const satisfies Record<string, readonly Recorded[]>;

/** One of the runs. */
export type RecordedRun = keyof typeof RECORDED_RUNS;

/** Where a state lies, and what is written there. */
export interface RecordedPlace {
  readonly key: string;
  readonly lockKey: string;
  readonly state: Uint8Array;
  readonly lock: Uint8Array;
}

/** The request that was recorded, as tofu sends it. */
export function requestOf(recorded: Recorded, place: RecordedPlace): StoreRequest {
  const [request = ''] = recorded.split(': ');
  const [method = '', subject] = request.split(' ');
  const key = subject === 'lock' ? place.lockKey : place.key;
  switch (method) {
    case 'LIST':
      return {
        method: 'GET',
        query: { 'list-type': '2', 'max-keys': '1000', prefix: 'env:/' },
      };
    case 'PUT':
      return {
        method,
        key,
        query: { 'x-id': 'PutObject' },
        headers: request.endsWith('if free') ? { 'if-none-match': '*' } : {},
        body: subject === 'lock' ? place.lock : place.state,
      };
    case 'GET':
    case 'DELETE':
      return { method, key, query: { 'x-id': method === 'GET' ? 'GetObject' : 'DeleteObject' } };
    default:
      return { method: 'HEAD', key };
  }
}
