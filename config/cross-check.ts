import type * as z from 'zod';
import { show } from '../values/invalid-value.ts';
import { type Conflict, CROSS_RULES } from './cross-rules.ts';
import { valueAt } from './known-keys.ts';
import { type PlacedProblem, placed } from './schema-problems.ts';
import { type Settings, settingsSchema } from './settings.ts';
import type { YamlFile } from './yaml-file.ts';

type Path = readonly PropertyKey[];

/** What stands in for the parts that have no default, while they are wrong. */
const STAND_IN = {
  organization: { name: 'example', domain: 'example.org' },
  cluster: { name: 'example' },
  objectStore: { kind: 'rustfs' },
};

/** Mending one part can uncover another that is wrong; settings are not deeper than this. */
const MAX_ROUNDS = 8;

/** Where parts of the settings do not fit together. */
export function crossProblems(settings: Settings, file: YamlFile): PlacedProblem[] {
  return judge(settings, file, []);
}

/**
 * Where parts of the settings that are right by themselves do not fit together, so that one run shows everything.
 *
 * A rule that looks at a part that is wrong by itself says nothing: its verdict would be about our stand-in.
 */
export function remainingProblems(
  file: YamlFile,
  found: readonly PlacedProblem[],
): PlacedProblem[] {
  const settings = completed(structuredClone(file.content));
  return settings === undefined
    ? []
    : judge(
        settings,
        file,
        found.map(({ spoils }) => spoils),
      );
}

function judge(settings: Settings, file: YamlFile, wrong: readonly Path[]): PlacedProblem[] {
  const wrongPaths = new Set(wrong.map(keyOf));
  return CROSS_RULES.flatMap((rule) => {
    const read = new Set<string>();
    const conflicts = rule(wrong.length === 0 ? settings : watched(settings, [], read));
    if ([...read].some((path) => wrongPaths.has(path))) return [];
    return conflicts.map((conflict) =>
      placed(file, conflict.path, conflict, shown(conflict, file)),
    );
  });
}

function shown({ path, value }: Conflict, { content }: YamlFile): string {
  if (value === undefined) return '';
  return valueAt(content, path) === undefined ? `${show(value)} (the default)` : show(value);
}

/** The settings with every wrong part left out or stood in for, or undefined where that leads nowhere. */
function completed(content: unknown): Settings | undefined {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const result = settingsSchema.safeParse(content);
    if (result.success) return result.data;
    // From the end, so that the places of list items before the one that goes stay right.
    for (const issue of result.error.issues.toReversed()) mend(content, issue);
  }
  return undefined;
}

function mend(content: unknown, issue: z.core.$ZodIssue): void {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) remove(content, [...path, key]);
    return;
  }
  const standIn = valueAt(STAND_IN, path);
  if (standIn !== undefined) put(content, path, structuredClone(standIn));
  else if (valueAt(content, path) === undefined) remove(content, path.slice(0, -1));
  else remove(content, path);
}

function remove(content: unknown, path: Path): void {
  const parent = Object(valueAt(content, path.slice(0, -1)));
  const last = path.at(-1) ?? '';
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else Reflect.deleteProperty(parent, last);
}

function put(content: unknown, path: Path, value: unknown): void {
  Reflect.set(Object(valueAt(content, path.slice(0, -1))), path.at(-1) ?? '', value);
}

/** The same value, which notes every path at which someone reads it. */
function watched<T>(value: T, path: Path, read: Set<string>): T {
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value;
  return new Proxy(value, {
    get(target, key, receiver) {
      const at = [...path, key];
      read.add(keyOf(at));
      return watched(Reflect.get(target, key, receiver), at, read);
    },
  });
}

function isPlain(value: object): boolean {
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}

function keyOf(path: Path): string {
  return JSON.stringify(path.map(String));
}
