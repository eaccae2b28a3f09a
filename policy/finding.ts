import type { RuleId } from '../values/rule-id.ts';

/** How much a finding matters: errors stop, warnings are listed, notices only tell. */
export type Severity = 'error' | 'warning' | 'notice';

/** Something that a rule found in the synthesized result. */
export interface Finding {
  readonly rule: RuleId;
  readonly severity: Severity;
  /** Stack and address, such as `attic: kubernetes_deployment_v1.attic`. */
  readonly resource: string;
  /** What is wrong, with the numbers or names that make it so. */
  readonly problem: string;
  /** What to do. */
  readonly remedy: string;
}

/** A finding that is let pass, with the reason that was written down for it. */
export interface WaivedFinding extends Finding {
  readonly reason: string;
}

/** A waiver as the settings write it. */
export interface Waiver {
  readonly rule: RuleId;
  /** The resource as a finding names it; `*` stands for any text. */
  readonly resource: string;
  readonly reason: string;
}

/** Findings apart from those that are waived; a waiver that waives nothing is itself a finding to remove. */
export interface Verdict {
  readonly findings: readonly Finding[];
  readonly waived: readonly WaivedFinding[];
  readonly idleWaivers: readonly Waiver[];
}

/** Sorts findings into those that count and those that are waived. */
export function applyWaivers(findings: readonly Finding[], waivers: readonly Waiver[]): Verdict {
  const matches = (waiver: Waiver, finding: Finding) =>
    waiver.rule === finding.rule && matchesPattern(waiver.resource, finding.resource);
  const waived = findings.flatMap((finding) => {
    const waiver = waivers.find((candidate) => matches(candidate, finding));
    return waiver === undefined ? [] : [{ ...finding, reason: waiver.reason }];
  });
  return {
    findings: findings.filter((finding) => !waivers.some((waiver) => matches(waiver, finding))),
    waived,
    idleWaivers: waivers.filter((waiver) => !findings.some((finding) => matches(waiver, finding))),
  };
}

function matchesPattern(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
}
