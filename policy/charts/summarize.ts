import {
  type ChartSummary,
  type ChartVariant,
  fullNameOf,
  instantiate,
  isEmpty,
  nameOf,
  shapeOf,
  valueAt,
  variantOf,
} from '../model/chart-summary.ts';
import { mergeValues } from '../model/helm-release.ts';
import { asText, at, isObject, type JsonObject, sameJson } from '../model/json.ts';
import { ChartTrouble } from './chart-trouble.ts';
import { parametrize } from './parametrize.ts';
import type { ChartRecipe } from './recipes.ts';
import { isType, reduceObject } from './rendered-object.ts';

/** A chart that can be rendered. */
export interface RenderableChart {
  readonly version: string;
  readonly appVersion: string;
  readonly kubeVersion: string;
  /** The values of the chart itself. */
  readonly defaults: JsonObject;
  readonly render: (release: SampleRelease) => readonly JsonObject[];
}

/** A release to render. */
export interface SampleRelease {
  readonly name: string;
  readonly namespace: string;
  readonly values: JsonObject;
}

const SAMPLE = { name: 'sample-release', namespace: 'sample-namespace' } as const;

/**
 * Makes the summary of a chart, and proves that it gives what the chart does.
 *
 * @throws ChartTrouble when a value is found nowhere although the recipe says that it is copied, or when a check shows a difference.
 */
export function summarize(recipe: ChartRecipe, chart: RenderableChart): ChartSummary {
  const found = new Set<string>();
  const samples = recipe.variants.map((layers) => layers.reduce(mergeValues, recipe.sample));
  const rendered = samples.map((values) => chart.render({ ...SAMPLE, values }));
  const objects: JsonObject[] = [];
  const variants = samples.map((given, index): ChartVariant => {
    const values = mergeValues(chart.defaults, given);
    const sample = {
      releaseName: SAMPLE.name,
      fullName: fullNameOf(recipe.fullName, SAMPLE.name),
      namespace: SAMPLE.namespace,
      values,
    };
    const places = (rendered[index] ?? [])
      .filter((object) => !isType(object))
      .map(reduceObject)
      .sort(byKindAndName)
      .map((object) => parametrize(object, sample, recipe.copied, recipe.overlaid, found))
      .map((object) => placeOf(objects, object));
    return { when: shapeOf(recipe.shape, values), objects: places };
  });
  requireFound(recipe, found);
  const summary: ChartSummary = {
    chart: recipe.chart,
    version: chart.version,
    kubeVersion: chart.kubeVersion,
    copied: recipe.copied,
    silent: recipe.silent,
    shape: recipe.shape,
    fullName: recipe.fullName,
    defaults: chosenDefaults(recipe, chart.defaults),
    fallbacks: Object.fromEntries(
      Object.entries(recipe.fallbacks).map(([path, text]) => [
        path,
        text.replaceAll('{{ .Chart.AppVersion }}', chart.appVersion),
      ]),
    ),
    crds: [...new Set(rendered.flat().filter(isType).map(nameOfObject))].sort(),
    objects,
    variants,
  };
  for (const release of checks(recipe)) requireSame(summary, chart, release);
  return summary;
}

/** Where an object stands in the list, which it joins when it is new. */
function placeOf(objects: JsonObject[], object: JsonObject): number {
  const place = objects.findIndex((known) => sameJson(known, object));
  return place >= 0 ? place : objects.push(object) - 1;
}

/** What a chart renders for a release and its summary does not give, or the other way round. Nothing where they agree. */
export function differences(
  summary: ChartSummary,
  chart: Pick<RenderableChart, 'render'>,
  release: SampleRelease,
): string[] {
  const values = mergeValues(summary.defaults, release.values);
  const variant = variantOf(summary, values);
  if (variant === undefined) return ['the summary has no variant for these values'];
  const given = instantiate(summary, variant, { ...release, values }).map(comparable);
  const rendered = chart
    .render(release)
    .filter((object) => !isType(object))
    .map(reduceObject)
    .map(comparable);
  return compare('', index(rendered), index(given));
}

