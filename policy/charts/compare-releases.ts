import type { SummarySource } from '../model/chart-objects.ts';
import { releasesOf } from '../model/helm-release.ts';
import { resourcesOf } from '../model/stack-json.ts';
import type { JudgedStack } from '../policy-input.ts';
import { differences, type RenderableChart } from './summarize.ts';

/** A release for which its summary and its chart do not say the same. */
export interface ReleaseDifference {
  readonly address: string;
  readonly differences: readonly string[];
}

/** What came of comparing the releases of stacks with what their charts really render. */
export interface ReleaseComparison {
  /** How many releases were compared. */
  readonly compared: number;
  readonly different: readonly ReleaseDifference[];
}

/**
 * Renders every release of another's chart with its own values, and compares the result with what the rules were told.
 *
 * @param charts the chart of that name and version; undefined where it cannot be had, and then nothing is compared
 */
export function compareReleases(
  stacks: readonly JudgedStack[],
  summaries: SummarySource,
  charts: (chart: string, version: string) => RenderableChart | undefined,
): ReleaseComparison {
  let compared = 0;
  const different: ReleaseDifference[] = [];
  for (const release of releasesOf(stacks.flatMap(resourcesOf))) {
    const summary = summaries(release.chart, release.version);
    const chart = charts(release.chart, release.version);
    if (release.holdsManifests || summary === undefined || chart === undefined) continue;
    const { address, name, namespace, values = {} } = release;
    const found = differences(summary, chart, { name, namespace, values });
    compared += 1;
    if (found.length > 0) different.push({ address, differences: found });
  }
  return { compared, different };
}
