import { ownValue } from '../../values/own-value.ts';
import { asList, asObject, asText, at, isObject, type JsonObject, sameJson } from './json.ts';

/**
 * What a pinned chart renders, as far as the rules look at it.
 *
 * A summary is made once from the real chart and serves every release: names are written as Helm writes them
 * (`{{ .Release.Name }}`), and what merely repeats a value refers to it (`{{ .Values.resources }}`), so that the rules judge what
 * the settings say and not what the summary was made with. An object with `$values` is that value with the other fields laid
 * over it; an item of a list with `$splice` stands for all items of that value; and an item that refers to an empty value is
 * left out, as charts do with arguments that nobody gave.
 */
export interface ChartSummary {
  readonly chart: string;
  readonly version: string;
  /** The version of Kubernetes that it was rendered for. */
  readonly kubeVersion: string;
  /** Values that stand in the objects as they are, by path. */
  readonly copied: readonly string[];
  /** Values that change nothing the rules look at, by path. */
  readonly silent: readonly string[];
  /** Values that decide which variant is rendered. */
  readonly shape: readonly ShapeValue[];
  /** Values of the chart itself, for what a release leaves out. */
  readonly defaults: JsonObject;
  /** How the chart makes the name of its objects from that of the release: `{{ .Release.FullName }}`. */
  readonly fullName: FullName;
  /** What stands in place of a copied value that is empty. */
  readonly fallbacks: Readonly<Record<string, string>>;
  readonly crds: readonly string[];
  /** Every object of every variant, once. */
  readonly objects: readonly JsonObject[];
  readonly variants: readonly ChartVariant[];
}

/** The name of the release and then that of the chart, unless the first holds, or begins with, the second. */
export interface FullName {
  readonly chart: string;
  readonly unless: 'contains' | 'begins';
}

/** A value that decides what is rendered: by what it is, or only by whether it is given. */
export interface ShapeValue {
  readonly path: string;
  readonly by: 'value' | 'presence';
}

/** What the chart renders for one combination of the values that shape it. */
export interface ChartVariant {
  readonly when: JsonObject;
  /** Places in the list of objects. */
  readonly objects: readonly number[];
}

/** Where a summary is applied. */
export interface ReleaseContext {
  readonly name: string;
  readonly namespace: string;
  /** The values of the release over those of the chart. */
  readonly values: JsonObject;
}

const REFERENCE = /\{\{ \.(Values\.([^ }]+)|Release\.(?:Full)?Name|Release\.Namespace) \}\}/g;
const WHOLE_REFERENCE = new RegExp(`^${REFERENCE.source}$`);

/** The length at which charts cut names: that of a DNS label. */
const LONGEST_NAME = 63;

/** The variant that a release renders, or undefined when the summary has none for its values. */
export function variantOf(summary: ChartSummary, values: JsonObject): ChartVariant | undefined {
  const shape = shapeOf(summary.shape, values);
  return summary.variants.find(({ when }) => sameJson(when, shape));
}

/** The values that shape what is rendered, by path. */
export function shapeOf(shape: readonly ShapeValue[], values: JsonObject): JsonObject {
  return Object.fromEntries(
    shape.map(({ path, by }) => {
      const value = valueAt(values, path);
      return [path, by === 'presence' ? !isEmpty(value) : (value ?? null)];
    }),
  );
}

/**
 * The value at a path such as `template.spec.containers[runner].image`. `[name]` chooses from a list by name, a number by
 * place.
 */
export function valueAt(values: unknown, path: string): unknown {
  let here = values;
  for (const step of path.split('.')) {
    const [, key = step, name] = /^([^[]*)\[([^\]]*)\]$/.exec(step) ?? [];
    here = Array.isArray(here) ? here[Number(key)] : at(here, key);
    if (name !== undefined) {
      here = Array.isArray(here) ? here.find((item) => at(item, 'name') === name) : undefined;
    }
  }
  return here;
}

