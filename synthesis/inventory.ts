import { factsOf } from '../constructs/facts.ts';
import type { FlywheelStack } from '../stacks/flywheel-stack.ts';
import { SECRET_KINDS } from '../values/secret-ref.ts';
import type { Inventory, RequiredSecret } from './outcome.ts';

/** Everything the constructs of the stacks state about themselves. */
export function takeInventory(stacks: readonly FlywheelStack[]): Inventory {
  return {
    components: stacks.flatMap((stack) => factsOf(stack, 'component')),
    secrets: requiredSecrets(stacks),
    weakenings: stacks.flatMap((stack) => factsOf(stack, 'weakening')),
    notes: stacks.flatMap((stack) => factsOf(stack, 'note')),
    warnings: stacks.flatMap((stack) => factsOf(stack, 'warning')),
  };
}

function requiredSecrets(stacks: readonly FlywheelStack[]): RequiredSecret[] {
  const found = new Map<string, RequiredSecret>();
  for (const stack of stacks) {
    for (const secret of factsOf(stack, 'secret')) {
      const { kind, keys, name, namespace } = secret;
      const stacksSoFar = found.get(String(secret))?.stacks ?? [];
      const { origin } = SECRET_KINDS[kind];
      const all = [...new Set([...stacksSoFar, stack.node.id])];
      found.set(String(secret), { namespace, name, kind, keys, origin, stacks: all });
    }
  }
  return [...found.keys()].sort().flatMap((name) => found.get(name) ?? []);
}
