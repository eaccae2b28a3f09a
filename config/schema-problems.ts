import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { show } from '../values/invalid-value.ts';
import type { Problem } from './problem.ts';
import type { RuleParams } from './schema/fields.ts';
import type { YamlFile } from './yaml-file.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

interface Explanation {
  readonly rule: string;
  readonly remedy?: string | undefined;
}

/** A name further from every known one than this is a word of its own and no slip of the finger. */
const MAX_TYPO_DISTANCE = 4;

/**
 * Checks a file against its schema.
 *
 * @returns the value, complete with defaults, or every problem there is.
 */
export function checkAgainst<S extends z.ZodType>(
  schema: S,
  file: YamlFile,
): { readonly value: z.output<S> } | { readonly problems: readonly Problem[] } {
  const result = schema.safeParse(file.content, { reportInput: true });
  if (result.success) return { value: result.data };
  return { problems: result.error.issues.flatMap((issue) => problemsOf(schema, file, issue)) };
}

function problemsOf(schema: z.ZodType, file: YamlFile, issue: Issue): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const path = [...issue.path, key];
      const explanation = {
        rule: 'be a key that exists',
        remedy: nearestKey(file.content, schema, issue.path, key),
      };
      return { ...place(file, path, 'key'), ...describe(explanation), value: '' };
    });
  }
  if (issue.code === 'invalid_key') {
    return issue.issues.map((inner) => ({
      ...place(file, issue.path, 'key'),
      ...describe(explain(inner)),
      value: show(issue.path.at(-1)),
    }));
  }
  const value = valueAt(file.content, issue.path);
  const explanation = explain(issue);
  const remedy = explanation.remedy ?? (value === undefined ? 'add it' : undefined);
  return [
    { ...place(file, issue.path), ...describe({ ...explanation, remedy }), value: show(value) },
  ];
}

function place(file: YamlFile, path: Path, target: 'value' | 'key' = 'value') {
  return { file: file.file, ...file.locate(path, target), path: path.map(String).join('.') };
}

function describe({ rule, remedy }: Explanation): Pick<Problem, 'rule' | 'remedy'> {
  return { rule, remedy: remedy ?? '' };
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
};

/** The issues of the schema library in our own words: a rule, and what to do. */
function explain(issue: Issue): Explanation {
  switch (issue.code) {
    case 'invalid_type':
      return { rule: `be ${TYPE_NAMES[issue.expected] ?? issue.expected}` };
    case 'too_small':
      return { rule: `be at least ${size(issue.origin, Number(issue.minimum))}` };
    case 'too_big':
      return { rule: `be at most ${size(issue.origin, Number(issue.maximum))}` };
    case 'invalid_value':
      return oneOf(issue.values.map(String), issue.input);
    case 'invalid_format':
      return {
        rule: issue.pattern === undefined ? `be ${issue.format}` : `match ${issue.pattern}`,
      };
    case 'invalid_union':
      return explainUnion(issue);
    case 'custom':
      return customRule(issue.params as RuleParams | undefined, issue.message);
    default:
      return { rule: issue.message };
  }
}

function customRule(params: RuleParams | undefined, message: string): Explanation {
  return params === undefined ? { rule: message } : { rule: params.rule, remedy: params.remedy };
}

function size(origin: string, amount: number): string {
  if (origin === 'string') return `${amount} characters long`;
  return origin === 'array' ? `${amount} items long` : String(amount);
}

function explainUnion(issue: Extract<Issue, { code: 'invalid_union' }>): Explanation {
  if ('options' in issue && Array.isArray(issue.options))
    return oneOf(issue.options.map(String), undefined);
  const kinds = issue.errors
    .flat()
    .flatMap((inner) =>
      inner.code === 'invalid_type' ? [TYPE_NAMES[inner.expected] ?? inner.expected] : [],
    );
  return { rule: `be ${[...new Set(kinds)].join(' or ')}` };
}

function oneOf(values: readonly string[], input: unknown): Explanation {
  const rule = values.length === 1 ? `be ${values[0]}` : `be one of ${values.join(', ')}`;
  return { rule, remedy: typeof input === 'string' ? didYouMean(values, input) : undefined };
}

function didYouMean(names: readonly string[], given: string): string | undefined {
  if (names.length === 0) return undefined;
  const near = closest(given, [...names]);
  const allowed = Math.min(MAX_TYPO_DISTANCE, Math.ceil(given.length / 2));
  return distance(given, near) <= allowed ? `did you mean ${near}?` : undefined;
}

function nearestKey(content: unknown, schema: z.ZodType, path: Path, key: string): string {
  const keys = keysAt(content, schema, path);
  return didYouMean(keys, key) ?? `known here: ${keys.join(', ')}`;
}

function keysAt(content: unknown, schema: z.ZodType, path: Path): string[] {
  let current = unwrap(schema, content);
  let value = content;
  for (const part of path) {
    value = valueAt(value, [part]);
    const child = childOf(current, part);
    if (child === undefined) return [];
    current = unwrap(child, value);
  }
  return current instanceof z.ZodObject ? Object.keys(current.shape) : [];
}

function childOf(schema: z.core.$ZodType, part: PropertyKey): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject) return schema.shape[String(part)];
  if (schema instanceof z.ZodRecord) return schema.valueType;
  if (schema instanceof z.ZodArray) return schema.element;
  return undefined;
}

/** The object, record or list behind defaults, transformations and the options of a union. */
function unwrap(schema: z.core.$ZodType, value: unknown): z.core.$ZodType {
  if (schema instanceof z.ZodPipe) return unwrap(schema.in, value);
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const chosen = valueAt(value, [schema.def.discriminator]);
    const option = schema.options.find(
      (candidate) =>
        candidate instanceof z.ZodObject &&
        literalOf(candidate.shape[schema.def.discriminator]) === chosen,
    );
    return option ?? schema;
  }
  if (
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodOptional
  )
    return unwrap(schema.def.innerType, value);
  return schema;
}

function literalOf(schema: unknown): unknown {
  return schema instanceof z.ZodLiteral ? schema.value : undefined;
}

function valueAt(content: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null
        ? (value as Record<PropertyKey, unknown>)[part]
        : undefined,
    content,
  );
}
