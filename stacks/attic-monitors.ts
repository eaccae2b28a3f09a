import { BAZEL_SERVICE } from '../config/addresses.ts';
import type { Settings } from '../config/settings.ts';
import { selectorLabels } from '../constructs/labels.ts';
import type { MonitorTarget } from '../constructs/monitoring/monitors.ts';
import type { ManagedNamespace } from '../constructs/namespace/managed-namespace.ts';
import { storeClaimName } from '../constructs/object-store/store-claim.ts';
import { atticDeployments } from './attic-cache.ts';

/** What is watched of the caches and their object store. */
export function cacheTargets(settings: Settings, namespace: ManagedNamespace): MonitorTarget[] {
  const { bazelCache, objectStore } = settings;
  const stores = objectStore.kind === 'rustfs' ? [objectStore.name] : [];
  const labels = selectorLabels({ name: BAZEL_SERVICE, instance: BAZEL_SERVICE });
  return [
    ...[...atticDeployments(settings), ...stores].map(
      (name): MonitorTarget => ({ kind: 'deployment', namespace, name }),
    ),
    ...stores.map(
      (name): MonitorTarget => ({ kind: 'volume', namespace, name: storeClaimName(name) }),
    ),
    ...(bazelCache.enabled
      ? [
          {
            kind: 'bazel-cache',
            namespace,
            name: BAZEL_SERVICE,
            selector: { matchLabels: labels },
          } as const,
        ]
      : []),
  ];
}
