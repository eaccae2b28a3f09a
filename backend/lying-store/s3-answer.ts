import { escapedXml } from '../store/answer-xml.ts';
import type { Reply } from './reply.ts';

/** The errors of S3 that are answered here, with their status and what S3 says of them. */
const ERRORS = {
  AccessDenied: [403, 'Access Denied.'],
  BadDigest: [400, 'The checksum you specified did not match what we received.'],
  BucketAlreadyOwnedByYou: [409, 'Your previous request to create the named bucket succeeded.'],
  BucketNotEmpty: [409, 'The bucket you tried to delete is not empty.'],
  ConditionalRequestConflict: [409, 'A conflicting operation is under way for this object.'],
  EntityTooLarge: [413, 'Your proposed upload exceeds the maximum allowed size.'],
  ExpiredToken: [400, 'The provided token has expired.'],
  GatewayTimeout: [504, 'The server did not answer in time.'],
  InsufficientStorage: [507, 'The storage has reached its minimum free drive threshold.'],
  InternalError: [500, 'We encountered an internal error. Please try again.'],
  InvalidAccessKeyId: [403, 'The access key id you provided does not exist in our records.'],
  InvalidArgument: [400, 'Invalid argument.'],
  InvalidBucketName: [400, 'The specified bucket is not valid.'],
  InvalidObjectState: [403, 'The operation is not valid for the storage class of the object.'],
  MethodNotAllowed: [405, 'The specified method is not allowed against this resource.'],
  NoSuchBucket: [404, 'The specified bucket does not exist.'],
  NoSuchKey: [404, 'The specified key does not exist.'],
  NoSuchVersion: [404, 'The specified version does not exist.'],
  NotImplemented: [501, 'A header you provided implies functionality that is not implemented.'],
  PermanentRedirect: [301, 'The bucket must be addressed using the specified endpoint.'],
  PreconditionFailed: [412, 'At least one of the preconditions you specified did not hold.'],
  QuotaExceeded: [403, 'The bucket has reached its quota.'],
  RequestTimeTooSkewed: [403, 'The difference between the request time and ours is too large.'],
  ServiceUnavailable: [503, 'Please reduce your request rate.'],
  SignatureDoesNotMatch: [403, 'The request signature we calculated does not match yours.'],
  SlowDown: [503, 'Please reduce your request rate.'],
  XAmzContentSHA256Mismatch: [400, 'The provided x-amz-content-sha256 is not that of the body.'],
} as const satisfies Record<string, readonly [number, string]>;

/** An error of S3. */
export type ErrorCode = keyof typeof ERRORS;

const XML = 'application/xml';

/** An answer with a document of XML. */
export function xmlAnswer(body: string, status = 200): Reply {
  return textAnswer(`<?xml version="1.0" encoding="UTF-8"?>\n${body}`, XML, status);
}

/** An answer with a text. */
export function textAnswer(text: string, type: string, status = 200): Reply {
  const body = Buffer.from(text);
  return {
    status,
    headers: { 'content-type': type, 'content-length': String(body.length) },
    body,
  };
}

/** An answer without a body. */
export function emptyAnswer(status: number, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { 'content-length': '0', ...headers }, body: Buffer.alloc(0) };
}

/**
 * An error as S3 words it.
 *
 * @param message instead of the usual one
 */
export function errorAnswer(
  { method, bucket = '', key }: { method: string; bucket?: string; key?: string },
  code: ErrorCode,
  message: string = ERRORS[code][1],
): Reply {
  const [status] = ERRORS[code];
  if (method === 'HEAD') return emptyAnswer(status);
  const resource = key === undefined ? `/${bucket}` : `/${bucket}/${key}`;
  return xmlAnswer(
    `<Error><Code>${code}</Code><Message>${escapedXml(message)}</Message><Resource>${escapedXml(resource)}</Resource><RequestId>0</RequestId></Error>`,
    status,
  );
}
