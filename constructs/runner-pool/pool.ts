import type { RunnerTypeName } from '../../config/runner-types.ts';
import type { Duration } from '../../values/duration.ts';
import type { Quantity } from '../../values/quantity.ts';
import type { Resources } from '../../values/resources.ts';
import type { Placement } from './placement.ts';

/** What a pool is, whichever forge gives it its jobs. */
interface CommonPool extends Placement {
  /** The name of its release, unique in its namespace. */
  readonly name: string;
  readonly type: RunnerTypeName;
  /** What one job asks for and may never exceed. */
  readonly job: Resources;
  /** `operator` for the lane whose jobs apply the stacks. */
  readonly lane?: 'operator' | undefined;
  /** Why a type that is privileged is needed here. */
  readonly privilegedReason?: string | undefined;
}

/** A pool of GitLab: managers that never change in number, each with some jobs at a time. */
export interface GitlabPool extends CommonPool {
  readonly forge: 'gitlab';
  readonly managers: number;
  /** Jobs at a time, for each manager. */
  readonly concurrent: number;
  /** The longest job; a manager that is stopped waits so long. */
  readonly timeout: Duration<'go'>;
  /** Tags besides those of the type. */
  readonly tags: readonly string[];
  /** Jobs of protected branches and tags only. GitLab keeps this; the pool says that it must. */
  readonly protected: boolean;
  readonly tokenSecret: string;
}

/** How the containers of a GitHub job run. */
export type ContainerMode = 'none' | 'dind' | 'kubernetes' | 'kubernetes-novolume';

/** A pool of GitHub: a scale set, one runner for each job. */
export interface GithubPool extends CommonPool {
  readonly forge: 'github';
  /** What a workflow writes under `runs-on`. */
  readonly label: string;
  readonly runners: { readonly min: number; readonly max: number };
  readonly containerMode: ContainerMode;
  readonly workVolume: { readonly size: Quantity; readonly storageClass?: string | undefined };
  /** Repository, organization or enterprise. */
  readonly url: string;
  readonly appSecret: string;
  readonly runnerGroup: string;
}

/** A pool of either forge. */
export type Pool = GitlabPool | GithubPool;

/** Who applies the stacks while the operator lane cannot. */
export const OPERATOR_FALLBACK =
  'applies the stacks; while it is down or being changed, the same recipes apply from a workstation';

/** Jobs that the pool runs at the same time at most. */
export function mostJobs(pool: Pool): number {
  return pool.forge === 'gitlab' ? pool.managers * pool.concurrent : pool.runners.max;
}

/** True where another pod than the runner's own runs the job, and the runner makes it through the Kubernetes API. */
export function directsPods(pool: Pool): boolean {
  return pool.forge === 'github' && pool.containerMode.startsWith('kubernetes');
}
