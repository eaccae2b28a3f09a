import type { Verdict } from '../policy/finding.ts';

/** One stack as synthesized. */
export interface StackOutcome {
  readonly name: string;
  readonly resources: number;
  readonly bytes: number;
  readonly stateKey: string;
  readonly milliseconds: number;
}

/** What a synthesis came to, for people and machines. */
export interface Outcome {
  readonly settings: string;
  readonly outdir: string;
  readonly stacks: readonly StackOutcome[];
  readonly verdict: Verdict;
  /** What a person should know that no rule judges. */
  readonly notes: readonly string[];
  /** Files written because they differ from what was there. */
  readonly written: readonly string[];
  /** Folders of stacks that no longer exist, kept because something of value lies in them. */
  readonly keptOrphans: readonly string[];
}
