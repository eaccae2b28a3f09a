import { runnerType } from '../../config/runner-types.ts';
import type { Resources } from '../../values/resources.ts';
import { type Demand, podDemand, timesDemand, totalDemand } from './demand.ts';
import { DIRECTING_RUNNER, JOB_HELPER, MANAGER, UNSAID } from './pod-sizes.ts';
import { directsPods, mostJobs, type Pool } from './pool.ts';

/**
 * Managers at a time, for each that is wanted: while a new version takes over, the old ones go on until their last job
 * has ended, which may be hours.
 */
const GENERATIONS = 2;

/** The pods that one job of the pool runs in, each as its containers. */
export function jobPods(pool: Pool): readonly (readonly Resources[])[] {
  const { service } = runnerType(pool.type);
  if (pool.forge === 'gitlab') return [[pool.job, JOB_HELPER, service]];
  if (directsPods(pool)) return [[DIRECTING_RUNNER], [pool.job, UNSAID]];
  return [pool.containerMode === 'dind' ? [pool.job, service] : [pool.job]];
}

/** What the pool asks for and may use when all its jobs run, managers included. */
export function poolDemand(pool: Pool): Demand {
  const jobs = timesDemand(totalDemand(jobPods(pool).map(podDemand)), mostJobs(pool));
  if (pool.forge === 'github') return jobs;
  return totalDemand([jobs, timesDemand(podDemand([MANAGER]), pool.managers * GENERATIONS)]);
}

/** Every size of container that the pool brings into its namespace. */
export function poolContainers(pool: Pool): Resources[] {
  return [...jobPods(pool).flat(), ...(pool.forge === 'gitlab' ? [MANAGER] : [])];
}
