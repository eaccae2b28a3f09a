import type { PriorityClassV1Config } from '@cdktf/provider-kubernetes/lib/priority-class-v1/index.js';
import { Construct } from 'constructs';
import { Resource } from '../binding.ts';
import { PRIORITY_CLASS } from '../kubernetes.ts';

/**
 * Pods without a class have priority 0: services keep running when jobs need room, and managers outlive both. Only a
 * manager may push others out; a job waits.
 */
const CLASSES = {
  manager: {
    value: 1000,
    preemptionPolicy: 'PreemptLowerPriority',
    description: 'Runner managers, and jobs that apply stacks: they outlive the jobs of others.',
  },
  job: {
    value: -10,
    preemptionPolicy: 'Never',
    description: 'Jobs: they give way to services and push nobody out.',
  },
} as const;

/** Who is kept when a node runs out of memory, and who has to go. */
export class RunnerPriorities extends Construct {
  /** The class of managers, and of jobs that must not be cut short. */
  readonly manager: string;

  /** The class of jobs. */
  readonly job: string;

  /** The classes themselves, for `dependsOn` and `addOverride`. */
  readonly resources: readonly Resource<PriorityClassV1Config>[];

  /**
   * @param prefix begins both names: a class belongs to the whole cluster
   */
  constructor(scope: Construct, id: string, prefix: string) {
    super(scope, id);
    this.manager = `${prefix}-manager`;
    this.job = `${prefix}-job`;
    this.resources = (['manager', 'job'] as const).map((role) => {
      const { value, preemptionPolicy, description } = CLASSES[role];
      return new Resource(this, role, PRIORITY_CLASS, {
        metadata: { name: this[role] },
        value,
        globalDefault: false,
        preemptionPolicy,
        description,
      });
    });
  }
}
