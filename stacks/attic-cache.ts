import { ATTIC_SERVICE, atticForPeople, atticForPods } from '../config/addresses.ts';
import type { Settings } from '../config/settings.ts';
import { AtticCache, type AtticEntry } from '../constructs/attic-cache/attic-cache.ts';
import { ATTIC_PORT, atticNames } from '../constructs/attic-cache/attic-names.ts';
import type { DeclaredCache } from '../constructs/attic-cache/cache-reconciler.ts';
import { stateFact } from '../constructs/facts.ts';
import type { ManagedNamespace } from '../constructs/namespace/managed-namespace.ts';
import type { ObjectStore } from '../constructs/object-store/store-access.ts';
import type { Database } from '../constructs/postgres/database.ts';
import { namespaceFlow } from '../constructs/workload/flows.ts';
import type { FlywheelStack } from './flywheel-stack.ts';
import { publicNames } from './public-names.ts';
import { definePublicRecord } from './public-record.ts';
import { clusterNetwork, type StackContext } from './stack-context.ts';

/** The declared caches, in the order of their names. */
export function declaredCaches({ attic }: Settings): DeclaredCache[] {
  return Object.entries(attic.caches)
    .map(([name, cache]) => ({ name, ...cache }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** The Deployments of the cache, by their names; each of them reads from the object store. */
export function atticDeployments({ attic }: Settings): string[] {
  const { api, collector, publicReads } = atticNames(ATTIC_SERVICE);
  return [
    api,
    ...(attic.database.kind === 'sqlite' ? [] : [collector]),
    ...(attic.ingress.enabled && attic.reads === 'followed' ? [publicReads] : []),
  ];
}

/** The address that every client is told: the public one, or where there is none that of the Service. */
export function advertisedAddress(settings: Settings) {
  return settings.attic.ingress.enabled ? atticForPeople(settings) : atticForPods(settings);
}

/** The Nix cache on its database and its bucket. */
export function defineAtticCache(
  stack: FlywheelStack,
  context: StackContext,
  request: {
    readonly namespace: ManagedNamespace;
    readonly store: ObjectStore;
    readonly database: Database;
    /** Namespaces whose pods read from it. */
    readonly readers: readonly string[];
  },
): AtticCache {
  const { settings, images } = context;
  const { attic, objectStore } = settings;
  const { namespace, store, database, readers } = request;
  return new AtticCache(stack, 'attic', {
    namespace,
    service: ATTIC_SERVICE,
    images,
    network: clusterNetwork(context),
    address: advertisedAddress(settings),
    store: store.access(objectStore.buckets.attic),
    storeFailureDomain: store.failureDomain,
    storeHighlyAvailable: isHighlyAvailable(objectStore),
    database,
    chunking: attic.chunking,
    compression: attic.compression,
    collection: attic.gc,
    tokens: attic.tokens,
    replicas: {
      ...attic.replicas,
      cpuPercent: attic.scaleAtCpuPercent,
      memoryPercent: attic.scaleAtMemoryPercent,
    },
    resources: attic.resources,
    collectorResources: attic.gc.resources,
    caches: declaredCaches(settings),
    callers: readers.map((reader) => namespaceFlow(reader, ATTIC_PORT)),
    entry: attic.ingress.enabled ? defineEntry(stack, context) : undefined,
    pullSecret: settings.images.pullSecret,
  });
}

/** One server on one volume is not, and of a store that merely speaks S3 nothing is known. */
function isHighlyAvailable(objectStore: Settings['objectStore']): boolean {
  if (objectStore.kind === 's3') return objectStore.endpoint === undefined;
  return objectStore.kind === 'r2';
}

function defineEntry(stack: FlywheelStack, context: StackContext): AtticEntry {
  const { attic, cluster } = context.settings;
  const { host } = atticForPeople(context.settings);
  definePublicRecord(stack, context, host);
  if (cluster.ingress.class === 'traefik') {
    stateFact(stack, 'note', {
      subject: host,
      note: `Traefik ends an upload after 60 s, and no Ingress can change that: raise transport.respondingTimeouts.readTimeout of its entry point to ${attic.ingress.timeoutSec}s`,
    });
  }
  return {
    host,
    names: publicNames(context),
    maxBodyMiB: attic.ingress.maxBodyMiB,
    timeoutSec: attic.ingress.timeoutSec,
    reads: attic.reads,
  };
}
