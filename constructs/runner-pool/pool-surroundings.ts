import type { Charts } from '../../config/charts.ts';
import type { Images } from '../../config/images.ts';
import type { ChartMirror } from '../helm.ts';
import type { ClusterNetwork, Flow } from '../workload/flows.ts';
import type { JobCaches } from './job-environment.ts';
import type { RunnerPriorities } from './runner-priorities.ts';

/** What every pool of a stack finds around it. */
export interface PoolSurroundings {
  readonly network: ClusterNetwork;
  readonly priorities: RunnerPriorities;
  readonly caches: JobCaches;
  readonly flows: {
    /** The ways to the Nix cache, for types that use it. */
    readonly nix: readonly Flow[];
    /** The ways to the Bazel cache, for types that use it. */
    readonly bazel: readonly Flow[];
    /** What only the operator lane may reach besides: the store of the state, and the Nix cache for writing. */
    readonly operator: readonly Flow[];
  };
  /** Private addresses of the forge; empty where it is on the internet. */
  readonly forgeRanges: readonly string[];
  readonly images: Images;
  readonly charts: Charts;
  readonly mirror: ChartMirror | undefined;
  readonly pullSecret: string | undefined;
  /** Namespace from which metrics are scraped. @default - there are none */
  readonly metricsFrom: string | undefined;
}
