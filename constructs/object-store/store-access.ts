import type { ITerraformDependable } from 'cdktf';
import type { Endpoint } from '../../values/endpoint.ts';
import type { SecretRef } from '../../values/secret-ref.ts';
import type { Flow } from '../workload/flows.ts';

/** How a pod reaches one bucket. */
export interface BucketAccess {
  readonly bucket: string;
  readonly region: string;
  /** Address of the store, or undefined for AWS itself, which the region names. */
  readonly endpoint: Endpoint<'pod'> | undefined;
  /** The access identity of this bucket, good for no other. */
  readonly credentials: SecretRef<'s3-credentials'>;
  /** The way to the store, for the network policy of whoever uses the bucket. */
  readonly flow: Flow;
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
