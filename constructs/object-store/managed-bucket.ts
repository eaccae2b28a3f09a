import type { S3BucketConfig } from '@cdktf/provider-aws/lib/s3-bucket/index.js';
import type { ITerraformDependable, TerraformMetaArguments, TerraformProvider } from 'cdktf';
import { Construct } from 'constructs';
import {
  S3_BUCKET,
  S3_BUCKET_ENCRYPTION,
  S3_BUCKET_LIFECYCLE,
  S3_BUCKET_PUBLIC_ACCESS_BLOCK,
  S3_BUCKET_VERSIONING,
} from '../aws.ts';
import { Resource } from '../binding.ts';
import type { BucketRules, LifecycleRule } from './bucket-rules.ts';

/** Settings of a {@link ManagedBucket}. */
export interface ManagedBucketProps {
  readonly name: string;
  readonly provider: TerraformProvider;

  /** No plan deletes it or takes a setting back, not even while it is empty: what is destroyed is forgotten instead. */
  readonly protect: boolean;

  /** Versions, lifecycle and closure to the public. @default - what the store does by itself */
  readonly rules?: BucketRules | undefined;

  /** Encryption at rest: by a KMS key, or by keys of the store. @default - what the store does by itself */
  readonly encryption?: { readonly kmsKeyId: string | undefined } | undefined;
}

/**
 * A bucket in a store that someone else runs, made through the AWS provider.
 *
 * A bucket with objects in it is never deleted. Each setting is a resource of its own, so a store is asked only for what
 * it knows.
 *
 * A protected bucket is kept by `destroy = false` and not by `prevent_destroy`, which would refuse every destroy of the
 * stack around it, and would protect nothing once the bucket is no longer in the settings.
 */
export class ManagedBucket extends Construct {
  /** The bucket, for `addOverride` where a prop is missing. */
  readonly bucket: Resource<S3BucketConfig>;

  /** What has to exist before the bucket is used. */
  readonly resources: readonly Resource<TerraformMetaArguments>[];

  private readonly common: {
    readonly bucket: string;
    readonly provider: TerraformProvider;
    readonly dependsOn: ITerraformDependable[];
  };

  constructor(scope: Construct, id: string, props: ManagedBucketProps) {
    super(scope, id);
    const { name, provider, rules, encryption } = props;
    this.bucket = new Resource(this, 'Resource', S3_BUCKET, {
      bucket: name,
      forceDestroy: false,
      provider,
    });
    this.common = { bucket: name, provider, dependsOn: [this.bucket] };
    this.resources = [
      this.bucket,
      ...(encryption === undefined ? [] : [this.defineEncryption(encryption.kmsKeyId)]),
      ...(rules === undefined ? [] : this.defineRules(rules)),
    ];
    if (props.protect) this.keepOnDestroy();
  }

  /** How the bucket gets into the state again after it was forgotten; its settings are written anew by the next apply. */
  get adoption(): string {
    const { terraformResourceType, friendlyUniqueId, config } = this.bucket;
    return `tofu import ${terraformResourceType}.${friendlyUniqueId} ${config.bucket}`;
  }

  /** All of it: a bucket that is kept without its access block would be open to whoever writes a policy for it. */
  private keepOnDestroy(): void {
    for (const resource of this.resources) resource.addOverride('lifecycle.destroy', false);
  }

  private defineEncryption(kmsMasterKeyId: string | undefined): Resource<TerraformMetaArguments> {
    return new Resource(this, 'encryption', S3_BUCKET_ENCRYPTION, {
      ...this.common,
      rule: [
        kmsMasterKeyId === undefined
          ? { applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }
          : {
              applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId },
              // One request to KMS for many objects instead of one for each.
              bucketKeyEnabled: true,
            },
      ],
    });
  }

  private defineRules({ versioned, lifecycle }: BucketRules): Resource<TerraformMetaArguments>[] {
    const closed = new Resource(this, 'public-access-block', S3_BUCKET_PUBLIC_ACCESS_BLOCK, {
      ...this.common,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    const versions = versioned
      ? [
          new Resource(this, 'versioning', S3_BUCKET_VERSIONING, {
            ...this.common,
            versioningConfiguration: { status: 'Enabled' },
          }),
        ]
      : [];
    const expiry = new Resource(this, 'lifecycle', S3_BUCKET_LIFECYCLE, {
      ...this.common,
      rule: lifecycle.map(providerRule),
      dependsOn: [...this.common.dependsOn, ...versions],
    });
    return [closed, ...versions, expiry];
  }
}

function providerRule(rule: LifecycleRule) {
  const { id, prefix, abortUploadsAfterDays, dropOldVersionsAfterDays } = rule;
  return {
    id,
    status: 'Enabled',
    filter: [{ prefix }],
    ...(abortUploadsAfterDays === undefined
      ? {}
      : { abortIncompleteMultipartUpload: [{ daysAfterInitiation: abortUploadsAfterDays }] }),
    ...(dropOldVersionsAfterDays === undefined
      ? {}
      : {
          noncurrentVersionExpiration: [{ noncurrentDays: dropOldVersionsAfterDays }],
          expiration: [{ expiredObjectDeleteMarker: true }],
        }),
  };
}
