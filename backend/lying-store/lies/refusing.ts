import { always, refuses } from '../effects.ts';
import type { Lie } from '../lie.ts';
import { errorAnswer, textAnswer } from '../s3-answer.ts';

const TOO_LARGE =
  '<html><head><title>413 Request Entity Too Large</title></head><body><hr><center>nginx</center></body></html>';

/** What is written is refused, and nothing is kept. */
export const REFUSING: readonly Omit<Lie, 'kind'>[] = [
  {
    name: 'disk-full',
    origin: 'MinIO: XMinioStorageFull, 507',
    does: 'refuses every write of a state with 507',
    on: 'a write of a state',
    tell: refuses('InsufficientStorage'),
  },
  {
    name: 'quota-exceeded',
    origin: 'a quota on the bucket',
    does: 'refuses every write of a state because of a quota',
    on: 'a write of a state',
    tell: refuses('QuotaExceeded'),
  },
  {
    name: 'write-denied',
    origin: 'keys that may only read',
    does: 'denies every write of a state',
    on: 'a write of a state',
    tell: refuses('AccessDenied'),
  },
  {
    name: 'write-unavailable',
    origin: 'an apply that restarts the store it writes to',
    does: 'refuses every write of a state with 503',
    on: 'a write of a state',
    tell: refuses('ServiceUnavailable'),
  },
  {
    name: 'write-slowed-down',
    origin: 'S3 manual: 503 SlowDown',
    does: 'refuses two writes of a state with 503 SlowDown',
    on: 'a write of a state',
    span: { times: 2 },
    tell: refuses('SlowDown'),
  },
  {
    name: 'write-fails',
    origin: 'rustfs issue 2611: no quorum for a write lock',
    does: 'answers every write of a state with 500, and keeps none',
    on: 'a write of a state',
    tell: refuses('InternalError'),
  },
  {
    name: 'write-conflicts-once',
    origin: 'S3 manual: 409 ConditionalRequestConflict',
    does: 'answers one write of a state with 409, though nobody else writes',
    on: 'a write of a state',
    span: { times: 1 },
    tell: refuses('ConditionalRequestConflict'),
  },
  {
    name: 'body-too-large',
    origin: 'nginx: client_max_body_size of an ingress',
    does: 'refuses every write of a state as too large, in HTML',
    on: 'a write of a state',
    tell: always(() => textAnswer(TOO_LARGE, 'text/html', 413)),
  },
  {
    name: 'hash-refused',
    origin: 'opentofu issue 2605: XAmzContentSHA256Mismatch',
    does: 'says of every written state that it is not what was signed',
    on: 'a write of a state',
    tell: refuses('XAmzContentSHA256Mismatch'),
  },
  {
    name: 'write-not-implemented',
    origin: 'opentofu issue 2570: headers of newer clients are not known',
    does: 'refuses every write of a state because of a header that it does not know',
    on: 'a write of a state',
    tell: refuses('NotImplemented'),
  },
  {
    name: 'if-match-always-fails',
    origin: 'an If-Match that is compared with its quotes, or without',
    does: 'refuses every write that names the version it replaces, also the right one',
    on: 'a write of a state',
    tell: always(({ request, honest }) =>
      request.headers?.['if-match'] === undefined
        ? honest()
        : errorAnswer(request, 'PreconditionFailed'),
    ),
  },
];
