import type { BucketPurpose, BucketRequest } from './bucket-request.ts';

/** Parts of an upload that nobody finished; no upload of these systems takes a day. */
const ABANDONED_UPLOAD_DAYS = 7;

/** A lock is worth nothing once it is released. One day is the shortest that S3 can count. */
const OLD_LOCK_DAYS = 1;

/** How long a deletion can be undone where old versions are kept. */
export const UNDO_DAYS = 14;

/** How the keys begin under which the guards of the state write to prove that the store keeps what it is given. */
const PROBE_PREFIX = '.flywheel-';

/** The suffix with which OpenTofu's S3 backend names the lock of a state. */
const LOCK_SUFFIX = '.tflock';

/**
 * Something that a store does by itself with what is old.
 *
 * There is no field that expires objects as they are: Attic and Bazel know what they have stored, and a store that
 * deletes behind their back turns a cache into a source of errors. What nobody can see any more is all that may go.
 */
export interface LifecycleRule {
  readonly id: string;
  /** The rule holds for keys that begin so; empty for all. */
  readonly prefix: string;
  /** Drops the parts of uploads that began so many days ago and were never finished. */
  readonly abortUploadsAfterDays?: number;
  /** Drops versions that were replaced or deleted so many days ago, and delete markers with nothing behind them. */
  readonly dropOldVersionsAfterDays?: number;
}

/** What a bucket must be like. */
export interface BucketRules {
  readonly versioned: boolean;
  readonly lifecycle: readonly LifecycleRule[];
}

/** Where the room for old versions comes from: one volume that everything shares, or a store that grows by itself. */
export type StoreRoom = 'one volume' | 'unbounded';

interface PurposeRules {
  readonly versioned: Readonly<Record<StoreRoom, boolean>>;
  readonly objectActions: readonly string[];
  readonly bucketActions: readonly string[];
}

const BUCKET_ACTIONS = ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'];
const WRITE_ACTIONS = [
  's3:AbortMultipartUpload',
  's3:GetObject',
  's3:ListMultipartUploadParts',
  's3:PutObject',
];
const DELETE_ACTIONS = ['s3:DeleteObject', ...WRITE_ACTIONS];

/**
 * On one volume only the state is versioned: old chunks and backups would fill the disk on which the state lies too.
 *
 * The identity of the state may read old versions and never delete one, so that no run can destroy what recovery needs.
 * bazel-remote never deletes, so neither may its identity.
 */
const PURPOSES: Readonly<Record<BucketPurpose, PurposeRules>> = {
  attic: {
    versioned: { 'one volume': false, unbounded: true },
    objectActions: DELETE_ACTIONS,
    bucketActions: BUCKET_ACTIONS,
  },
  bazel: {
    versioned: { 'one volume': false, unbounded: false },
    objectActions: WRITE_ACTIONS,
    bucketActions: BUCKET_ACTIONS,
  },
  state: {
    versioned: { 'one volume': true, unbounded: true },
    objectActions: [...DELETE_ACTIONS, 's3:GetObjectVersion'],
    bucketActions: [...BUCKET_ACTIONS, 's3:GetBucketVersioning', 's3:ListBucketVersions'],
  },
  backup: {
    versioned: { 'one volume': false, unbounded: true },
    objectActions: DELETE_ACTIONS,
    bucketActions: BUCKET_ACTIONS,
  },
};

/**
 * What a bucket must be like, by what it is for.
 *
 * @param stateKeys the keys of all states, whose locks leave a version each time they are taken. S3 chooses by the
 * beginning of a key alone, so each lock needs a rule of its own.
 */
export function bucketRules(
  { purpose }: BucketRequest,
  options: { readonly room: StoreRoom; readonly stateKeys: readonly string[] },
): BucketRules {
  const versioned = PURPOSES[purpose].versioned[options.room];
  const abandoned: LifecycleRule = {
    id: 'abandoned-uploads',
    prefix: '',
    abortUploadsAfterDays: ABANDONED_UPLOAD_DAYS,
  };
  if (!versioned) return { versioned, lifecycle: [abandoned] };
  const old: LifecycleRule[] =
    purpose === 'state'
      ? [
          ...options.stateKeys.map((key) => ({
            id: `old-locks-of-${key.replaceAll('/', '-')}`,
            prefix: `${key}${LOCK_SUFFIX}`,
            dropOldVersionsAfterDays: OLD_LOCK_DAYS,
          })),
          { id: 'old-probes', prefix: PROBE_PREFIX, dropOldVersionsAfterDays: OLD_LOCK_DAYS },
        ]
      : [{ id: 'old-versions', prefix: '', dropOldVersionsAfterDays: UNDO_DAYS }];
  return { versioned, lifecycle: [abandoned, ...old] };
}

/** An access policy in the language of IAM, which RustFS reads too. */
export interface AccessPolicy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly {
    readonly Effect: 'Allow';
    readonly Action: readonly string[];
    readonly Resource: readonly string[];
    readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  }[];
}

/**
 * What the identity of a bucket may do: its own bucket and nothing else.
 *
 * @param partition the part of AWS; other stores know the first alone.
 */
export function bucketPolicy({ name, purpose }: BucketRequest, partition = 'aws'): AccessPolicy {
  const { bucketActions, objectActions } = PURPOSES[purpose];
  const bucket = `arn:${partition}:s3:::${name}`;
  return {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: [...bucketActions].sort(), Resource: [bucket] },
      { Effect: 'Allow', Action: [...objectActions].sort(), Resource: [`${bucket}/*`] },
    ],
  };
}

/** A bucket as the script of the bucket Job is told of it. */
export interface BucketDeclaration {
  readonly request: BucketRequest;
  readonly rules: BucketRules;
  /** Name of the Secret of its identity. */
  readonly secret: string;
}

/** The declaration that the script of the bucket Job reads. */
export function bucketDeclaration(buckets: readonly BucketDeclaration[]): string {
  const declared = buckets.map(({ request, rules, secret }) => ({
    name: request.name,
    secret,
    versioned: rules.versioned,
    lifecycle: rules.lifecycle,
    policy: bucketPolicy(request),
  }));
  return `${JSON.stringify({ buckets: declared }, null, 2)}\n`;
}
