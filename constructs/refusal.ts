import type { Construct } from 'constructs';
import { show } from '../values/invalid-value.ts';

/** A prop that cannot be, with the place of the construct in the tree. */
export class Refusal extends Error {
  /**
   * @param rule what the prop must do or be, continuing the word "must"
   * @param remedy what to do instead, when the rule alone does not say it
   */
  constructor(scope: Construct, prop: string, value: unknown, rule: string, remedy?: string) {
    const place = `${scope.constructor.name} '${scope.node.path}'`;
    super(
      `${place}: ${prop} must ${rule}, got ${show(value)}${remedy === undefined ? '' : `; ${remedy}`}`,
    );
    this.name = 'Refusal';
  }
}