/** Empty as the templates of Helm see it. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) ? Object.keys(value).length === 0 : value === false;
}

/** The objects of a variant with the names and values of a release in their places. */
export function instantiate(
  summary: ChartSummary,
  variant: ChartVariant,
  release: ReleaseContext,
): JsonObject[] {
  return variant.objects.map((place) => asObject(fill(summary, release, summary.objects[place])));
}

function fill(summary: ChartSummary, release: ReleaseContext, node: unknown): unknown {
  if (typeof node === 'string') return fillText(summary, release, node);
  if (Array.isArray(node)) return fillList(summary, release, node);
  return isObject(node) ? fillObject(summary, release, node) : node;
}

function fillList(
  summary: ChartSummary,
  release: ReleaseContext,
  items: readonly unknown[],
): unknown[] {
  return items
    .flatMap((item) => {
      const spliced = asText(at(item, '$splice'));
      if (spliced !== undefined) return asList(valueAt(release.values, spliced));
      return refersToNothing(summary, release, item) ? [] : [fill(summary, release, item)];
    })
    .filter((item) => item !== undefined);
}

function refersToNothing(summary: ChartSummary, release: ReleaseContext, item: unknown): boolean {
  return (
    typeof item === 'string' &&
    [...item.matchAll(REFERENCE)].some((match) => isEmpty(refer(summary, release, match)))
  );
}

function fillObject(summary: ChartSummary, release: ReleaseContext, node: JsonObject): unknown {
  const filled: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(node)) {
    if (key === '$values') continue;
    const value = fill(summary, release, item);
    if (value !== undefined) filled[key] = value;
  }
  const base = asText(node.$values);
  return base === undefined ? filled : overlay(valueAt(release.values, base), filled);
}

function fillText(summary: ChartSummary, release: ReleaseContext, text: string): unknown {
  if (!text.includes('{{')) return text;
  const whole = WHOLE_REFERENCE.exec(text);
  if (whole !== null) return refer(summary, release, whole);
  return text.replace(REFERENCE, (...match: string[]) =>
    String(refer(summary, release, match) ?? ''),
  );
}

function refer(summary: ChartSummary, release: ReleaseContext, match: readonly string[]): unknown {
  const [, what, path = ''] = match;
  if (what === 'Release.Name') return release.name;
  if (what === 'Release.FullName') return fullNameOf(summary.fullName, release.name);
  if (what === 'Release.Namespace') return release.namespace;
  const value = valueAt(release.values, path);
  const fallback = ownValue(summary.fallbacks, path);
  return isEmpty(value) && fallback !== undefined ? fillText(summary, release, fallback) : value;
}

/** The name that a chart gives to its objects. */
export function fullNameOf({ chart, unless }: FullName, release: string): string {
  const holds = unless === 'begins' ? release.startsWith(chart) : release.includes(chart);
  const full = holds ? release : `${release}-${chart}`;
  return full.slice(0, LONGEST_NAME).replace(/-$/, '');
}

/**
 * A value with fields laid over it. Lists of named things are merged by name, and what is new comes first, where the charts put
 * what they add.
 */
export function overlay(base: unknown, over: unknown): unknown {
  if (Array.isArray(base) && Array.isArray(over)) return overlayList(base, over);
  if (!isObject(base) || !isObject(over)) return over;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) merged[key] = overlay(base[key], value);
  return merged;
}

function overlayList(base: readonly unknown[], over: readonly unknown[]): unknown[] {
  const added = new Map(over.map((item) => [nameOf(item), item]));
  const merged = base.map((item) => {
    const match = added.get(nameOf(item));
    added.delete(nameOf(item));
    return match === undefined ? item : overlay(item, match);
  });
  return [...added.values(), ...merged];
}

/** What tells the items of a list apart: a name, or the place where something is mounted. */
export function nameOf(item: unknown): unknown {
  return at(item, 'mountPath') ?? at(item, 'name') ?? item;
}
