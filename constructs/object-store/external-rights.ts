import type { BucketRequest } from './bucket-request.ts';
import { type AccessPolicy, bucketPolicy } from './bucket-rules.ts';

/** What the identity of a bucket must be given by whoever makes it in a store that someone else runs. */
export type ExternalRights =
  | { readonly kind: 'policy'; readonly policy: AccessPolicy }
  | { readonly kind: 'token'; readonly permission: string; readonly scope: string };

/** Where the identity is made. */
export type RightsGiver =
  | { readonly kind: 'r2' }
  | { readonly kind: 'compatible' }
  | { readonly kind: 'aws'; readonly region: string; readonly kmsKeyId?: string | undefined };

const KEY_ACTIONS = ['kms:Decrypt', 'kms:GenerateDataKey'];

/**
 * The least that the identity of a bucket needs.
 *
 * R2 has no policies: its tokens choose among few permissions, of which this is the least that writes.
 *
 * @see https://developers.cloudflare.com/r2/api/tokens/
 */
export function externalRights(request: BucketRequest, giver: RightsGiver): ExternalRights {
  if (giver.kind === 'r2') {
    return {
      kind: 'token',
      permission: 'Object Read & Write',
      scope: `only the bucket ${request.name}`,
    };
  }
  if (giver.kind === 'compatible') return { kind: 'policy', policy: bucketPolicy(request) };
  const { region, kmsKeyId } = giver;
  const partition = partitionOf(region);
  const { Version, Statement } = bucketPolicy(request, partition);
  const key = kmsKeyId === undefined ? [] : [keyStatement({ partition, region, kmsKeyId })];
  return { kind: 'policy', policy: { Version, Statement: [...Statement, ...key] } };
}

/** The partitions of AWS in which a policy may name resources of that region. */
function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** Objects that a KMS key encrypts are of no use without it. A policy cannot name an alias as a resource. */
function keyStatement(options: {
  readonly partition: string;
  readonly region: string;
  readonly kmsKeyId: string;
}): AccessPolicy['Statement'][number] {
  const { partition, region, kmsKeyId } = options;
  const statement = { Effect: 'Allow', Action: KEY_ACTIONS } as const;
  const alias = /(?:^|:)(alias\/.+)$/.exec(kmsKeyId)?.[1];
  const key = (name: string) => `arn:${partition}:kms:${region}:*:key/${name}`;
  if (alias === undefined)
    return { ...statement, Resource: [kmsKeyId.startsWith('arn:') ? kmsKeyId : key(kmsKeyId)] };
  return {
    ...statement,
    Resource: [key('*')],
    Condition: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': [alias] } },
  };
}
