import type { Settings } from '../../config/settings.ts';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import { identify } from '../../operations/kubernetes/declared-cluster.ts';
import { HttpsClient } from '../../operations/kubernetes/https-client.ts';
import { findCluster } from '../../operations/kubernetes/kube-access.ts';
import { requiredProviders } from '../../operations/providers/required-providers.ts';

const OF_CLUSTER = ['helm', 'kubernetes'];

/** True for a stack whose resources live in a cluster. */
export function needsCluster(json: unknown): boolean {
  return requiredProviders(json).some(({ name }) => OF_CLUSTER.includes(name));
}

/**
 * Makes sure that tofu would reach the cluster of the settings, and no other.
 *
 * @throws Failure where none is named (1), where it is not known to be it (1), or is another one (2)
 */
export async function requireCluster(
  { cluster }: Pick<Settings, 'cluster'>,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const access = findCluster(environment);
  if (!access.seenByTofu) {
    throw new Failure(
      `${access.source} names the cluster, and the providers of tofu do not read that\n    set KUBE_CONFIG_PATH to the file, and KUBE_CTX to its context`,
      EXIT.usage,
    );
  }
  const { checks } = await identify(cluster, access, new HttpsClient(access), environment);
  for (const check of checks) {
    if (check.status === 'bad') {
      throw new Failure(
        `this is not the cluster of the settings: ${check.problem}\n    ${check.fix}`,
        EXIT.bad,
      );
    }
    if (check.status === 'unknown') {
      throw new Failure(
        `whether this is the cluster of the settings is not known: ${check.because}`,
      );
    }
  }
}
