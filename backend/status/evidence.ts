import type { StackName } from '../stack-state.ts';
import type { Standing, StateMark } from '../witness/state-mark.ts';

/** Something that could not be found out, and why. */
export interface NotKnown {
  readonly kind: 'not-known';
  /** For people, a sentence. */
  readonly because: string;
}

/** A state as its store has it now, beside what is remembered of it. */
export interface StoredEvidence {
  readonly kind: 'state';
  /** For people: `in bucket/key`, or `on this machine`. */
  readonly place: string;
  readonly serial: number;
  /** Addresses of what it holds; undefined where it is encrypted. */
  readonly addresses: readonly string[] | undefined;
  /** What was proved last; undefined where nobody has seen a state of this stack. */
  readonly remembered: StateMark | undefined;
  /** How the state stands to what is remembered. */
  readonly standing: Standing;
}

/** That there is no state, beside what is remembered of it. */
export interface NoStoredEvidence {
  readonly kind: 'none';
  readonly place: string;
  readonly remembered: StateMark | undefined;
}

/** What the cluster has of the objects that a stack declares by itself. */
export interface LiveEvidence {
  readonly kind: 'live';
  readonly objects: number;
  /** Titles of those that are not there. */
  readonly missing: readonly string[];
}

/** One stack as it is declared, as its state has it, and as it lives. */
export interface StackEvidence {
  readonly stack: StackName;
  /** Addresses of the resources in the synthesized JSON. */
  readonly declared: readonly string[];
  readonly stored: NoStoredEvidence | NotKnown | StoredEvidence;
  readonly live: LiveEvidence | NotKnown;
}