/** The sample under another name, every variant and check, and the sample with each silent value changed. */
function checks(recipe: ChartRecipe): SampleRelease[] {
  const plain = { ...SAMPLE, values: recipe.sample };
  const other = { name: 'other', namespace: 'other-namespace', values: recipe.sample };
  const named = { ...other, name: `${recipe.fullName.chart}-x` };
  const layered = [...recipe.variants, ...recipe.checks].map((layers) => ({
    ...SAMPLE,
    values: layers.reduce(mergeValues, recipe.sample),
  }));
  const quiet = recipe.silent.map((path) => ({
    ...SAMPLE,
    values: mergeValues(recipe.sample, nest(path.split('.'), changed(recipe, path))),
  }));
  return [plain, other, named, ...layered, ...quiet];
}

/** Another value than the sample's, of the same type. */
function changed(recipe: ChartRecipe, path: string): unknown {
  const value = valueAt(recipe.sample, path);
  if (value === undefined) {
    throw new ChartTrouble(`${recipe.chart}: the sample gives no ${path}`);
  }
  if (typeof value === 'string') return `${value}-other`;
  if (typeof value === 'number') return value + 1;
  return typeof value === 'boolean' ? !value : null;
}

function nest([first = '', ...rest]: readonly string[], value: unknown): JsonObject {
  return { [first]: rest.length === 0 ? value : nest(rest, value) };
}

function requireSame(summary: ChartSummary, chart: RenderableChart, release: SampleRelease): void {
  const found = differences(summary, chart, release);
  if (found.length === 0) return;
  throw new ChartTrouble(
    `${summary.chart} ${summary.version}: the summary differs from the chart\n${found.join('\n')}\nvalues: ${JSON.stringify(release.values)}`,
  );
}

function requireFound(recipe: ChartRecipe, found: ReadonlySet<string>): void {
  const lost = recipe.copied.filter((path) => !found.has(path));
  if (lost.length > 0) {
    throw new ChartTrouble(
      `${recipe.chart}: found nowhere in what is rendered: ${lost.join(', ')}`,
    );
  }
}

function chosenDefaults(recipe: ChartRecipe, defaults: JsonObject): JsonObject {
  const paths = [...recipe.copied, ...recipe.shape.map(({ path }) => path)];
  return paths
    .filter((path) => !path.includes('[') && !/\.\d/.test(path))
    .map((path) => [path, valueAt(defaults, path)] as const)
    .filter(([, value]) => value === false || !isEmpty(value))
    .reduce<JsonObject>(
      (made, [path, value]) => mergeValues(made, nest(path.split('.'), value)),
      {},
    );
}

function nameOfObject(object: JsonObject): string {
  return asText(at(object, 'metadata', 'name')) ?? '';
}

function byKindAndName(left: JsonObject, right: JsonObject): number {
  const key = (object: JsonObject) => `${asText(object.kind)}/${nameOfObject(object)}`;
  return key(left) < key(right) ? -1 : 1;
}

function index(objects: readonly unknown[]): JsonObject {
  return Object.fromEntries(
    objects.map((object) => [
      `${asText(at(object, 'kind'))}/${asText(at(object, 'metadata', 'name'))}`,
      object,
    ]),
  );
}

/** The same JSON with the items of lists by name, and without what is empty: neither makes a difference to the API. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) {
    const named = value.every((item) => typeof nameOf(item) === 'string' && isObject(item));
    const items = value.map(comparable);
    return named && items.length > 0
      ? Object.fromEntries(items.map((item) => [String(nameOf(item)), item]))
      : items;
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [key, comparable(item)] as const)
      .filter(([, item]) => item === false || item === 0 || !isEmpty(item)),
  );
}

function compare(path: string, rendered: unknown, given: unknown): string[] {
  if (sameJson(rendered, given)) return [];
  if (!isObject(rendered) || !isObject(given)) {
    return [`${path}: the chart has ${show(rendered)}, the summary ${show(given)}`];
  }
  const keys = new Set([...Object.keys(rendered), ...Object.keys(given)]);
  return [...keys].flatMap((key) => compare(`${path}/${key}`, rendered[key], given[key]));
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 120);
}
