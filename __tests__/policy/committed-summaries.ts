import { readSummary } from '../../policy/charts/chart-summaries.ts';
import type { SummarySource } from '../../policy/model/chart-objects.ts';
import type { ChartSummary } from '../../policy/model/chart-summary.ts';

const known = new Map<string, ChartSummary | undefined>();

/** The committed summaries, each read once for all tests of a file. */
export const committedSummaries: SummarySource = (chart, version) => {
  const key = `${chart} ${version}`;
  if (!known.has(key)) known.set(key, readSummary(chart, version));
  return known.get(key);
};
