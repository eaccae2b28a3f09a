import type { Route53RecordConfig } from '@cdktf/provider-aws/lib/route53-record/index.js';
import type { S3BucketConfig } from '@cdktf/provider-aws/lib/s3-bucket/index.js';
import type { S3BucketLifecycleConfigurationConfig } from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration/index.js';
import type { S3BucketPublicAccessBlockConfig } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block/index.js';
import type { S3BucketServerSideEncryptionConfigurationAConfig } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration/index.js';
import type { S3BucketVersioningAConfig } from '@cdktf/provider-aws/lib/s3-bucket-versioning/index.js';
import type { Binding } from './binding.ts';

function aws<Config>(name: string): Binding<Config> {
  return { provider: 'aws', type: `aws_${name}` };
}

/** The AWS resources that the stacks define, each with the arguments of its binding. */
export const ROUTE53_RECORD = aws<Route53RecordConfig>('route53_record');
export const S3_BUCKET = aws<S3BucketConfig>('s3_bucket');
export const S3_BUCKET_ENCRYPTION = aws<S3BucketServerSideEncryptionConfigurationAConfig>(
  's3_bucket_server_side_encryption_configuration',
);
export const S3_BUCKET_LIFECYCLE = aws<S3BucketLifecycleConfigurationConfig>(
  's3_bucket_lifecycle_configuration',
);
export const S3_BUCKET_PUBLIC_ACCESS_BLOCK = aws<S3BucketPublicAccessBlockConfig>(
  's3_bucket_public_access_block',
);
export const S3_BUCKET_VERSIONING = aws<S3BucketVersioningAConfig>('s3_bucket_versioning');
