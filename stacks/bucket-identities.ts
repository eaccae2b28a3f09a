import type { Settings } from '../config/settings.ts';
import type { BucketRequest } from '../constructs/object-store/bucket-request.ts';
import {
  type ExternalRights,
  externalRights,
  type RightsGiver,
} from '../constructs/object-store/external-rights.ts';
import type { Endpoint } from '../values/endpoint.ts';
import { requestedBuckets } from './object-store.ts';
import type { StackContext } from './stack-context.ts';

/** An identity that a person has to make, and what it must be allowed. */
export interface BucketIdentity {
  readonly bucket: string;
  /** The Secret that holds it, in the namespace of the caches. */
  readonly secret: string;
  readonly rights: ExternalRights;
}

/**
 * The identities in stores that someone else runs, each for one bucket. A store in the cluster has none here: its Job
 * makes them.
 */
export function bucketIdentities(context: StackContext): BucketIdentity[] {
  const { settings } = context;
  const { objectStore, attic } = settings;
  const backup = attic.database.kind === 'cloudnative-pg' ? attic.database.backup : undefined;
  return [
    ...(objectStore.kind === 'rustfs'
      ? []
      : requestedBuckets(context).map((request) => identity(request, giverOf(objectStore)))),
    ...(backup?.endpoint === undefined
      ? []
      : [
          identity(
            { name: backup.bucket, purpose: 'backup' },
            giverAt(backup.endpoint, backup.region),
          ),
        ]),
  ];
}

function identity(request: BucketRequest, giver: RightsGiver): BucketIdentity {
  return {
    bucket: request.name,
    secret: `${request.name}-s3`,
    rights: externalRights(request, giver),
  };
}

function giverOf(
  objectStore: Exclude<Settings['objectStore'], { readonly kind: 'rustfs' }>,
): RightsGiver {
  if (objectStore.kind === 'r2') return { kind: 'r2' };
  const { endpoint, region, kmsKeyId } = objectStore;
  return endpoint === undefined ? { kind: 'aws', region, kmsKeyId } : giverAt(endpoint, region);
}

/** Whose store it is, by its name: the two that are known have names of their own. */
function giverAt({ host }: Endpoint<'pod'>, region: string): RightsGiver {
  if (host.endsWith('.r2.cloudflarestorage.com')) return { kind: 'r2' };
  return /\.amazonaws\.com(\.cn)?$/.test(host) ? { kind: 'aws', region } : { kind: 'compatible' };
}
