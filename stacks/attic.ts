import type { Construct } from 'constructs';
import { FlywheelStack } from './flywheel-stack.ts';
import { type StackContext, stateOf } from './stack-context.ts';

export class AtticStack extends FlywheelStack {
  constructor(scope: Construct, id: string, context: StackContext) {
    super(scope, id, stateOf(context, 'attic'));
    this.outputRequiredSecrets();
  }
}
