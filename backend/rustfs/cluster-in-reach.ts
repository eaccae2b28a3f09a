import type { Settings } from '../../config/settings.ts';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { ClusterClient } from '../../operations/kubernetes/cluster-client.ts';
import { identify } from '../../operations/kubernetes/declared-cluster.ts';
import { HttpsClient } from '../../operations/kubernetes/https-client.ts';
import { findCluster, type KubeAccess } from '../../operations/kubernetes/kube-access.ts';

/** The declared cluster, proved to be it. */
export interface ClusterInReach {
  readonly access: KubeAccess;
  readonly client: ClusterClient;
  /** The UID of its namespace kube-system. */
  readonly uid: string;
}

/**
 * Finds the cluster, and makes sure that it is the one of the settings: evidence of another cluster would be worse than none.
 *
 * @throws Failure when none is in reach (1), when it is another one (2), or when nobody can tell (1)
 */
export async function clusterInReach(
  settings: Settings,
  environment: NodeJS.ProcessEnv,
): Promise<ClusterInReach> {
  const access = findCluster(environment);
  const client = new HttpsClient(access);
  const { checks, uid } = await identify(settings.cluster, access, client, environment);
  for (const check of checks) {
    if (check.status === 'bad') throw new Failure(`${check.problem}\n    ${check.fix}`, EXIT.bad);
    if (check.status === 'unknown') throw new Failure(check.because);
  }
  return { access, client, uid };
}
