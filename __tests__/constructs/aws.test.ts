import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Route53Record } from '@cdktf/provider-aws/lib/route53-record/index.js';
import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket/index.js';
import { S3BucketLifecycleConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration/index.js';
import { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block/index.js';
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration/index.js';
import { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning/index.js';
import { App, type TerraformMetaArguments, type TerraformResource, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { afterAll, describe, expect, test } from 'vitest';
import { Resource } from '../../constructs/binding.ts';
import { bucketRules } from '../../constructs/object-store/bucket-rules.ts';
import { ManagedBucket } from '../../constructs/object-store/managed-bucket.ts';
import { PublicRecord } from '../../constructs/public-record.ts';
import { awsProvider } from '../../stacks/aws-provider.ts';
import { Settler } from '../../stacks/fragments.ts';

const outdir = mkdtempSync(join(tmpdir(), 'flywheel-aws-'));
afterAll(() => rmSync(outdir, { recursive: true }));

type BindingClass = new (
  scope: Construct,
  id: string,
  config: TerraformMetaArguments,
) => TerraformResource;

const CLASSES = {
  aws_route53_record: Route53Record,
  aws_s3_bucket: S3Bucket,
  aws_s3_bucket_lifecycle_configuration: S3BucketLifecycleConfiguration,
  aws_s3_bucket_public_access_block: S3BucketPublicAccessBlock,
  aws_s3_bucket_server_side_encryption_configuration: S3BucketServerSideEncryptionConfigurationA,
  aws_s3_bucket_versioning: S3BucketVersioningA,
};

/** One of each resource that we define of AWS. */
function resources(): Resource<TerraformMetaArguments>[] {
  const stack = new TerraformStack(new App({ outdir }), 'ours');
  const provider = awsProvider(stack, { use: 'objects', profile: 'objects', region: 'eu-west-1' });
  new ManagedBucket(stack, 'bucket', {
    name: 'chunks',
    provider,
    protect: true,
    rules: bucketRules({ name: 'chunks', purpose: 'attic' }, { room: 'unbounded', stateKeys: [] }),
    encryption: { kmsKeyId: 'alias/objects' },
  });
  new PublicRecord(stack, 'record', {
    provider,
    zoneId: 'Z0123456789',
    host: 'nix-cache.example.org',
    target: 'ingress.example.org',
    ttlSec: 300,
  });
  return stack.node.findAll().filter((element) => element instanceof Resource);
}

function attributes(element: TerraformResource): Record<string, unknown> {
  const { resource } = element.toTerraform() as { resource: Record<string, object> };
  const [body] = Object.values(Object.values(resource)[0] ?? {});
  const {
    '//': _metadata,
    depends_on: _dependsOn,
    lifecycle: _lifecycle,
    provider: _provider,
    ...rest
  } = new Settler(element).settle(body) as Record<string, unknown>;
  return rest;
}

describe('the AWS resources', () => {
  const ours = new Map(resources().map((resource) => [resource.terraformResourceType, resource]));

  test.each(Object.entries(CLASSES))('%s is what its prebuilt binding would emit', (type, Real) => {
    const resource = ours.get(type);
    if (resource === undefined) throw new Error(`no ${type} is defined`);
    const { dependsOn: _, lifecycle: __, provider: ___, ...config } = resource.config;
    const stack = new TerraformStack(new App({ outdir }), 'theirs');
    const real = new (Real as unknown as BindingClass)(stack, 'real', config);
    expect(attributes(resource)).toEqual(attributes(real));
  });

  test('are no others than these', () => {
    expect([...ours.keys()].sort()).toEqual(Object.keys(CLASSES));
  });
});
