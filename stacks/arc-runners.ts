import type { Construct } from 'constructs';
import { FlywheelStack } from './flywheel-stack.ts';
import { type StackContext, stateOf } from './stack-context.ts';

export class ArcRunnersStack extends FlywheelStack {
  constructor(scope: Construct, id: string, context: StackContext) {
    super(scope, id, stateOf(context, 'arcRunners'));
    this.outputRequiredSecrets();
  }
}
