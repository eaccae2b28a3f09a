import { type ChartSummary, instantiate, valueAt, variantOf } from './chart-summary.ts';
import { type HelmRelease, mergeValues } from './helm-release.ts';
import { isObject, type JsonObject, sameJson } from './json.ts';
import { type KubernetesObject, readObject } from './kubernetes-object.ts';

/** Finds the summary of a chart version, or undefined where nobody has made one. */
export type SummarySource = (chart: string, version: string) => ChartSummary | undefined;

/** Something that the rules cannot see, and so cannot call good. */
export interface Gap {
  readonly address: string;
  readonly problem: string;
  readonly remedy: string;
}

/** What a release of another's chart puts into the cluster, as far as its summary knows. */
export interface RenderedRelease {
  readonly release: HelmRelease;
  /** The values of the release over those of the chart. */
  readonly values: JsonObject;
  readonly objects: readonly KubernetesObject[];
  readonly gaps: readonly Gap[];
}

/** Reads what a release of another's chart renders. */
export function renderRelease(release: HelmRelease, summaries: SummarySource): RenderedRelease {
  const { address, chart, version } = release;
  const summary = summaries(chart, version);
  const given = release.values;
  if (summary === undefined || given === undefined) {
    const gaps = [...(summary === undefined ? [noSummary(release)] : []), ...valueGaps(release)];
    return { release, values: given ?? {}, objects: [], gaps };
  }
  const values = mergeValues(summary.defaults, given);
  const variant = variantOf(summary, values);
  const gaps = [...valueGaps(release), ...unknownValues(release, summary, given)];
  if (variant === undefined) {
    const shape = summary.shape.map(({ path }) => `${path} ${shown(valueAt(values, path))}`);
    gaps.push({
      address,
      problem: `the summary of ${chart} ${version} has no variant for ${shape.join(', ')}`,
      remedy:
        'add a sample with these values to policy/charts/recipes.ts and make the summary again',
    });
    return { release, values, objects: [], gaps };
  }
  const context = { name: release.name, namespace: release.namespace, values };
  const objects = instantiate(summary, variant, context).map((body) =>
    readObject(body, {
      stack: release.stack,
      address,
      origin: 'chart',
      namespace: release.namespace,
    }),
  );
  return { release, values, objects, gaps };
}

function noSummary({ address, chart, version }: HelmRelease): Gap {
  return {
    address,
    problem: `nothing is known of what the chart ${chart} ${version} renders`,
    remedy: `make its summary: flywheel charts-summarize, with ${chart}-${version}.tgz in the folder of charts`,
  };
}

function shown(value: unknown): string {
  return value === undefined ? 'left out' : JSON.stringify(value);
}

function valueGaps({ address, values, otherValues }: HelmRelease): Gap[] {
  const gaps: Gap[] = [];
  if (values === undefined) {
    gaps.push({
      address,
      problem: 'its values are not JSON, so nobody has judged them',
      remedy: 'give the values as canonical JSON, as ChartRelease does',
    });
  }
  if (otherValues.length > 0) {
    gaps.push({
      address,
      problem: `values given by ${otherValues.join(', ')} are not judged`,
      remedy: 'give every value under values',
    });
  }
  return gaps;
}

function unknownValues(release: HelmRelease, summary: ChartSummary, given: JsonObject): Gap[] {
  const paths = unknownPaths(knownPaths(summary), given, '');
  if (paths.length === 0) return [];
  return [
    {
      address: release.address,
      problem: `the summary of ${summary.chart} ${summary.version} does not know what these values change: ${paths.join(', ')}`,
      remedy:
        'add them to the recipe of the chart in policy/charts/recipes.ts and make the summary again',
    },
  ];
}

interface KnownPaths {
  readonly summary: ChartSummary;
  readonly whole: ReadonlySet<string>;
  /** Every path above a known one. */
  readonly above: ReadonlySet<string>;
}

const knownBySummary = new WeakMap<ChartSummary, KnownPaths>();

function knownPaths(summary: ChartSummary): KnownPaths {
  const cached = knownBySummary.get(summary);
  if (cached !== undefined) return cached;
  const paths = [...summary.copied, ...summary.silent, ...summary.shape.map(({ path }) => path)];
  const above = paths.flatMap((path) => {
    const steps = path.split('.');
    return steps.slice(1).map((_, index) => steps.slice(0, index + 1).join('.'));
  });
  const known = { summary, whole: new Set(paths), above: new Set(above) };
  knownBySummary.set(summary, known);
  return known;
}

function unknownPaths(known: KnownPaths, values: JsonObject, above: string): string[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const path = above === '' ? key : `${above}.${key}`;
    if (known.whole.has(path)) return [];
    if (known.above.has(path) && isObject(value)) return unknownPaths(known, value, path);
    return sameJson(value, valueAt(known.summary.defaults, path)) ? [] : [path];
  });
}
