import type { Construct } from 'constructs';
import { ArcRunnersStack } from './arc-runners.ts';
import { AtticStack } from './attic.ts';
import type { FlywheelStack } from './flywheel-stack.ts';
import { GitlabRunnersStack } from './gitlab-runners.ts';
import { RunnerDashboardStack } from './runner-dashboard.ts';
import type { StackContext } from './stack-context.ts';

/** The four stacks, in the order in which they are applied the first time. */
export function defineStacks(app: Construct, context: StackContext): FlywheelStack[] {
  return [
    new AtticStack(app, 'attic', context),
    new GitlabRunnersStack(app, 'gitlab-runners', context),
    new ArcRunnersStack(app, 'arc-runners', context),
    new RunnerDashboardStack(app, 'runner-dashboard', context),
  ];
}
