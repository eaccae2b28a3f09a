import type { Settings } from '../../config/settings.ts';
import { Failure } from '../../console/failure.ts';
import type { ClusterClient } from '../../operations/kubernetes/cluster-client.ts';
import { identify } from '../../operations/kubernetes/declared-cluster.ts';
import { HttpsClient } from '../../operations/kubernetes/https-client.ts';
import { findCluster } from '../../operations/kubernetes/kube-access.ts';

/** The declared cluster, proved to be it, or why it is not at hand. */
export type ClusterAtHand =
  | { readonly client: ClusterClient }
  | { readonly client?: undefined; readonly because: string };

/** A guard that waits long for a cluster which is not there would be switched off. */
const TIMEOUT_MS = 5_000;

/** Looks for the cluster of the settings. Never throws: a cluster that is not there is a fact like another. */
export async function declaredClient(
  { cluster }: Pick<Settings, 'cluster'>,
  environment: NodeJS.ProcessEnv,
): Promise<ClusterAtHand> {
  try {
    const access = findCluster(environment);
    const client = new HttpsClient(access, { timeoutMs: TIMEOUT_MS });
    const { checks } = await identify(cluster, access, client, environment);
    for (const check of checks) {
      if (check.status === 'bad') return { because: `not ${cluster.name}: ${check.problem}` };
      if (check.status === 'unknown') return { because: check.because };
    }
    return { client };
  } catch (error) {
    if (error instanceof Failure) return { because: error.message.split('\n')[0] ?? '' };
    throw error;
  }
}
