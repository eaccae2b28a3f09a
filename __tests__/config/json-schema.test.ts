import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse, parseDocument } from 'yaml';
import { jsonSchemaText, SCHEMA_FILES } from '../../config/json-schema.ts';
import { EXAMPLES, exampleFile } from '../support/examples.ts';
import { BROKEN_FILES } from './broken-files.ts';
import { BROKEN_RELATIONS } from './broken-relations.ts';
import { BROKEN_RUNNERS } from './broken-runners.ts';
import type { BrokenSettings } from './broken-settings.ts';
import { BROKEN_SHAPES } from './broken-shapes.ts';
import { BROKEN_VALUES } from './broken-values.ts';

interface Node {
  readonly description?: string;
  readonly default?: unknown;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly oneOf?: readonly Node[];
}

// A validator by other hands than those that make the schema. Draft 7 knows `format` and `examples` as annotations; what is unknown to it would be a mistake of ours.
const ajv = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false });
const SCHEMAS = SCHEMA_FILES.map(({ file }) => ({
  file,
  schema: JSON.parse(readFileSync(file, 'utf8')) as Node,
}));
const [settings, eligibility] = SCHEMAS.map(({ schema }) => ajv.compile(schema));

/** What only the program can see: relations between fields, and the finer points of a notation. */
const PROGRAM_ONLY = [
  'a number that is none',
  'an amount of nothing',
  'a minute that does not exist',
  'a duration of another product',
  'a duration beyond 32 bits',
  'a collector without a pause',
  'loopback for pods',
  'a bind address for pods',
  'a name that depends on the namespace',
  'a request above its limit',
  'a request above the limit of its runner type',
  'a minimum above its maximum',
  'a default above a maximum',
  'a level that the compression lacks',
  'a privileged type without a reason',
  'an operator lane for everybody',
  'a StorageClass named and defined',
  'two keys of one name',
];

function editorAccepts({ text }: BrokenSettings): boolean {
  const document = parseDocument(text.toString());
  return document.errors.length === 0 && settings?.(document.toJS()) === true;
}

/** Every field with its path, and whether it may be left out. */
function fields(node: Node, path = ''): { path: string; field: Node; optional: boolean }[] {
  const named = Object.entries(node.properties ?? {}).map(([key, field]) => ({
    path: `${path}.${key}`,
    field,
    optional: !(node.required ?? []).includes(key),
  }));
  const repeated = [node.items, node.additionalProperties]
    .filter((field): field is Node => typeof field === 'object')
    .map((field) => ({ path: `${path}.*`, field, optional: false }));
  const here = [...named, ...repeated];
  const options = (node.oneOf ?? []).flatMap((option) => fields(option, path));
  return [...here, ...here.flatMap(({ path: at, field }) => fields(field, at)), ...options];
}

describe.each(SCHEMA_FILES)('$file', ({ file, title, schema }) => {
  test('is what the schema of the program says; `just schema` writes it anew', () => {
    expect(readFileSync(file, 'utf8')).toBe(jsonSchemaText(title, schema));
  });
});

describe.each(SCHEMAS)('the fields of $file', ({ schema }) => {
  const all = fields(schema);

  test('have a description each', () => {
    expect(all.length).toBeGreaterThan(5);
    expect(all.filter(({ field }) => field.description === undefined)).toEqual([]);
    expect(schema.description).toBeDefined();
  });

  test('say what happens without them', () => {
    const silent = all.filter(
      ({ field, optional }) =>
        optional && field.default === undefined && !/[Ww]ithout /.test(field.description ?? ''),
    );
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  test('describe themselves in sentences', () => {
    const odd = all.filter(({ field }) => !/^[^ ].*\.$/.test(field.description ?? ''));
    expect(odd.map(({ path, field }) => `${path}: ${field.description}`)).toEqual([]);
  });
});

describe('an editor that checks settings', () => {
  test.each(EXAMPLES)('accepts the shipped example %s, which names the schema', (name) => {
    const text = readFileSync(exampleFile(name), 'utf8');
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=./settings.schema.json');
    settings?.(parse(text));
    expect(settings?.errors).toBeNull();
  });

  const visible = [...BROKEN_VALUES, ...BROKEN_SHAPES].filter(
    ({ kind }) => !PROGRAM_ONLY.includes(kind),
  );

  test.each(visible)('refuses $kind', (broken) => {
    expect(editorAccepts(broken)).toBe(false);
  });

  test('leaves to the program what only the program sees', () => {
    const accepted = [...BROKEN_VALUES, ...BROKEN_SHAPES].filter(editorAccepts);
    expect(accepted.map(({ kind }) => kind)).toEqual(
      PROGRAM_ONLY.filter((kind) => kind !== 'a number that is none'),
    );
    const relations = [...BROKEN_RELATIONS, ...BROKEN_RUNNERS];
    expect(relations.filter((broken) => !editorAccepts(broken))).toEqual([]);
    expect(BROKEN_FILES.length).toBeGreaterThan(20);
  });
});

describe('an editor that checks the targets of remote execution', () => {
  test('accepts the shipped file, which names the schema', () => {
    const file = JSON.parse(readFileSync('config/rbe-target-eligibility.json', 'utf8'));
    expect(file.$schema).toBe('./rbe-target-eligibility.schema.json');
    eligibility?.(file);
    expect(eligibility?.errors).toBeNull();
  });

  test.each([
    ['no evidence', { targets: ['//lib/...'], eligible: true }],
    ['no reason', { targets: ['//lib/...'], eligible: false }],
    ['no targets', { targets: [], eligible: false, reason: 'x'.repeat(20) }],
    ['a label that is none', { targets: ['lib'], eligible: false, reason: 'x'.repeat(20) }],
  ])('refuses a class with %s', (_, targetClass) => {
    expect(eligibility?.({ classes: { a: targetClass } })).toBe(false);
  });
});
