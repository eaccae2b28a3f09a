import { readFileSync } from 'node:fs';
import fc from 'fast-check';

interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly propertyNames?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** Words that are legal in many places and mean something to the language, or to no other machine. */
const TREACHEROUS = ['constructor', '__proto__', 'toString', 'localhost', '127.0.0.1', '0'];

function arbitraryOf(schema: Schema): fc.Arbitrary<unknown> {
  const options = schema.oneOf ?? schema.anyOf;
  if (options !== undefined)
    return fc.oneof(
      ...options.map((option) =>
        arbitraryOf({ ...schema, oneOf: undefined, anyOf: undefined, ...option }),
      ),
    );
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  return (BY_TYPE[schema.type ?? ''] ?? BY_TYPE.string)?.(schema) ?? fc.constant(null);
}

const BY_TYPE: Readonly<Record<string, (schema: Schema) => fc.Arbitrary<unknown>>> = {
  boolean: () => fc.boolean(),
  integer: ({ minimum = 0, maximum = 1000 }) =>
    fc.integer({ min: minimum, max: Math.min(maximum, minimum + 5000) }),
  number: ({ minimum = 0.1, maximum = 64 }) =>
    fc.double({ min: minimum, max: maximum, noNaN: true }).map((value) => Number(value.toFixed(2))),
  string: textOf,
  array: ({ items = {}, minItems = 0 }) =>
    fc.array(arbitraryOf(items), { minLength: minItems, maxLength: minItems + 2 }),
  object: objectOf,
};

function textOf({
  pattern,
  examples = [],
  default: usual,
  minLength = 0,
  maxLength = 200,
}: Schema): fc.Arbitrary<string> {
  const known = [...examples, ...(usual === undefined ? [] : [usual])].map(String);
  const words = TREACHEROUS.filter((word) => new RegExp(pattern ?? '').test(word));
  const shown = [known, words]
    .filter((list) => list.length > 0)
    .map((list) => fc.constantFrom(...list));
  // A look-ahead cannot be generated from.
  if (pattern !== undefined && /\(\?[=!]/.test(pattern)) {
    return fc.oneof(...shown, fc.stringMatching(/^[a-z]{3,12}$/));
  }
  const any =
    pattern === undefined
      ? fc.string({ minLength: Math.max(minLength, 1), maxLength: minLength + 20 })
      : fc.stringMatching(new RegExp(pattern), { size: 'small' });
  return fc.oneof(
    any.filter((text) => text.length <= maxLength && text.length >= minLength),
    ...shown,
  );
}

function objectOf({
  properties,
  required = [],
  propertyNames,
  additionalProperties,
}: Schema): fc.Arbitrary<unknown> {
  if (properties === undefined) {
    const values =
      typeof additionalProperties === 'object'
        ? arbitraryOf(additionalProperties)
        : fc.constant('x');
    return fc.dictionary(textOf(propertyNames ?? {}), values, { maxKeys: 3 });
  }
  const fields = Object.entries(properties).map(
    ([key, field]) => [key, arbitraryOf(field)] as const,
  );
  const sometimes = (key: string) => (required.includes(key) ? fc.constant(true) : fc.boolean());
  return fc
    .tuple(...fields.map(([key, field]) => fc.tuple(fc.constant(key), sometimes(key), field)))
    .map((entries) =>
      Object.fromEntries(
        entries.filter(([, present]) => present).map(([key, , value]) => [key, value]),
      ),
    );
}

/** Settings of the right shape, as far as the JSON Schema tells; parts may still not fit together. */
export const settingsArbitrary: fc.Arbitrary<unknown> = arbitraryOf(
  JSON.parse(readFileSync('config/settings.schema.json', 'utf8')),
);
