import type { ComponentFact, NoteFact, WeakeningFact } from '../constructs/facts.ts';
import type { CapacitySummary } from '../policy/capacity-summary.ts';
import type { Verdict } from '../policy/finding.ts';
import type { SecretKind, SecretOrigin } from '../values/secret-ref.ts';
import type { KeptOrphan } from './orphans.ts';

/** One stack as synthesized. */
export interface StackOutcome {
  readonly name: string;
  readonly resources: number;
  readonly bytes: number;
  readonly stateKey: string;
  readonly milliseconds: number;
}

/** A Secret that must exist, and the stacks that need it. */
export interface RequiredSecret {
  readonly namespace: string;
  readonly name: string;
  readonly kind: SecretKind;
  readonly keys: readonly string[];
  readonly origin: SecretOrigin;
  readonly stacks: readonly string[];
}

/** What the constructs say of themselves: nothing of it is judged, all of it should be known. */
export interface Inventory {
  readonly components: readonly ComponentFact[];
  readonly secrets: readonly RequiredSecret[];
  readonly weakenings: readonly WeakeningFact[];
  readonly notes: readonly NoteFact[];
  readonly warnings: readonly NoteFact[];
}

/** What a synthesis came to, for people and machines. */
export interface Outcome {
  /** Whose installation it is. */
  readonly organization: string;
  /** The settings file. */
  readonly settings: string;
  /** The folder of the result. */
  readonly outdir: string;
  readonly stacks: readonly StackOutcome[];
  readonly verdict: Verdict;
  readonly inventory: Inventory;
  /** What everything comes to at its most: thousandths of a core, and bytes. */
  readonly capacity: CapacitySummary;
  /** Files written because they differ from what was there; empty when errors stopped the synthesis. */
  readonly written: readonly string[];
  /** Folders of stacks that no longer exist, kept because something lies in them that no synthesis wrote. */
  readonly keptOrphans: readonly KeptOrphan[];
}

/** True when something was found that stops. */
export function isStopped({ verdict }: Pick<Outcome, 'verdict'>): boolean {
  return verdict.findings.some(({ severity }) => severity === 'error');
}
