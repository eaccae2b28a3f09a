/** The stacks in the order in which a cluster is made from nothing: runners use the caches, and the dashboard looks at both. */
export const STACK_ORDER = ['attic', 'gitlab-runners', 'arc-runners', 'runner-dashboard'] as const;

/** One of them. */
export type StackName = (typeof STACK_ORDER)[number];
