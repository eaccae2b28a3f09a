import { isEmpty, nameOf, valueAt } from '../model/chart-summary.ts';
import { at, isObject, type JsonObject, sameJson } from '../model/json.ts';
import { ChartTrouble } from './chart-trouble.ts';

/** A value that a sample gave, by its path. */
interface Given {
  readonly path: string;
  readonly value: unknown;
}

/** What a sample was rendered with. */
export interface Sample {
  readonly releaseName: string;
  readonly fullName: string;
  readonly namespace: string;
  /** The values of the sample over those of the chart. */
  readonly values: JsonObject;
}

/** Part of an object that is a value of the user with additions of the chart. */
export interface OverlaidPart {
  readonly kind: string;
  readonly at: readonly string[];
  readonly from: string;
}

const LEAST_TEXT = 4;

/**
 * Replaces what a sample brought in by references to it.
 *
 * @param found collects the paths that were met
 */
export function parametrize(
  object: JsonObject,
  sample: Sample,
  copied: readonly string[],
  overlaid: readonly OverlaidPart[],
  found: Set<string>,
): JsonObject {
  const given = copied
    .map((path) => ({ path, value: valueAt(sample.values, path) }))
    .filter(({ value }) => !isEmpty(value));
  const replacer = new Replacer(sample, given, found);
  const parts = overlaid.filter(({ kind }) => kind === object.kind);
  return replacer.replace(
    parts.reduce((rest, part) => lay(rest, part, sample, found), object),
    '',
  ) as JsonObject;
}

function lay(
  object: JsonObject,
  part: OverlaidPart,
  { values }: Sample,
  found: Set<string>,
): JsonObject {
  const rendered = at(object, ...part.at);
  const over = additions(rendered, valueAt(values, part.from), part.from);
  found.add(part.from);
  return put(object, part.at, { $values: part.from, ...(isObject(over) ? over : {}) });
}

function put(object: JsonObject, path: readonly string[], value: unknown): JsonObject {
  const [first = '', ...rest] = path;
  const inner = rest.length === 0 ? value : put(at(object, first) as JsonObject, rest, value);
  return { ...object, [first]: inner };
}

/**
 * What a chart added to a value, or undefined when it added nothing.
 *
 * @throws ChartTrouble when it took something away, which a summary cannot express.
 */
function additions(rendered: unknown, base: unknown, path: string): unknown {
  if (sameJson(rendered, base)) return undefined;
  if (Array.isArray(rendered) && Array.isArray(base)) {
    requireAll(base.map(nameOf), rendered.map(nameOf), path);
    return rendered.flatMap((item) => {
      const match = base.find((candidate) => sameJson(nameOf(candidate), nameOf(item)));
      if (match === undefined) return [item];
      const inner = additions(item, match, `${path}[]`);
      return inner === undefined ? [] : [{ ...identity(item), ...(inner as JsonObject) }];
    });
  }
  if (!isObject(rendered) || !isObject(base)) return rendered;
  requireAll(Object.keys(base), Object.keys(rendered), path);
  const added = Object.entries(rendered)
    .map(([key, item]) => [key, additions(item, base[key], `${path}.${key}`)] as const)
    .filter(([, item]) => item !== undefined);
  return Object.fromEntries(added);
}

function identity(item: unknown): JsonObject {
  const mountPath = at(item, 'mountPath');
  return mountPath === undefined ? { name: at(item, 'name') } : { mountPath };
}

function requireAll(wanted: readonly unknown[], there: readonly unknown[], path: string): void {
  const missing = wanted.find((item) => !there.some((other) => sameJson(item, other)));
  if (missing === undefined) return;
  throw new ChartTrouble(`the chart leaves ${JSON.stringify(missing)} out of ${path}`);
}

class Replacer {
  private readonly given: readonly Given[];
  private readonly texts: readonly (readonly [text: string, reference: string, path: string])[];
  private readonly found: Set<string>;

  constructor(sample: Sample, given: readonly Given[], found: Set<string>) {
    this.given = given;
    this.found = found;
    const values = given.flatMap(({ path, value }) =>
      typeof value === 'string' && value.length >= LEAST_TEXT
        ? [[value, `{{ .Values.${path} }}`, path] as const]
        : [],
    );
    const release = [
      [sample.fullName, '{{ .Release.FullName }}', ''],
      [sample.releaseName, '{{ .Release.Name }}', ''],
      [sample.namespace, '{{ .Release.Namespace }}', ''],
    ] as const;
    // The longest first, so that a text which contains another is not taken for it.
    this.texts = [...values, ...release].sort(([left], [right]) => right.length - left.length);
  }

  replace(node: unknown, key: string): unknown {
    if (typeof node === 'string') return this.replaceText(node);
    const whole = this.given.find((candidate) => matches(candidate, node, key));
    if (whole !== undefined) return this.reference(whole.path);
    if (Array.isArray(node)) return this.replaceList(node, key);
    if (!isObject(node)) return node;
    return Object.fromEntries(
      Object.entries(node).map(([name, item]) => [
        name,
        name === '$values' ? item : this.replace(item, name),
      ]),
    );
  }

  private reference(path: string): string {
    this.found.add(path);
    return `{{ .Values.${path} }}`;
  }

  private replaceText(text: string): string {
    let replaced = text;
    for (const [wanted, reference, path] of this.texts) {
      if (!replaced.includes(wanted)) continue;
      if (path !== '') this.found.add(path);
      replaced = replaced
        .split(/(\{\{[^}]*\}\})/)
        .map((part, index) => (index % 2 === 1 ? part : part.replaceAll(wanted, reference)))
        .join('');
    }
    return replaced;
  }

  /** A run of items that is a list of the values becomes one reference. */
  private replaceList(items: readonly unknown[], key: string): unknown[] {
    for (const { path, value } of this.given) {
      if (!Array.isArray(value)) continue;
      const start = items.findIndex((_, index) =>
        value.every((wanted, offset) => sameJson(wanted, items[index + offset])),
      );
      if (start < 0) continue;
      this.found.add(path);
      return [
        ...this.replaceList(items.slice(0, start), key),
        { $splice: path },
        ...this.replaceList(items.slice(start + value.length), key),
      ];
    }
    return items.map((item) => this.replace(item, key));
  }
}

/** Switches and small numbers are everywhere, so they count only under the key that they were given as. */
function matches({ path, value }: Given, node: unknown, key: string): boolean {
  if (typeof value === 'string' || !sameJson(value, node)) return false;
  if (typeof value === 'object') return true;
  return typeof value === 'number' && value >= 1000 ? true : path.split('.').at(-1) === key;
}
