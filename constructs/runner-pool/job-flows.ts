import { runnerType } from '../../config/runner-types.ts';
import { apiServerFlow, type Flow, internetFlow } from '../workload/flows.ts';
import { directsPods, type Pool } from './pool.ts';
import type { PoolSurroundings } from './pool-surroundings.ts';

const HTTPS_PORT = 443;
const WEB_PORTS = [80, HTTPS_PORT];

/** The port of a forge's address. */
export function forgePort(url: string): number {
  const { port } = new URL(url);
  return port === '' ? HTTPS_PORT : Number(port);
}

/**
 * Whom the jobs of a pool may call: the internet, the caches of their type, and nothing else in the cluster.
 *
 * Only the operator lane and runners that make pods reach the Kubernetes API, and only the lane the store of the state.
 */
export function jobFlows(
  pool: Pool,
  forgeUrl: string,
  { network, flows }: Pick<PoolSurroundings, 'network' | 'flows'>,
): Flow[] {
  const { caches } = runnerType(pool.type);
  const operator = pool.lane === 'operator';
  return [
    internetFlow(network, ...new Set([...WEB_PORTS, forgePort(forgeUrl)])),
    ...(caches.nix ? flows.nix : []),
    ...(caches.bazel ? flows.bazel : []),
    ...(operator ? flows.operator : []),
    ...(operator || directsPods(pool) ? [apiServerFlow(network)] : []),
  ];
}
