import type { StateMark } from './state-mark.ts';

/** What a witness knows of a stack. */
export type Memory =
  | { readonly kind: 'remembers'; readonly mark: StateMark }
  /** The witness can be read, and has never seen a state of this stack. */
  | { readonly kind: 'never-seen' }
  /** The witness cannot be read, or contradicts another one. */
  | { readonly kind: 'unknown'; readonly because: string }
  /** Two witnesses tell of two histories. */
  | { readonly kind: 'contradiction'; readonly because: string };

/** Remembers the last proved state of each stack, in another failure domain than the store. */
export interface Witness {
  /** Never throws: what cannot be read is unknown. */
  recall(stack: string): Promise<Memory>;
  /**
   * Remembers a later state of the same lineage. What is remembered never goes back: a lower serial, another lineage or
   * other bytes under the same serial are refused.
   *
   * @throws Failure when it cannot be kept anywhere, or is refused
   */
  advance(stack: string, mark: StateMark): Promise<void>;
  /** Makes a state the new truth, whatever was remembered; only after a person has said so in so many words. */
  accept(stack: string, mark: StateMark): Promise<void>;
}
