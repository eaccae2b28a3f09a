import type { Quantity } from '../values/quantity.ts';

/** What the settings declare that the synthesized JSON does not say. */
export interface Declared {
  /** The nodes with what they offer to pods; empty when nobody said. */
  readonly nodes: readonly DeclaredNode[];
  /** An image without digest is an error instead of a warning. */
  readonly requireDigests: boolean;
}

/** One node as declared. */
export interface DeclaredNode {
  readonly name: string;
  readonly allocatable: {
    readonly cpu: Quantity;
    readonly memory: Quantity;
    readonly pods: number;
  };
}

/** A stack as it was written, and nothing that its constructs know of it. */
export interface JudgedStack {
  readonly name: string;
  readonly json: unknown;
}

/** Everything the rules look at. */
export interface PolicyInput {
  readonly stacks: readonly JudgedStack[];
  /** The result that lies there from the last synthesis; empty when there is none. */
  readonly previous: readonly JudgedStack[];
  readonly declared: Declared;
}
