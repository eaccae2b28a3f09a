import { isObject, type JsonObject } from '../../policy/model/json.ts';

/** One place in which a live object is not what is declared. */
export interface Deviation {
  /** Such as `Deployment nix-cache/attic`. */
  readonly object: string;
  /** What declares it: the address of a resource. */
  readonly by: string;
  /** The field, or empty for the object as a whole. */
  readonly field: string;
  readonly declared: string;
  readonly live: string;
}

/** Something that could not be compared, and why. */
export interface Blind {
  readonly object: string;
  readonly because: string;
}

/** A field that differs between two pieces of JSON. */
export interface Difference {
  /** The keys that lead to it; an item of a list whose items have names goes by its name. */
  readonly path: readonly string[];
  readonly declared: unknown;
  readonly live: unknown;
}

/** What is printed for something that is not there. */
export const ABSENT = '(not there)';
/** What is printed for a value that nobody may read over a shoulder. */
export const HIDDEN = '(not shown)';

const MAX_SHOWN = 70;

/** The leaves in which two pieces of JSON differ. Items of a list that have names are compared by them, whatever their order. */
export function differences(
  declared: unknown,
  live: unknown,
  path: readonly string[] = [],
): Difference[] {
  if (isObject(declared) && isObject(live)) {
    const keys = [...new Set([...Object.keys(declared), ...Object.keys(live)])];
    return keys.flatMap((key) => differences(declared[key], live[key], [...path, key]));
  }
  if (Array.isArray(declared) && Array.isArray(live)) {
    const [mine, theirs] = [byName(declared), byName(live)];
    return mine !== undefined && theirs !== undefined
      ? differences(mine, theirs, path)
      : differences({ ...declared }, { ...live }, path);
  }
  return isSame(declared, live) ? [] : [{ path, declared, live }];
}

/** A path as people read it; a key with a dot or a slash stands in brackets. */
export function fieldOf(path: readonly string[]): string {
  return path.reduce((field, key) => {
    if (/[./]/.test(key)) return `${field}[${key}]`;
    return field === '' ? key : `${field}.${key}`;
  }, '');
}

/** A value as it is printed: short, and on one line. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return ABSENT;
  const text = typeof value === 'string' ? JSON.stringify(value).slice(1, -1) : bare(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/** The items of a list by their names, when every one has a name of its own. */
export function byName(items: readonly unknown[]): JsonObject | undefined {
  const entries = items.map((item) => [isObject(item) ? item.name : undefined, item] as const);
  const names = new Set(entries.map(([name]) => name));
  if (names.size !== items.length || [...names].some((name) => typeof name !== 'string')) {
    return undefined;
  }
  return Object.fromEntries(entries.map(([name, item]) => [String(name), item]));
}

/** Nothing, an empty list and an empty object are one to the API server. */
function isSame(left: unknown, right: unknown): boolean {
  return left === right || (isNothing(left) && isNothing(right));
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

function bare(value: unknown): string {
  return JSON.stringify(value).replaceAll(/\s+/g, ' ');
}
