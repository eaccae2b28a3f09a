import { runnerType } from '../../config/runner-types.ts';
import { apiServerFlow, type Flow, internetFlow } from '../workload/flows.ts';
import { type Forge, forgePort, privateForgeFlows } from '../workload/forge-flows.ts';
import { usesBazelCache } from './job-environment.ts';
import { directsPods, type Pool } from './pool.ts';
import type { PoolSurroundings } from './pool-surroundings.ts';

const WEB_PORTS = [80, 443];

/**
 * Whom the jobs of a pool may call: the internet, the forge, the caches of their type, and nothing else in the cluster.
 *
 * Only the operator lane and runners that make pods reach the Kubernetes API, and only the lane the store of the state.
 */
export function jobFlows(
  pool: Pool,
  forge: Forge,
  { network, flows, caches }: Pick<PoolSurroundings, 'network' | 'flows' | 'caches'>,
): Flow[] {
  const operator = pool.lane === 'operator';
  return [
    internetFlow(network, ...new Set([...WEB_PORTS, forgePort(forge)])),
    ...privateForgeFlows(forge),
    ...(runnerType(pool.type).caches.nix ? flows.nix : []),
    ...(usesBazelCache(pool, caches) ? flows.bazel : []),
    ...(operator ? flows.operator : []),
    ...(operator || directsPods(pool) ? [apiServerFlow(network)] : []),
  ];
}
