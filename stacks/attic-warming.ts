import { atticForPods } from '../config/addresses.ts';
import type { Settings } from '../config/settings.ts';
import { PART_OF } from '../constructs/attic-cache/attic-names.ts';
import { CacheWarming } from '../constructs/attic-cache/cache-warming.ts';
import { ManagedNamespace } from '../constructs/namespace/managed-namespace.ts';
import { declaredCaches } from './attic-cache.ts';
import { atticWriterFlows } from './attic-readers.ts';
import type { FlywheelStack } from './flywheel-stack.ts';
import { clusterNetwork, type StackContext } from './stack-context.ts';

/** The namespace of cache warming, or undefined where nothing is warmed. */
export function warmingNamespace({ attic, namespaces }: Settings): string | undefined {
  return attic.warming === undefined ? undefined : `${namespaces.cache}-warming`;
}

/** The task that builds and pushes on a schedule, in a namespace of its own. */
export function defineCacheWarming(
  stack: FlywheelStack,
  context: StackContext,
): CacheWarming | undefined {
  const { settings, images } = context;
  const { warming, writes } = settings.attic;
  const name = warmingNamespace(settings);
  const cache = declaredCaches(settings).find((declared) => declared.name === warming?.cache);
  if (warming === undefined || name === undefined || cache === undefined) return undefined;
  return new CacheWarming(stack, 'warming', {
    ...warming,
    namespace: new ManagedNamespace(stack, 'warming-namespace', {
      name,
      podSecurity: 'baseline',
      trust: 'jobs',
      partOf: PART_OF,
      keep: settings.protection.data,
    }),
    image: images.nix,
    network: clusterNetwork(context),
    suspended: writes === 'quarantined',
    server: atticForPods(settings),
    cache,
    flows: atticWriterFlows(context),
    pullSecret: settings.images.pullSecret,
  });
}
