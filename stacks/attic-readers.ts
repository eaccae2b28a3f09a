import { ATTIC_SERVICE } from '../config/addresses.ts';
import type { Settings } from '../config/settings.ts';
import { ATTIC_PORT, atticLabels } from '../constructs/attic-cache/attic-names.ts';
import { selectorLabels } from '../constructs/labels.ts';
import { PORT as RUSTFS_PORT } from '../constructs/object-store/rustfs-server.ts';
import { endpointFlow, publicNameFlows } from '../constructs/workload/address-flows.ts';
import { type Flow, internetFlow, podFlow } from '../constructs/workload/flows.ts';
import type { StackContext } from './stack-context.ts';

const HTTPS_PORT = 443;

/**
 * The ways that a pod anywhere in the cluster needs in order to read from Attic: to the server, and to the object store
 * that it redirects to.
 *
 * They come from the settings alone, so that every stack can ask for them.
 */
export function atticReaderFlows({ settings }: StackContext): Flow[] {
  return [
    podFlow(settings.namespaces.cache, atticLabels(ATTIC_SERVICE), ATTIC_PORT),
    ...redirectFlows(settings),
  ];
}

/**
 * The ways that a pod needs in order to push to Attic: those of a reader, and the public name, because the server tells
 * its client to upload to the address that is declared for all.
 */
export function atticWriterFlows(context: StackContext): Flow[] {
  const { attic, cluster } = context.settings;
  return [...atticReaderFlows(context), ...(attic.ingress.enabled ? publicNameFlows(cluster) : [])];
}

function redirectFlows({ objectStore, namespaces, cluster }: Settings): Flow[] {
  if (objectStore.kind === 'rustfs') {
    const { name, publicHost } = objectStore;
    return publicHost === undefined
      ? [podFlow(namespaces.cache, selectorLabels({ name, instance: name }), RUSTFS_PORT)]
      : publicNameFlows(cluster);
  }
  return objectStore.kind === 's3' && objectStore.endpoint !== undefined
    ? [endpointFlow(objectStore.endpoint)]
    : [internetFlow(cluster, HTTPS_PORT)];
}
