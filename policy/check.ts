import { readSummary } from './charts/chart-summaries.ts';
import type { Finding } from './finding.ts';
import type { SummarySource } from './model/chart-objects.ts';
import { type Cluster, readCluster } from './model/cluster.ts';
import { walkTexts } from './model/text-walk.ts';
import type { PolicyInput } from './policy-input.ts';
import type { Remark, Rule } from './rule.ts';
import { RULE_TABLE } from './rule-table.ts';

/**
 * Judges the synthesized JSON by every rule.
 *
 * @param summaries what the pinned charts render; without it the summaries that are committed
 */
export function check(input: PolicyInput, summaries: SummarySource = readSummary): Finding[] {
  return judge(clusterOf(input, summaries));
}

/** The one cluster that the stacks make, as the rules see it. */
export function clusterOf(input: PolicyInput, summaries: SummarySource = readSummary): Cluster {
  return readCluster(input, onceEach(summaries));
}

/** What the rules find in the cluster. */
export function judge(cluster: Cluster): Finding[] {
  const ofTexts = judgeTexts(cluster);
  return RULE_TABLE.flatMap((rule) =>
    [...(rule.judge?.(cluster) ?? []), ...(ofTexts.get(rule) ?? [])].map(
      (remark): Finding => ({
        rule: rule.id,
        severity: remark.severity ?? rule.severity,
        resource: remark.resource,
        problem: remark.problem,
        remedy: remark.remedy,
      }),
    ),
  );
}

/** What the rules over texts find, in one walk for all of them. */
function judgeTexts(cluster: Cluster): Map<Rule, Remark[]> {
  const found = new Map<Rule, Remark[]>();
  const readers = RULE_TABLE.flatMap((rule) => {
    if (rule.readTexts === undefined) return [];
    const remarks: Remark[] = [];
    found.set(rule, remarks);
    return [{ remarks, read: rule.readTexts(cluster) }];
  });
  const { input, resources, helmReleases } = cluster;
  walkTexts({ stacks: input.stacks, resources, releases: helmReleases }, (text) => {
    for (const { remarks, read } of readers) {
      const remark = read(text);
      if (remark !== undefined) remarks.push(remark);
    }
  });
  return found;
}

/** A pool of ten runners reads the summary of their chart once. */
function onceEach(summaries: SummarySource): SummarySource {
  const known = new Map<string, ReturnType<SummarySource>>();
  return (chart, version) => {
    const key = `${chart} ${version}`;
    if (!known.has(key)) known.set(key, summaries(chart, version));
    return known.get(key);
  };
}
