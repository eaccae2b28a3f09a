import type { RuleId } from '../values/rule-id.ts';
import type { Severity } from './finding.ts';
import type { Cluster } from './model/cluster.ts';
import type { FoundText } from './model/text-walk.ts';

/** One thing that a rule has found. */
export interface Remark {
  /** Stack and address, such as `attic: kubernetes_deployment_v1.attic`. */
  readonly resource: string;
  /** What is wrong, with the numbers or names that make it so. */
  readonly problem: string;
  /** What to do. */
  readonly remedy: string;
  /** @default - the severity of the rule */
  readonly severity?: Severity;
}

/** A rule over the synthesized result. It judges the cluster, or text by text, or both. */
export interface Rule {
  readonly id: RuleId;
  /** How much a finding matters, unless the remark itself says otherwise. */
  readonly severity: Severity;
  /** What must hold, in one line. */
  readonly meaning: string;
  readonly judge?: (cluster: Cluster) => Iterable<Remark>;
  /** Called once for the cluster; what it returns is called for every text, in one walk for all rules. */
  readonly readTexts?: (cluster: Cluster) => (text: FoundText) => Remark | undefined;
}
