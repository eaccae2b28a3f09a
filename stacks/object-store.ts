import { runnerNamespaces } from '../config/runner-namespaces.ts';
import type { Settings } from '../config/settings.ts';
import { stateFact } from '../constructs/facts.ts';
import type { Manifest } from '../constructs/manifests/manifests.ts';
import type { ManagedNamespace } from '../constructs/namespace/managed-namespace.ts';
import type { BucketRequest } from '../constructs/object-store/bucket-request.ts';
import {
  ExternalStore,
  type ExternalStoreKind,
} from '../constructs/object-store/external-store.ts';
import { RustFsStore } from '../constructs/object-store/rustfs-store.ts';
import type { ObjectStore } from '../constructs/object-store/store-access.ts';
import { r2Store } from '../constructs/object-store/store-address.ts';
import { storeClaim } from '../constructs/object-store/store-claim.ts';
import { type Flow, namespaceFlow } from '../constructs/workload/flows.ts';
import { awsProvider } from './aws-provider.ts';
import type { FlywheelStack } from './flywheel-stack.ts';
import { publicNames } from './public-names.ts';
import { definePublicRecord } from './public-record.ts';
import { clusterNetwork, type StackContext } from './stack-context.ts';

type StoreSettings = Settings['objectStore'];
type RustFsSettings = Extract<StoreSettings, { kind: 'rustfs' }>;
type ExternalSettings = Exclude<StoreSettings, RustFsSettings>;

/** What the caches need of the store. */
export interface ObjectStoreRequest {
  readonly namespace: ManagedNamespace;
  readonly buckets: readonly BucketRequest[];
  /** Who may call a store in the cluster; it puts its own port in place of theirs, and lets the operator lanes in. */
  readonly callers: readonly Flow[];
}

/** The buckets that the settings ask for. */
export function requestedBuckets({ settings }: StackContext): BucketRequest[] {
  const { attic, bazelCache, objectStore, state } = settings;
  const backup =
    attic.database.kind === 'cloudnative-pg' && attic.database.backup?.endpoint === undefined
      ? attic.database.backup
      : undefined;
  return [
    { name: objectStore.buckets.attic, purpose: 'attic' },
    ...bucket(bazelCache.enabled, objectStore.buckets.bazel, 'bazel'),
    ...bucket(state.store === 'object-store', state.bucket, 'state'),
    ...bucket(backup !== undefined, backup?.bucket ?? '', 'backup'),
  ];
}

function bucket(wanted: boolean, name: string, purpose: BucketRequest['purpose']): BucketRequest[] {
  return wanted ? [{ name, purpose }] : [];
}

/** The volume claims of a store in the cluster. They are given to the namespace, so that they are kept and found with it. */
export function objectStoreVolumes({ settings }: StackContext): Manifest[] {
  const { objectStore, cluster, namespaces } = settings;
  if (objectStore.kind !== 'rustfs') return [];
  const { name, volume } = objectStore;
  return [
    storeClaim({
      store: name,
      namespace: namespaces.cache,
      size: volume.size,
      storageClass: volume.zfs?.name ?? volume.storageClass ?? cluster.storageClass,
    }),
  ];
}

/** The store that the settings choose, with the buckets asked for. */
export function defineObjectStore(
  stack: FlywheelStack,
  context: StackContext,
  request: ObjectStoreRequest,
): ObjectStore {
  const { objectStore } = context.settings;
  stateFact(stack, 'note', {
    subject: 'objectStore.kind',
    note: `it is ${objectStore.kind}. Changing it moves no objects: Attic keeps region and bucket with every chunk, so copy the buckets first, under their names, and keep the old store until the new one serves them`,
  });
  return objectStore.kind === 'rustfs'
    ? defineRustFs(stack, context, objectStore, request)
    : defineExternal(stack, context, objectStore, request);
}

function defineRustFs(
  stack: FlywheelStack,
  context: StackContext,
  objectStore: RustFsSettings,
  { namespace, buckets, callers }: ObjectStoreRequest,
): RustFsStore {
  const { settings, images } = context;
  const { publicHost, volume, node } = objectStore;
  const holdsState = settings.state.store === 'object-store';
  if (publicHost !== undefined) definePublicRecord(stack, context, publicHost);
  stateFact(stack, 'note', {
    subject: 'objectStore.credentialsGeneration',
    note: `it is ${objectStore.credentialsGeneration}. After the Secret of a bucket was rotated, raise it and apply: nothing else tells the store the new pair. After that of the root identity, restart the store first`,
  });
  return new RustFsStore(stack, 'object-store', {
    namespace,
    name: objectStore.name,
    image: images.rustfs,
    nodeImage: images.node,
    network: clusterNetwork(context),
    resources: objectStore.resources,
    buckets,
    callers: [...callers, ...(holdsState ? operatorLanes(settings) : [])],
    stateKeys: Object.values(settings.state.keys),
    credentialsGeneration: objectStore.credentialsGeneration,
    node,
    storageClass:
      volume.zfs === undefined ? undefined : { ...volume.zfs, retain: settings.protection.data },
    holdsState,
    claimedHighlyAvailable: objectStore.highlyAvailable,
    publicEntry:
      publicHost === undefined
        ? undefined
        : {
            host: publicHost,
            names: publicNames(context),
            maxBodyMiB: settings.attic.ingress.maxBodyMiB,
            timeoutSec: settings.attic.ingress.timeoutSec,
          },
    pullSecret: settings.images.pullSecret,
  });
}

/** Jobs that apply stacks keep the state in the store. */
function operatorLanes(settings: Settings): Flow[] {
  const lanes = (['gitlab', 'github'] as const)
    .flatMap((forge) => runnerNamespaces(settings, forge))
    .filter(({ trust }) => trust === 'operator');
  return lanes.map(({ name }) => namespaceFlow(name));
}

function defineExternal(
  stack: FlywheelStack,
  context: StackContext,
  objectStore: ExternalSettings,
  { namespace, buckets }: ObjectStoreRequest,
): ExternalStore {
  const { settings } = context;
  return new ExternalStore(stack, 'object-store', {
    namespace,
    store: storeKind(objectStore),
    network: clusterNetwork(context),
    buckets,
    stateKeys: Object.values(settings.state.keys),
    manage: objectStore.manage
      ? {
          provider: objectsProvider(stack, objectStore),
          protect: settings.protection.data,
        }
      : undefined,
  });
}

function storeKind(objectStore: ExternalSettings): ExternalStoreKind {
  if (objectStore.kind === 'r2') return objectStore;
  const { region, endpoint, kmsKeyId } = objectStore;
  return endpoint === undefined
    ? { kind: 'aws', region, kmsKeyId }
    : { kind: 'compatible', region, endpoint, kmsKeyId };
}

function objectsProvider(stack: FlywheelStack, objectStore: ExternalSettings) {
  const { profile } = objectStore;
  return objectStore.kind === 'r2'
    ? awsProvider(stack, {
        use: 'objects',
        profile,
        region: 'auto',
        endpoint: r2Store(objectStore.accountId, objectStore.jurisdiction),
      })
    : awsProvider(stack, {
        use: 'objects',
        profile,
        region: objectStore.region,
        endpoint: objectStore.endpoint,
      });
}
