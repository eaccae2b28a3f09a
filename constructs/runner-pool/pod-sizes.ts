import { resources } from '../../values/resources.ts';

/** A GitLab runner manager. It hands out jobs and passes logs on; the work is done in the pods of the jobs. */
export const MANAGER = resources(['50m', '500m'], ['128Mi', '256Mi'], ['64Mi', '256Mi']);

/** The container beside every GitLab job that fetches sources and moves caches and artifacts. */
export const JOB_HELPER = resources(['50m', '1'], ['128Mi', '512Mi'], ['256Mi', '5Gi']);

/** A GitHub runner that only directs: the job runs in a pod of its own. */
export const DIRECTING_RUNNER = resources(['100m', '1'], ['256Mi', '1Gi'], ['256Mi', '2Gi']);

/** The controller of the GitHub runners. */
export const CONTROLLER = resources(['100m', '500m'], ['128Mi', '512Mi'], ['64Mi', '256Mi']);

/** The listener of one scale set, which waits for jobs. */
export const LISTENER = resources(['20m', '200m'], ['64Mi', '256Mi'], ['64Mi', '256Mi']);

/** The pod that removes the pods nobody removed. */
export const CLEANUP = resources(['20m', '200m'], ['64Mi', '128Mi'], ['16Mi', '64Mi']);

/** What a container of a job gets that says nothing of itself. */
export const UNSAID = resources(['50m', '500m'], ['128Mi', '512Mi'], ['256Mi', '5Gi']);
