import { asObjects, asText, at, isObject, type JsonObject } from './json.ts';
import type { StackResource } from './stack-json.ts';
import { literalText } from './template-text.ts';

/** A Helm release as a stack defines it. */
export interface HelmRelease {
  readonly stack: string;
  /** Stack and address, such as `attic: helm_release.operator_1A2B3C4D`. */
  readonly address: string;
  readonly name: string;
  readonly namespace: string;
  /** Name of the chart, without the folder or the address it is taken from. */
  readonly chart: string;
  readonly version: string;
  /** All values together, or undefined where they are not JSON. */
  readonly values: JsonObject | undefined;
  /** Ways besides `values` by which the release sets values; the rules cannot see through them. */
  readonly otherValues: readonly string[];
  /** True for the chart of ours that holds nothing but the objects it is given. */
  readonly holdsManifests: boolean;
}

/** Our own chart of manifests, as every stack carries it. */
const MANIFESTS_CHART = /^\.\/assets\/manifests-chart\//;

const VALUE_ARGUMENTS = ['set', 'set_list', 'set_sensitive', 'set_wo'] as const;

function readRelease(stack: string, id: string, release: JsonObject): HelmRelease {
  const chart = asText(release.chart) ?? '';
  const version = asText(release.version) ?? '';
  return {
    stack,
    address: `${stack}: helm_release.${id}`,
    name: asText(release.name) ?? '',
    namespace: asText(release.namespace) ?? 'default',
    chart: chartName(chart, version),
    version,
    values: readValues(release.values),
    otherValues: VALUE_ARGUMENTS.filter((argument) => release[argument] !== undefined),
    holdsManifests: MANIFESTS_CHART.test(chart),
  };
}

/** The releases among the resources of stacks. */
export function releasesOf(resources: readonly StackResource[]): HelmRelease[] {
  return resources
    .filter(({ type }) => type === 'helm_release')
    .map(({ stack, id, body }) => readRelease(stack, id, body));
}

/** The objects of a release of our own chart. */
export function manifestsOf(release: HelmRelease): readonly JsonObject[] {
  return release.holdsManifests ? asObjects(at(release.values, 'objects')) : [];
}

/** `gitlab-runner`, also where the chart is an archive in a folder of the stack. */
function chartName(chart: string, version: string): string {
  const file = chart.slice(chart.lastIndexOf('/') + 1);
  const ending = `-${version}.tgz`;
  return file.endsWith(ending) ? file.slice(0, -ending.length) : file;
}

function readValues(documents: unknown): JsonObject | undefined {
  const texts = Array.isArray(documents) ? documents : [];
  let merged: JsonObject = {};
  for (const text of texts) {
    const values = parse(text);
    if (!isObject(values)) return undefined;
    merged = mergeValues(merged, values);
  }
  return merged;
}

function parse(text: unknown): unknown {
  try {
    return JSON.parse(literalText(String(text)));
  } catch {
    return undefined;
  }
}

/** Values laid over others as Helm does it: objects are merged, everything else is replaced, and null removes. */
export function mergeValues(base: JsonObject, over: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    if (value === null) delete merged[key];
    else merged[key] = isObject(value) && isObject(below) ? mergeValues(below, value) : value;
  }
  return merged;
}
