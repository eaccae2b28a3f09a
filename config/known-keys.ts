import { closest, distance } from 'fastest-levenshtein';
import * as z from 'zod';
import { ownValue } from '../values/own-value.ts';

type Schema = z.core.$ZodType;
type Path = readonly PropertyKey[];

/** A name further from every known one than this is a word of its own and no slip of the finger. */
const MAX_TYPO_DISTANCE = 4;

/** The one of the names that was probably meant, or undefined where none is near. */
export function nearest(names: readonly string[], given: string): string | undefined {
  const allowed = Math.min(MAX_TYPO_DISTANCE, Math.ceil(given.length / 2));
  const candidates = names.filter((name) => Math.abs(name.length - given.length) <= allowed);
  if (candidates.length === 0) return undefined;
  const near = closest(given, candidates);
  return distance(given, near) <= allowed ? near : undefined;
}

/** What to write in place of a key that is not known at that path, and the path of the key that was probably meant. */
export function insteadOfKey(
  content: unknown,
  schema: Schema,
  path: Path,
  key: string,
): { readonly remedy: string; readonly meant?: Path | undefined } {
  const parent = schemaAt(content, schema, path);
  const here = keysOf(unwrap(parent, valueAt(content, path)));
  const near = nearest(here, key);
  if (near !== undefined) return { remedy: `did you mean ${near}?`, meant: [...path, near] };
  const kinds = kindsWith(parent, key);
  if (kinds.length > 0) return { remedy: `only ${kinds.join(' and ')} has it` };
  const [meant, ...others] = knownPaths(schema).filter((known) =>
    isAlmost(String(known.at(-1) ?? ''), key),
  );
  return meant === undefined || others.length > 0
    ? { remedy: `known here: ${here.join(', ')}` }
    : { remedy: `did you mean ${meant.join('.')}?`, meant };
}

/** One letter more, less or other. A file can have thousands of wrong keys, so most names are passed over by their length. */
function isAlmost(name: string, key: string): boolean {
  return Math.abs(name.length - key.length) <= 1 && distance(name, key) <= 1;
}

/** The value at a path, or undefined where nothing is written. */
export function valueAt(content: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null
        ? ownValue(value as Record<PropertyKey, unknown>, part)
        : undefined,
    content,
  );
}

function schemaAt(content: unknown, schema: Schema, path: Path): Schema | undefined {
  return path.reduce<Schema | undefined>(
    (current, part, index) =>
      childOf(unwrap(current, valueAt(content, path.slice(0, index))), part),
    schema,
  );
}

function keysOf(schema: Schema | undefined): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** The options of a choice that have the key, such as `kind: rustfs`. */
function kindsWith(schema: Schema | undefined, key: string): string[] {
  const union = unwrap(schema, undefined);
  if (!(union instanceof z.ZodDiscriminatedUnion)) return [];
  const { discriminator } = union.def;
  return union.options
    .filter((option) => keysOf(option).includes(key))
    .map((option) => `${discriminator}: ${literalOf(option, discriminator)}`);
}

const PATHS = new WeakMap<Schema, readonly string[][]>();

/** Looked up once for a schema: a file can hold thousands of keys that it does not know. */
function knownPaths(schema: Schema): readonly string[][] {
  const paths = PATHS.get(schema) ?? keyPaths(schema);
  PATHS.set(schema, paths);
  return paths;
}

/** The path of every key that has a fixed name, through no list, map of names or choice. */
function keyPaths(schema: Schema | undefined, path: readonly string[] = []): string[][] {
  const current = unwrap(schema, undefined);
  if (!(current instanceof z.ZodObject)) return path.length === 0 ? [] : [[...path]];
  const below = Object.entries<Schema>(current.shape).flatMap(([key, child]) =>
    keyPaths(child, [...path, key]),
  );
  return path.length === 0 ? below : [[...path], ...below];
}

function childOf(schema: Schema | undefined, part: PropertyKey): Schema | undefined {
  if (schema instanceof z.ZodObject) return ownValue<Schema>(schema.shape, part);
  if (schema instanceof z.ZodRecord) return schema.valueType;
  if (schema instanceof z.ZodArray) return schema.element;
  return undefined;
}

/** The object, record or list behind defaults, transformations and the options of a choice. */
function unwrap(schema: Schema | undefined, value: unknown): Schema | undefined {
  if (schema instanceof z.ZodPipe) return unwrap(schema.in, value);
  if (schema instanceof z.ZodDiscriminatedUnion) return chosenOption(schema, value) ?? schema;
  const isWrapper =
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodOptional;
  return isWrapper ? unwrap(schema.def.innerType, value) : schema;
}

function chosenOption(union: z.ZodDiscriminatedUnion, value: unknown): Schema | undefined {
  const { discriminator } = union.def;
  const chosen = valueAt(value, [discriminator]);
  return union.options.find((option) => literalOf(option, discriminator) === chosen);
}

function literalOf(option: Schema, discriminator: string): unknown {
  const literal = option instanceof z.ZodObject ? option.shape[discriminator] : undefined;
  return literal instanceof z.ZodLiteral ? literal.value : undefined;
}
