const ROLE = 'flywheel/role';
const POOL = 'flywheel/pool';

/** The label by which everything finds the pods of jobs: network policies, and the cleanup of what nobody removed. */
export const JOB_SELECTOR: Readonly<Record<string, string>> = { [ROLE]: 'job' };

/** The labels of every pod that a job of the pool runs in. */
export function jobLabels(pool: string): Record<string, string> {
  return { ...JOB_SELECTOR, [POOL]: pool };
}
