import type * as z from 'zod';
import { show } from '../values/invalid-value.ts';
import { secretShape } from '../values/secret-shape.ts';
import { type Explanation, explain } from './explain-issue.ts';
import { insteadOfKey, valueAt } from './known-keys.ts';
import { formatPath, type Problem } from './problem.ts';
import type { YamlFile } from './yaml-file.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** A problem that still knows its path by parts. */
export interface PlacedProblem {
  readonly at: Path;
  /** The part that cannot be judged as long as the problem is there. */
  readonly spoils: Path;
  readonly problem: Problem;
}

/** The value, complete with defaults, or every problem there is. */
export type Checked<T> = { readonly value: T } | { readonly problems: readonly PlacedProblem[] };

/** Checks a file against its schema, and that nobody pasted a credential into it. */
export function checkAgainst<S extends z.ZodType>(schema: S, file: YamlFile): Checked<z.output<S>> {
  // Each file is checked once: generating code for its objects would cost more than it saves.
  const result = schema.safeParse(file.content, { reportInput: true, jitless: true });
  const found = [
    ...secretProblems(file, file.content, []),
    ...(result.error?.issues ?? []).flatMap((issue) => problemsOf(schema, file, issue)),
  ];
  return result.success && found.length === 0
    ? { value: result.data }
    : { problems: onePerPlace(found) };
}

/** A problem at a path, found in the file. */
export function placed(
  file: YamlFile,
  at: Path,
  { rule, remedy }: Explanation,
  value: string,
  target: 'value' | 'key' = 'value',
): PlacedProblem {
  const position = file.locate(at, target);
  const path = formatPath(at);
  return {
    at,
    spoils: at,
    problem: { file: file.file, ...position, path, rule, value, remedy: remedy ?? '' },
  };
}

function problemsOf(schema: z.ZodType, file: YamlFile, issue: Issue): PlacedProblem[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const at = [...path, key];
      const { remedy, meant } = insteadOfKey(file.content, schema, path, key);
      const problem = placed(file, at, { rule: 'be a key that exists', remedy }, '', 'key');
      return { ...problem, spoils: meant ?? at };
    });
  }
  if (issue.code === 'invalid_key') {
    const name = path.at(-1);
    return issue.issues.map((inner) => ({
      ...placed(file, path, explain(inner, name), show(name), 'key'),
      spoils: path.slice(0, -1),
    }));
  }
  const value = valueAt(file.content, path);
  const isDefault = value === undefined && issue.code === 'custom';
  const shown = isDefault ? `${show(issue.input)} (the default)` : show(value);
  return [placed(file, path, explain(issue, value), shown)];
}

const NO_SECRETS = {
  rule: 'hold no credential',
  remedy:
    'make it invalid where it came from, and put its successor into a Secret: settings take names of Secrets',
};

function secretProblems(file: YamlFile, content: unknown, path: Path): PlacedProblem[] {
  if (typeof content === 'string') {
    return secretShape(content) === undefined
      ? []
      : [placed(file, path, NO_SECRETS, show(content))];
  }
  if (typeof content !== 'object' || content === null) return [];
  const isList = Array.isArray(content);
  return Object.entries(content).flatMap(([key, value]) => {
    const at = [...path, isList ? Number(key) : key];
    const inKey = secretShape(key) === undefined ? [] : [placed(file, at, NO_SECRETS, '', 'key')];
    return [...inKey, ...secretProblems(file, value, at)];
  });
}

/** The first problem of each value: one mistake can break several rules, and one mending heals them all. */
function onePerPlace(found: readonly PlacedProblem[]): PlacedProblem[] {
  const first = new Map<string, PlacedProblem>();
  for (const entry of found) {
    const key = JSON.stringify(entry.at.map(String));
    if (!first.has(key)) first.set(key, entry);
  }
  return [...first.values()];
}
