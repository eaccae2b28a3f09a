import type { Settings } from '../../config/settings.ts';
import { clusterInReach } from '../rustfs/cluster-in-reach.ts';
import { reachStore } from '../rustfs/reach-store.ts';
import { backendAccess } from '../settings/backend-access.ts';
import type { StoreAccess } from '../store/store-access.ts';
import type { Store } from '../store/store-client.ts';

/** Where a state is, opened: in the store of the settings, or on this machine. */
export interface Home {
  /** How the declared store is reached; undefined for a state that is on this machine. */
  readonly access: StoreAccess | undefined;
  readonly store: Store;
  close(): Promise<void>;
}

/**
 * Opens the place of a state. A store that only pods can reach is reached through one of them.
 *
 * @param moved the store on this machine, where the state is there
 * @throws Failure when there is no way to the declared store
 */
export async function openHome(
  moved: Store | undefined,
  settings: Settings,
  environment: NodeJS.ProcessEnv,
): Promise<Home> {
  if (moved !== undefined) return { access: undefined, store: moved, close: async () => {} };
  const access = backendAccess(settings, environment);
  const cluster = () => clusterInReach(settings, environment);
  const { store, close } = await reachStore(access, cluster, environment);
  return { access, store, close };
}
