import type { Bucket, Kept, Version } from './bucket.ts';
import { type Refusal, readCondition, refusedChecksum, refusedWrite } from './condition.ts';
import type { Asked, Reply } from './reply.ts';
import { emptyAnswer, errorAnswer } from './s3-answer.ts';

/** A request on one object of a bucket that is there. */
export interface ObjectRequest {
  readonly bucket: Bucket;
  readonly request: Asked;
  readonly key: string;
  readonly at: Date;
}

/** Headers of a write that its reads give back. */
const KEPT_HEADERS = /^(content-type$|x-amz-(meta-|checksum-(sha|crc)|server-side-encryption$))/;
const MOST_KEY_BYTES = 1024;

/** What may be asked of an object, beside the plain object itself. */
const KNOWN_QUERY = new Set(['versionId', 'x-id']);

/** GetObject, HeadObject, PutObject, DeleteObject. */
export function objectReply(asked: ObjectRequest): Reply {
  const { request, key } = asked;
  const refusal = notKnown(request, key);
  if (refusal !== undefined) return refused(asked, refusal);
  if (request.method === 'PUT') return put(asked);
  return request.method === 'DELETE' ? remove(asked) : read(asked);
}

function notKnown({ method, query = {}, headers = {} }: Asked, key: string): Refusal | undefined {
  const names = Object.keys(query);
  if (names.includes('uploads') || names.includes('uploadId')) {
    return {
      code: 'NotImplemented',
      message: 'Multipart uploads are not taken here: a state is sent in one piece.',
    };
  }
  const strange = names.find((name) => !KNOWN_QUERY.has(name));
  if (strange !== undefined) {
    return { code: 'NotImplemented', message: `The parameter ${strange} is not known here.` };
  }
  if (headers['x-amz-copy-source'] !== undefined) {
    return { code: 'NotImplemented', message: 'Copies are not made here.' };
  }
  if (method === 'POST') return { code: 'MethodNotAllowed' };
  return Buffer.byteLength(key) > MOST_KEY_BYTES
    ? { code: 'InvalidArgument', message: 'The key is too long.' }
    : undefined;
}

function read(asked: ObjectRequest): Reply {
  const { bucket, request, key } = asked;
  const id = request.query?.versionId;
  const version = id === undefined ? bucket.versionsOf(key)[0] : bucket.version(key, id);
  if (version === undefined) {
    return refused(asked, { code: id === undefined ? 'NoSuchKey' : 'NoSuchVersion' });
  }
  if (version.body === undefined) {
    const answer = refused(asked, { code: id === undefined ? 'NoSuchKey' : 'MethodNotAllowed' });
    const headers = { ...answer.headers, 'x-amz-delete-marker': 'true', ...idOf(bucket, version) };
    return { ...answer, headers };
  }
  return readKept(asked, { ...version, body: version.body });
}

function readKept(asked: ObjectRequest, version: Kept): Reply {
  const { bucket, request } = asked;
  const condition = readCondition(request, version);
  if (condition === 'failed') return refused(asked, { code: 'PreconditionFailed' });
  if (condition === 'unchanged') return emptyAnswer(304, { etag: version.etag });
  // Checksums are told only to who asks for them.
  const asksChecksum = request.headers?.['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED';
  const headers = Object.fromEntries(
    Object.entries(version.headers).filter(
      ([name]) => asksChecksum || !name.startsWith('x-amz-checksum-'),
    ),
  );
  return objectAnswer(request, { ...version, headers }, idOf(bucket, version));
}

/** The answer to a read of what is kept. */
export function objectAnswer(
  { method }: Pick<Asked, 'method'>,
  { body, etag, modified, headers }: Omit<Kept, 'id'>,
  more: Readonly<Record<string, string>> = {},
): Reply {
  return {
    status: 200,
    headers: {
      'content-type': 'binary/octet-stream',
      ...headers,
      'accept-ranges': 'bytes',
      'content-length': String(body.length),
      etag,
      'last-modified': modified.toUTCString(),
      ...more,
    },
    body: method === 'HEAD' ? Buffer.alloc(0) : body,
  };
}

function put(asked: ObjectRequest): Reply {
  const { bucket, request, key, at } = asked;
  const { headers = {}, body = Buffer.alloc(0) } = request;
  const refusal = refusedChecksum(request) ?? refusedWrite(request, bucket.current(key));
  if (refusal !== undefined) return refused(asked, refusal);
  const kept = Object.entries(headers).filter(([name]) => KEPT_HEADERS.test(name));
  const version = bucket.put(key, Buffer.from(body), Object.fromEntries(kept), at);
  return emptyAnswer(200, { etag: version.etag, ...idOf(bucket, version) });
}

function remove(asked: ObjectRequest): Reply {
  const { bucket, request, key, at } = asked;
  const refusal =
    request.headers?.['if-match'] === undefined
      ? undefined
      : refusedWrite(request, bucket.current(key));
  if (refusal !== undefined) return refused(asked, refusal);
  const removed = bucket.remove(key, at, request.query?.versionId);
  const marker = removed !== undefined && removed.body === undefined;
  return emptyAnswer(204, {
    ...(marker ? { 'x-amz-delete-marker': 'true' } : {}),
    ...(removed === undefined ? {} : idOf(bucket, removed)),
  });
}

function idOf({ versioning }: Bucket, { id }: Version): Record<string, string> {
  return versioning === undefined ? {} : { 'x-amz-version-id': id };
}

function refused({ request }: ObjectRequest, { code, message }: Refusal): Reply {
  return errorAnswer(request, code, message);
}
