import type { JudgedStack } from '../policy-input.ts';
import { asObjects, asText, asTexts } from './json.ts';
import { outputOf } from './stack-json.ts';

/** A Secret that a stack says it needs, in its output `required_secrets`. */
export interface RequiredSecret {
  readonly stack: string;
  readonly address: string;
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  readonly keys: readonly string[];
}

/** The Secrets that the stacks say they need. */
export function requiredSecrets(stacks: readonly JudgedStack[]): RequiredSecret[] {
  return stacks.flatMap((stack) =>
    asObjects(outputOf(stack, 'required_secrets')).map((secret) => ({
      stack: stack.name,
      address: `${stack.name}: output.required_secrets`,
      namespace: asText(secret.namespace) ?? '',
      name: asText(secret.name) ?? '',
      kind: asText(secret.kind) ?? '',
      keys: asTexts(secret.keys),
    })),
  );
}
