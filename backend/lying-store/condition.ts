import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Kept } from './bucket.ts';
import type { Asked } from './reply.ts';
import type { ErrorCode } from './s3-answer.ts';

/** Why a request on an object is not done; the message where the usual one would not explain it. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message?: string;
}

/** How a checksum of a body is made, by the header that carries it. */
const CHECKSUMS: Readonly<Record<string, (body: Uint8Array) => string>> = {
  'content-md5': (body) => createHash('md5').update(body).digest('base64'),
  'x-amz-checksum-sha256': (body) => createHash('sha256').update(body).digest('base64'),
  'x-amz-checksum-sha1': (body) => createHash('sha1').update(body).digest('base64'),
  'x-amz-checksum-crc32': (body) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc32(body));
    return bytes.toString('base64');
  },
};

/** Why the conditions of a write or a delete do not hold; undefined when they do. */
export function refusedWrite(
  { headers = {} }: Asked,
  current: Kept | undefined,
): Refusal | undefined {
  const ifNoneMatch = headers['if-none-match'];
  const ifMatch = headers['if-match'];
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    return { code: 'NotImplemented', message: 'A write knows If-None-Match only with *.' };
  }
  if (ifNoneMatch !== undefined && current !== undefined) return { code: 'PreconditionFailed' };
  if (ifMatch === undefined) return undefined;
  if (current === undefined) return { code: 'NoSuchKey' };
  return matches(ifMatch, current) ? undefined : { code: 'PreconditionFailed' };
}

/** Whether a read is answered with the object, without it because the reader has it, or not at all. */
export function readCondition(
  { headers = {} }: Asked,
  current: Kept,
): 'whole' | 'unchanged' | 'failed' {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers;
  if (ifMatch !== undefined && !matches(ifMatch, current)) return 'failed';
  return ifNoneMatch !== undefined && matches(ifNoneMatch, current) ? 'unchanged' : 'whole';
}

/** Why the checksums that came with a body are refused; undefined when they are right, or none came. */
export function refusedChecksum({
  headers = {},
  body = Buffer.alloc(0),
}: Asked): Refusal | undefined {
  for (const [name, given] of Object.entries(headers)) {
    const isChecksum = /^(content-md5$|x-amz-checksum-(?!algorithm$|mode$|type$))/.test(name);
    const make = CHECKSUMS[name];
    if (isChecksum && make === undefined) {
      return { code: 'NotImplemented', message: `The checksum ${name} is not known here.` };
    }
    if (make !== undefined && make(body) !== given) return { code: 'BadDigest' };
  }
  return undefined;
}

function matches(condition: string, { etag }: Kept): boolean {
  const wanted = condition.split(',').map((each) => each.trim().replaceAll('"', ''));
  return wanted.includes('*') || wanted.includes(etag.replaceAll('"', ''));
}
