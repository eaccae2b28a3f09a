import { BAZEL_GRPC_PORT, BAZEL_SERVICE } from '../config/addresses.ts';
import type { Settings } from '../config/settings.ts';
import { selectorLabels } from '../constructs/labels.ts';
import { PORT as RUSTFS_PORT } from '../constructs/object-store/rustfs-server.ts';
import type { PoolSurroundings } from '../constructs/runner-pool/pool-surroundings.ts';
import { podFlow } from '../constructs/workload/flows.ts';
import { atticReaderFlows, atticWriterFlows } from './attic-readers.ts';
import type { StackContext } from './stack-context.ts';

/**
 * The ways from jobs to the caches, at the ports of their pods.
 *
 * While writes are quarantined, ordinary jobs have no way to push; the operator lane keeps one, for probes by hand.
 */
export function runnerFlows(context: StackContext): PoolSurroundings['flows'] {
  const { settings } = context;
  const { namespaces, bazelCache } = settings;
  return {
    nix: settings.attic.writes === 'open' ? atticWriterFlows(context) : atticReaderFlows(context),
    bazel: bazelCache.enabled
      ? [podFlow(namespaces.cache, pods(BAZEL_SERVICE), BAZEL_GRPC_PORT)]
      : [],
    operator: [...atticWriterFlows(context), ...stateFlows(settings)],
  };
}

/** A store elsewhere is reached over the internet, like everything else. */
function stateFlows({ state, objectStore, namespaces }: Settings) {
  return state.store === 'object-store' && objectStore.kind === 'rustfs'
    ? [podFlow(namespaces.cache, pods(objectStore.name), RUSTFS_PORT)]
    : [];
}

function pods(name: string): Record<string, string> {
  return selectorLabels({ name, instance: name });
}
