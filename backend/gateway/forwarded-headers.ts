import type { StoreRequest } from '../store/store-client.ts';

/** What tofu may say of an object that it writes: its kind, its checksum, how it is encrypted, who may read it. */
const FORWARDED = new Set([
  'cache-control',
  'content-md5',
  'content-type',
  'x-amz-acl',
  'x-amz-sdk-checksum-algorithm',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-tagging',
]);
const CHECKSUM = /^x-amz-checksum-(crc32|crc32c|crc64nvme|sha1|sha256)$/;

/** The headers of a write that the store is to have too. */
export function forwardedHeaders({ headers = {} }: StoreRequest): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => FORWARDED.has(name) || CHECKSUM.test(name)),
  );
}
