import type { Severity } from '../../../policy/finding.ts';
import type { RuleId } from '../../../values/rule-id.ts';
import type { Draft } from '../good-cluster.ts';

/** One fault: a change of the good cluster, and exactly what its rule then finds. */
export interface FaultExample {
  readonly rule: RuleId;
  /** What is found, continuing the words "rejects" or "tells of"; requirement ids in parentheses. */
  readonly fault: string;
  readonly change: (draft: Draft) => void;
  readonly finds: readonly {
    readonly resource: string;
    readonly problem: string;
    /** @default 'error' */
    readonly severity?: Severity;
  }[];
}
