import type { LieKind } from '../../../backend/lying-store/lie.ts';

/**
 * What a store with the serials 1, 2 and 3 of a state answers while it lies: one lie to a line, then what is asked of it, with
 * the answer. An honest one answers none of them in the same words.
 */
const TOLD: Readonly<Record<LieKind, string>> = {
  reading: `
hidden-key | HEAD: 404 | GET: 404 NoSuchKey
hidden-key-once | GET: 404 NoSuchKey | GET: 200 serial 3 etag of 3
hidden-to-head | HEAD: 404 | GET: 200 serial 3 etag of 3
hidden-to-get | HEAD: 200 234 bytes etag of 3 | GET: 404 NoSuchKey
hidden-bucket | HEAD: 404 | GET: 404 NoSuchBucket
hidden-by-a-marker | GET: 404 NoSuchKey | HEAD: 404 | VERSIONS: 200 versions 7
flapping-key | GET: 404 NoSuchKey | GET: 200 serial 3 etag of 3 | HEAD: 404 | GET: 200 serial 3 etag of 3
late-write | PUT 4: 200 etag of 4 | GET: 200 serial 3 etag of 3 | HEAD: 200 234 bytes etag of 3 | WAIT 2000 | GET: 200 serial 4 etag of 4
archived-state | HEAD: 200 234 bytes etag of 3 | GET: 403 InvalidObjectState
not-modified | HEAD: 304 | GET: 304
older-state | HEAD: 200 234 bytes etag of 2 | GET: 200 serial 2 etag of 2
first-state | HEAD: 200 234 bytes etag of 1 | GET: 200 serial 1 etag of 1
flapping-state | GET: 200 serial 2 etag of 2 | GET: 200 serial 3 etag of 3 | HEAD: 200 234 bytes etag of 2 | GET: 200 serial 3 etag of 3
cached-state | GET: 200 serial 3 etag of 3 | PUT 4: 200 etag of 4 | GET: 200 serial 3 etag of 3 | HEAD: 200 234 bytes etag of 4
other-lineage | HEAD: 200 234 bytes other etag | GET: 200 serial 3, other lineage, changed other etag
foreign-state | HEAD: 200 391 bytes other etag | GET: 200 serial 43, other lineage, changed other etag
forked-state | HEAD: 200 274 bytes other etag | GET: 200 serial 3, changed other etag
emptied-state | HEAD: 200 102 bytes other etag | GET: 200 serial 3, empty, changed other etag
emptied-later-state | GET: 200 serial 4, empty, changed other etag | HEAD: 200 102 bytes other etag | VERSIONS: 200 versions 7
version-3-state | HEAD: 200 234 bytes other etag | GET: 200 serial 3, version 3, changed other etag
zero-body | HEAD: 200 0 bytes other etag | GET: 200 0 bytes other etag
truncated-state | HEAD: 200 117 bytes etag of 3 | GET: 200 117 bytes, no JSON etag of 3
trailing-bytes | HEAD: 200 274 bytes etag of 3 | GET: 200 274 bytes, no JSON etag of 3
doubled-state | HEAD: 200 468 bytes etag of 3 | GET: 200 468 bytes, no JSON etag of 3
one-byte-changed | HEAD: 200 234 bytes etag of 3 | GET: 200 serial 3, changed etag of 3
zeroed-block | HEAD: 200 234 bytes etag of 3 | GET: 200 234 bytes, no JSON etag of 3
compressed-state | HEAD: 200 234 bytes etag of 3 | GET: 200 196 bytes, no JSON etag of 3
html-page | HEAD: 200 234 bytes etag of 3 | GET: 200 Sign in
xml-error-with-200 | HEAD: 200 234 bytes etag of 3 | GET: 200 InternalError
head-of-older | HEAD: 200 234 bytes etag of 2 | GET: 200 serial 3 etag of 3
wrong-etag | HEAD: 200 234 bytes etag of 3 | GET: 200 serial 3 other etag
no-etag | HEAD: 200 234 bytes no etag | GET: 200 serial 3 no etag
partial-content | HEAD: 200 234 bytes etag of 3 | GET: 206 117 bytes, no JSON etag of 3
declared-longer | HEAD: 200 234 bytes etag of 3 | GET: cut
declared-shorter | HEAD: 200 234 bytes etag of 3 | GET: cut
cut-in-the-state | HEAD: 200 234 bytes etag of 3 | GET: cut
cut-once | GET: cut | GET: 200 serial 3 etag of 3
slow-drip | HEAD: 200 234 bytes etag of 3 | GET: 200 serial 3 etag of 3 after 15000 ms
read-hangs | HEAD: timeout | GET: timeout
read-fails-once | GET: 500 InternalError | GET: 200 serial 3 etag of 3
read-fails | HEAD: 500 | GET: 500 InternalError
read-slowed-down | HEAD: 503 | GET: 503 SlowDown | GET: 503 SlowDown | GET: 200 serial 3 etag of 3
read-unavailable | HEAD: 503 | GET: 503 ServiceUnavailable
read-denied | HEAD: 403 | GET: 403 AccessDenied
state-moved | HEAD: 301 | GET: 301 PermanentRedirect`,
  writing: `
write-dropped | PUT 4: 200 etag of 4 | GET: 200 serial 3 etag of 3
write-dropped-once | PUT 4: 200 etag of 4 | GET: 200 serial 3 etag of 3 | PUT 5: 200 etag of 5 | GET: 200 serial 5 etag of 5
half-kept | PUT 4: 200 etag of 4 | GET: 200 117 bytes, no JSON other etag
kept-empty | PUT 4: 200 etag of 4 | GET: 200 0 bytes other etag
kept-with-one-byte-changed | PUT 4: 200 etag of 4 | GET: 200 serial 4, changed other etag
kept-appended | PUT 4: 200 etag of 4 | GET: 200 468 bytes, no JSON other etag
kept-elsewhere | PUT 4: 200 etag of 4 | GET: 200 serial 3 etag of 3 | LIST: 200 lists attic/terraform.tfstate attic/terraform.tfstate.uploading other/terraform.tfstate
kept-late | PUT 4: 200 etag of 4 | GET: 200 serial 3 etag of 3 | WAIT 2000 | GET: 200 serial 4 etag of 4
kept-but-500 | PUT 4: 500 InternalError | GET: 200 serial 4 etag of 4
kept-but-504-once | PUT 4: 504 GatewayTimeout | GET: 200 serial 4 etag of 4 | PUT 5: 200 etag of 5 | GET: 200 serial 5 etag of 5
kept-but-hangs | PUT 4: timeout | GET: 200 serial 4 etag of 4
kept-but-cut | PUT 4: cut | GET: 200 serial 4 etag of 4
kept-wrong-etag | PUT 4: 200 other etag | GET: 200 serial 4 etag of 4
write-error-with-200 | PUT 4: 200 SlowDown | GET: 200 serial 3 etag of 3
undone-after-a-second | PUT 4: 200 etag of 4 | GET: 200 serial 4 etag of 4 | WAIT 1000 | GET: 200 serial 3 etag of 3
undone-after-unlock | LOCK a: 200 | PUT 4: 200 etag of 4 | GET: 200 serial 4 etag of 4 | UNLOCK: 204 | GET: 200 serial 3 etag of 3
kept-below-the-older | PUT 4: 200 etag of 4 | GET: 200 serial 3 etag of 3 | VERSIONS: 200 versions 8
overwritten-at-once | PUT 4: 200 etag of 4 | GET: 200 serial 4, changed other etag
if-match-ignored | PUT 4 OVER 2: 200 etag of 4 | GET: 200 serial 4 etag of 4
disk-full | PUT 4: 507 InsufficientStorage | GET: 200 serial 3 etag of 3
quota-exceeded | PUT 4: 403 QuotaExceeded | GET: 200 serial 3 etag of 3
write-denied | PUT 4: 403 AccessDenied | GET: 200 serial 3 etag of 3
write-unavailable | PUT 4: 503 ServiceUnavailable | GET: 200 serial 3 etag of 3
write-slowed-down | PUT 4: 503 SlowDown | PUT 4: 503 SlowDown | GET: 200 serial 3 etag of 3 | PUT 4: 200 etag of 4 | GET: 200 serial 4 etag of 4
write-fails | PUT 4: 500 InternalError | GET: 200 serial 3 etag of 3
write-conflicts-once | PUT 4: 409 ConditionalRequestConflict | GET: 200 serial 3 etag of 3 | PUT 4: 200 etag of 4 | GET: 200 serial 4 etag of 4
body-too-large | PUT 4: 413 413 Request Entity Too Large | GET: 200 serial 3 etag of 3
hash-refused | PUT 4: 400 XAmzContentSHA256Mismatch | GET: 200 serial 3 etag of 3
write-not-implemented | PUT 4: 501 NotImplemented | GET: 200 serial 3 etag of 3
if-match-always-fails | PUT 4 OVER 3: 412 PreconditionFailed | GET: 200 serial 3 etag of 3 | PUT 5: 200 etag of 5 | GET: 200 serial 5 etag of 5`,
  locking: `
if-none-match-ignored | LOCK a: 200 | READ-LOCK: 200 lock a | LOCK b: 200
two-winners | RACE: 200 after 250 ms and 200 after 250 ms | READ-LOCK: 200 lock right | LOCK c: 412 PreconditionFailed
lock-never-free | LOCK a: 200 | UNLOCK: 204 | READ-LOCK: 404 NoSuchKey | LOCK b: 412 PreconditionFailed
lock-lost | LOCK a: 200 | READ-LOCK: 404 NoSuchKey | LOCK b: 200
lock-late | LOCK a: 200 | READ-LOCK: 404 NoSuchKey | LOCK b: 200 | WAIT 2000 | READ-LOCK: 200 lock b | LOCK c: 412 PreconditionFailed
lock-truncated | LOCK a: 200 | READ-LOCK: 200 33 bytes, no JSON | LOCK b: 412 PreconditionFailed
lock-changed | LOCK a: 200 | READ-LOCK: 200 lock 0 | LOCK b: 412 PreconditionFailed
lock-taken-by-another | LOCK a: 200 | READ-LOCK: 200 lock 5f3e9c1a-0000-4000-8000-00000000cafe | LOCK b: 412 PreconditionFailed
lock-hidden | LOCK a: 200 | READ-LOCK: 404 NoSuchKey | LOCK b: 412 PreconditionFailed
lock-of-the-run-before | LOCK a: 200 | READ-LOCK: 200 lock run-3 | LOCK b: 412 PreconditionFailed
lock-busy-once | LOCK a: 412 PreconditionFailed | READ-LOCK: 404 NoSuchKey | LOCK b: 200
lock-conflicts-once | LOCK a: 409 ConditionalRequestConflict | READ-LOCK: 404 NoSuchKey | LOCK b: 200
lock-not-implemented | LOCK a: 501 NotImplemented | READ-LOCK: 404 NoSuchKey | LOCK b: 501 NotImplemented
lock-kept-but-500 | LOCK a: 500 InternalError | READ-LOCK: 200 lock a | LOCK b: 412 PreconditionFailed
lock-kept-but-cut | LOCK a: cut | READ-LOCK: 200 lock a | LOCK b: 412 PreconditionFailed
lock-expires | LOCK a: 200 | READ-LOCK: 200 lock a | WAIT 2000 | READ-LOCK: 404 NoSuchKey | LOCK b: 200
lock-not-kept-twice | LOCK a: 200 | READ-LOCK: 404 NoSuchKey | LOCK b: 200
lock-removed-while-held | LOCK a: 200 | READ-LOCK: 200 lock a | GET: 200 serial 3 etag of 3 | READ-LOCK: 404 NoSuchKey
lock-replaced-while-held | LOCK a: 200 | READ-LOCK: 200 lock a | GET: 200 serial 3 etag of 3 | READ-LOCK: 200 lock 5f3e9c1a-0000-4000-8000-00000000cafe
lock-replaced-by-a-write | LOCK a: 200 | GET: 200 serial 3 etag of 3 | READ-LOCK: 200 lock a | PUT 4: 200 etag of 4 | READ-LOCK: 200 lock 5f3e9c1a-0000-4000-8000-00000000cafe
unlock-ignored | LOCK a: 200 | UNLOCK: 204 | READ-LOCK: 200 lock a
unlock-fails | LOCK a: 200 | UNLOCK: 500 InternalError | READ-LOCK: 200 lock a
unlock-denied | LOCK a: 200 | UNLOCK: 403 AccessDenied | READ-LOCK: 200 lock a
unlocked-but-500 | LOCK a: 200 | UNLOCK: 500 | READ-LOCK: 404 NoSuchKey
lock-comes-back | LOCK a: 200 | UNLOCK: 204 | READ-LOCK: 404 NoSuchKey | WAIT 1000 | READ-LOCK: 200 lock a
unlock-removes-state | LOCK a: 200 | GET: 200 serial 3 etag of 3 | UNLOCK: 204 | GET: 404 NoSuchKey`,
  bucket: `
bucket-not-listed | BUCKETS: 200 buckets attic | HEAD-BUCKET: 200 | GET: 200 serial 3 etag of 3
bucket-index-lost | GET: 404 NoSuchKey | HEAD: 404 | LIST: 200 lists nothing | HEAD-BUCKET: 404 | BUCKETS: 200 buckets attic | LOCK a: 404 NoSuchKey | UNLOCK: 204
no-such-bucket | BUCKETS: 200 buckets attic tofu-state | HEAD-BUCKET: 404 | LIST: 404 NoSuchBucket | GET: 404 NoSuchBucket
bucket-lost-by-a-delete | LOCK a: 200 | GET: 200 serial 3 etag of 3 | UNLOCK: 204 | GET: 404 NoSuchKey | LIST: 200 lists nothing | HEAD-BUCKET: 404 | BUCKETS: 200 buckets attic | LOCK b: 404 NoSuchKey
bucket-flaps | GET: 404 NoSuchBucket | GET: 200 serial 3 etag of 3 | LIST: 404 NoSuchBucket | HEAD-BUCKET: 200
head-bucket-missing | BUCKETS: 200 buckets attic tofu-state | HEAD-BUCKET: 404 | GET: 200 serial 3 etag of 3
buckets-denied | BUCKETS: 403 AccessDenied | HEAD-BUCKET: 200 | GET: 200 serial 3 etag of 3
bucket-moved | BUCKETS: 200 buckets attic tofu-state | HEAD-BUCKET: 301 | LIST: 301 PermanentRedirect | GET: 301 PermanentRedirect
bucket-emptied | GET: 404 NoSuchKey | LIST: 200 lists nothing | VERSIONS: 200 versions 0 | HEAD-BUCKET: 200 | BUCKETS: 200 buckets attic tofu-state
bucket-rolled-back | GET: 200 serial 2 etag of 2 | HEAD: 200 234 bytes etag of 2 | LIST: 200 lists attic/terraform.tfstate other/terraform.tfstate
split-brain | GET: 404 NoSuchKey | GET: 200 serial 3 etag of 3 | LOCK a: 200 | LOCK b: 200 | LIST: 200 lists attic/terraform.tfstate.tflock | LIST: 200 lists attic/terraform.tfstate attic/terraform.tfstate.tflock other/terraform.tfstate
listing-empty | LIST: 200 lists nothing | GET: 200 serial 3 etag of 3
listing-cut | LIST: 200 lists attic/terraform.tfstate | GET: 200 serial 3 etag of 3
listing-loops | LIST: 200 lists attic/terraform.tfstate other/terraform.tfstate and more | GET: 200 serial 3 etag of 3
listing-invents | LIST: 200 lists attic/terraform.tfstate other/terraform.tfstate env:/ghost/attic/terraform.tfstate | GET: 200 serial 3 etag of 3
listing-is-html | LIST: 200 Buckets | GET: 200 serial 3 etag of 3
listing-fails | LIST: 500 InternalError | GET: 200 serial 3 etag of 3
listing-denied | LIST: 403 AccessDenied | GET: 200 serial 3 etag of 3
versions-claimed | VERSIONING: 200 versioning Enabled | VERSIONS: 200 versions 2 | GET: 200 serial 3 etag of 3
versions-disowned | VERSIONING: 200 versioning none | VERSIONS: 200 versions 7`,
  connection: `
refused | GET: refused | WAIT 1999 | HEAD: refused | WAIT 1 | GET: 200 serial 3 etag of 3
reset | PUT 4: cut | GET: cut
reset-once | PUT 4: cut | GET: 200 serial 3 etag of 3 | PUT 4: 200 etag of 4 | GET: 200 serial 4 etag of 4
cut-in-the-head | GET: cut | HEAD: cut | PUT 4: cut
hangs | PUT 4: timeout | GET: timeout
slow | GET: 200 serial 3 etag of 3 after 1000 ms | HEAD: 200 234 bytes etag of 3 after 1000 ms | LIST: 200 lists attic/terraform.tfstate other/terraform.tfstate after 1000 ms
tls-broken | GET: tls | HEAD: tls | LIST: tls
no-http | GET: cut | HEAD: cut | LIST: cut
clock-skewed | GET: 403 RequestTimeTooSkewed | HEAD: 403 | LIST: 403 RequestTimeTooSkewed
clock-ahead | GET: 200 serial 3 etag of 3 an hour ahead | HEAD: 200 234 bytes etag of 3 an hour ahead | LIST: 200 lists attic/terraform.tfstate other/terraform.tfstate an hour ahead
signature-refused | GET: 403 SignatureDoesNotMatch | HEAD: 403 | LIST: 403 SignatureDoesNotMatch
keys-unknown-at-first | GET: 403 InvalidAccessKeyId | HEAD: 403 | LIST: 403 InvalidAccessKeyId | GET: 200 serial 3 etag of 3
token-expired | GET: 200 serial 3 etag of 3 | PUT 4: 400 ExpiredToken | GET: 400 ExpiredToken | LIST: 200 lists attic/terraform.tfstate other/terraform.tfstate
not-ready-yet | GET: 503 ServiceUnavailable pending | HEAD: 503 pending | LIST: 503 ServiceUnavailable pending | GET: 200 serial 3 etag of 3
bad-gateway | GET: 502 502 Bad Gateway | HEAD: 502 95 bytes | LIST: 502 502 Bad Gateway
login-page | GET: 200 Sign in | HEAD: 200 92 bytes | LIST: 200 Sign in
redirected | GET: 307 to http://127.0.0.1:9/ | HEAD: 307 to http://127.0.0.1:9/ | LIST: 307 to http://127.0.0.1:9/`,
};

/** A lie with what is asked under it. */
export interface ToldLie {
  readonly kind: string;
  readonly name: string;
  readonly asks: readonly string[];
  /** What comes, in the order of what is asked. */
  readonly answers: readonly string[];
}

export const TOLD_LIES: readonly ToldLie[] = Object.entries(TOLD).flatMap(([kind, text]) =>
  text
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', ...steps] = line.split(' | ');
      const pairs = steps.map((step) => step.split(/: (.*)/));
      return {
        kind,
        name,
        asks: pairs.map(([ask = '']) => ask),
        answers: pairs.map(([, answer = '']) => answer),
      };
    }),
);
