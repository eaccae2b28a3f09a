import { BAZEL_GRPC_PORT, BAZEL_SERVICE } from '../config/addresses.ts';
import { BazelRemoteCache } from '../constructs/bazel-remote-cache/bazel-remote-cache.ts';
import type { ManagedNamespace } from '../constructs/namespace/managed-namespace.ts';
import type { ObjectStore } from '../constructs/object-store/store-access.ts';
import type { Flow } from '../constructs/workload/flows.ts';
import { SecretRef } from '../values/secret-ref.ts';
import type { FlywheelStack } from './flywheel-stack.ts';
import { clusterNetwork, type StackContext } from './stack-context.ts';

/** The Bazel cache in front of its bucket, or undefined where the settings want none. */
export function defineBazelCache(
  stack: FlywheelStack,
  context: StackContext,
  request: {
    readonly namespace: ManagedNamespace;
    readonly store: ObjectStore;
    /** Who may call it; it puts its own port in place of theirs. */
    readonly callers: readonly Flow[];
  },
): BazelRemoteCache | undefined {
  const { settings, images } = context;
  const { bazelCache, objectStore, monitoring } = settings;
  if (!bazelCache.enabled) return undefined;
  const { namespace, store, callers } = request;
  return new BazelRemoteCache(stack, 'bazel-cache', {
    namespace,
    name: BAZEL_SERVICE,
    image: images['bazel-remote'],
    network: clusterNetwork(context),
    grpcPort: BAZEL_GRPC_PORT,
    access: store.access(objectStore.buckets.bazel),
    bucketFailureDomain: store.failureDomain,
    hotCache: bazelCache.hotCache,
    fill: bazelCache.fill,
    resources: bazelCache.resources,
    callers,
    metricsNamespace: monitoring.enabled ? monitoring.namespace : undefined,
    accounts: bazelCache.authenticatedWrites
      ? SecretRef.of('htpasswd', namespace.name, `${BAZEL_SERVICE}-htpasswd`)
      : undefined,
    pullSecret: settings.images.pullSecret,
  });
}
