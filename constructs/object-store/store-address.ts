import { Endpoint } from '../../values/endpoint.ts';

/** Where AWS itself keeps the buckets of a region. */
export function awsStore(region: string): Endpoint<'pod'> {
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return Endpoint.parse('pod', `https://s3.${region}.${domain}`);
}

/**
 * Where Cloudflare keeps the buckets of an account.
 *
 * @see https://developers.cloudflare.com/r2/api/s3/api/
 */
export function r2Store(accountId: string, jurisdiction: string | undefined): Endpoint<'pod'> {
  const account = jurisdiction === undefined ? accountId : `${accountId}.${jurisdiction}`;
  return Endpoint.parse('pod', `https://${account}.r2.cloudflarestorage.com`);
}
