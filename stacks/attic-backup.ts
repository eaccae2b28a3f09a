import type { Settings } from '../config/settings.ts';
import type { BucketAccess, ObjectStore } from '../constructs/object-store/store-access.ts';
import type { PostgresBackup } from '../constructs/postgres/cluster-manifests.ts';
import { endpointFlow } from '../constructs/workload/address-flows.ts';
import { type Endpoint, isClusterName } from '../values/endpoint.ts';
import { SecretRef } from '../values/secret-ref.ts';

/** The backups that the settings ask for, in the object store of the caches or in another. */
export function databaseBackup(settings: Settings, store: ObjectStore): PostgresBackup | undefined {
  const { attic, namespaces } = settings;
  const declared = attic.database.kind === 'cloudnative-pg' ? attic.database.backup : undefined;
  if (declared === undefined) return undefined;
  const { endpoint, schedule, retention, bucket, region } = declared;
  return {
    schedule,
    retention,
    access:
      endpoint === undefined
        ? store.access(bucket)
        : otherStore({ namespace: namespaces.cache, bucket, region, endpoint }),
    sharesFailureDomain: isLostWithTheCluster(settings, endpoint),
  };
}

/** What is in the cluster is lost with it, whoever runs it. */
function isLostWithTheCluster(
  { objectStore }: Settings,
  endpoint: Endpoint<'pod'> | undefined,
): boolean {
  return endpoint === undefined ? objectStore.kind === 'rustfs' : isClusterName(endpoint.host);
}

function otherStore(options: {
  readonly namespace: string;
  readonly bucket: string;
  readonly region: string;
  readonly endpoint: Endpoint<'pod'>;
}): BucketAccess {
  const { namespace, bucket, region, endpoint } = options;
  return {
    bucket,
    region,
    endpoint,
    credentials: SecretRef.of('s3-credentials-external', namespace, `${bucket}-s3`),
    flows: [endpointFlow(endpoint)],
    dependsOn: [],
  };
}
