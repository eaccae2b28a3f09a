/** The CronJob that removes the pods nobody removed, in every namespace of jobs. */
export const CLEANUP_NAME = 'flywheel-cleanup';

/** How often it runs. */
export const CLEANUP_EVERY_MINUTES = 5;
