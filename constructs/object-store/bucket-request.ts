/**
 * What a bucket is for. It decides which old versions are kept and what the identity of the bucket may do.
 *
 * - `attic`: chunks of the Nix cache;
 * - `bazel`: blobs and action results of the Bazel cache;
 * - `state`: the state of the stacks, and their locks;
 * - `backup`: base backups and write-ahead logs of the database.
 */
export type BucketPurpose = 'attic' | 'bazel' | 'state' | 'backup';

/** A bucket that something needs. */
export interface BucketRequest {
  readonly name: string;
  readonly purpose: BucketPurpose;
}
