import type { ITerraformDependable } from 'cdktf';
import type { Endpoint } from '../../values/endpoint.ts';
import type { SecretRef } from '../../values/secret-ref.ts';
import type { Flow } from '../workload/flows.ts';

/** The Secret with the access identity of a bucket: generated for a store of ours, handed out by any other. */
export type BucketCredentials = SecretRef<'s3-credentials' | 's3-credentials-external'>;

/** How a pod reaches one bucket. */
export interface BucketAccess {
  readonly bucket: string;
  readonly region: string;
  /** Address of the store, or undefined for AWS itself, which the region names. */
  readonly endpoint: Endpoint<'pod'> | undefined;
  /** The access identity of this bucket, good for no other. */
  readonly credentials: BucketCredentials;
  /** The ways to the store, for the network policy of whoever uses the bucket; a public name needs two. */
  readonly flows: readonly Flow[];
  /** Text whose change says that the access identity is another, for pods that read it only when they start. */
  readonly restartOn?: Readonly<Record<string, string>>;
  /** What has to exist before the bucket can be used. */
  readonly dependsOn: readonly ITerraformDependable[];
}

/** A store of objects, wherever it runs. */
export interface ObjectStore {
  /** What has to be lost for the objects to be lost. */
  readonly failureDomain: string;

  /** How pods reach the bucket of that name. */
  access(bucket: string): BucketAccess;
}
