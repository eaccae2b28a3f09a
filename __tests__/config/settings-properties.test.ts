import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { InvalidFile } from '../../config/problem.ts';
import { readSettings } from '../../config/read-settings.ts';
import { EXAMPLES, exampleFile } from '../support/examples.ts';
import { figure } from '../support/long.ts';

const folder = mkdtempSync(join(tmpdir(), 'flywheel-settings-'));
const file = join(folder, 'settings.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

/** `PROPERTY_RUNS=1000` looks longer. */
const RUNS = Number(process.env.PROPERTY_RUNS ?? figure(150, 1000));

const editorAccepts = new Ajv({ strict: false }).compile(
  JSON.parse(readFileSync('config/settings.schema.json', 'utf8')),
);

type Tree = { [key: string]: unknown };

/** Reads the text as settings. Whatever comes out is good or a refusal in which every line has its place. */
function outcomeOf(text: string | Uint8Array): 'good' | 'refused' {
  writeFileSync(file, text);
  try {
    readSettings(file);
    return 'good';
  } catch (error) {
    if (!(error instanceof InvalidFile)) throw error;
    const heads = error.message.split('\n').filter((line) => !line.startsWith('    '));
    expect(heads.length).toBe(error.problems.length);
    for (const head of heads) expect(head).toMatch(/^\S+:[1-9]\d*:[1-9]\d* {2}.+ must .+$/);
    return 'refused';
  }
}

/** Values that are often wrong, and any others. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    1.5,
    Number.NaN,
    '',
    ' ',
    'yes',
    '0',
    '5constructor',
    '127.0.0.1',
  ),
  fc.constantFrom<unknown>(
    'https://localhost',
    '* * * * *',
    'constructor',
    'main',
    'rustfs',
    [],
    {},
    [null],
    { a: 1 },
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Every path of a document. */
function paths(tree: unknown, path: readonly string[] = []): string[][] {
  if (typeof tree !== 'object' || tree === null) return [[...path]];
  const below = Object.entries(tree).flatMap(([key, value]) => paths(value, [...path, key]));
  return path.length === 0 ? below : [[...path], ...below];
}

function change(
  tree: Tree,
  path: readonly string[],
  edit: (parent: Tree, key: string) => void,
): Tree {
  const copy = structuredClone(tree);
  const parent = path.slice(0, -1).reduce<unknown>((value, key) => (value as Tree)?.[key], copy);
  if (typeof parent === 'object' && parent !== null) edit(parent as Tree, path.at(-1) ?? '');
  return copy;
}

const EDITS = {
  replace: (value: unknown) => (parent: Tree, key: string) => {
    parent[key] = value;
  },
  remove: () => (parent: Tree, key: string) => {
    delete parent[key];
  },
  rename: (value: unknown) => (parent: Tree, key: string) => {
    parent[JSON.stringify(value)] = parent[key];
    delete parent[key];
  },
  add: (value: unknown) => (parent: Tree) => {
    parent[`extra${JSON.stringify(value).slice(0, 5)}`] = value;
  },
};

const trees = EXAMPLES.map((name) => parse(readFileSync(exampleFile(name), 'utf8')) as Tree);

const mutated = fc.constantFrom(...trees).chain((tree) =>
  fc
    .array(
      fc.tuple(fc.constantFrom(...paths(tree)), fc.constantFrom(...Object.values(EDITS)), odd),
      {
        minLength: 1,
        maxLength: 4,
      },
    )
    .map((edits) =>
      edits.reduce((current, [path, edit, value]) => change(current, path, edit(value)), tree),
    ),
);

/** The same document with its keys in another order. */
function shuffled(tree: unknown, seed: number): unknown {
  if (Array.isArray(tree)) return tree.map((item) => shuffled(item, seed));
  if (typeof tree !== 'object' || tree === null) return tree;
  const weight = (key: string) =>
    [...key].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 1009, seed);
  const keys = Object.keys(tree).toSorted((left, right) => weight(left) - weight(right));
  return Object.fromEntries(keys.map((key) => [key, shuffled((tree as Tree)[key], seed)]));
}

describe('any settings file', () => {
  test('that is an example changed in a few places is good or refused with places', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(mutated, (tree) => {
        const text = stringify(tree);
        const outcome = outcomeOf(text);
        seen.add(outcome);
        // An editor never complains of what the program takes; both see the text, which has no undefined.
        if (outcome === 'good') expect(editorAccepts(parse(text))).toBe(true);
      }),
      { numRuns: RUNS },
    );
    expect([...seen].sort()).toEqual(['good', 'refused']);
  });

  test('that is any YAML at all is refused with places', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => outcomeOf(stringify(value)) === 'refused'),
      { numRuns: RUNS },
    );
  });

  test('that is any text at all is refused with places', () => {
    const scraps = fc.constantFrom(
      ...'organization cluster attic : - ? & * ! | > { } [ ] , # " \' %YAML --- ... << \n \t name null ~ 1 .inf \\ @ `'.split(
        ' ',
      ),
      '\n  ',
      ': ',
    );
    fc.assert(
      fc.property(
        fc.array(scraps, { maxLength: 40 }),
        (parts) => outcomeOf(parts.join('')) === 'refused',
      ),
      { numRuns: RUNS },
    );
  });

  test('that is any bytes at all is refused with places', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => outcomeOf(bytes) === 'refused'),
    );
  });

  test.each(EXAMPLES)('means the same whatever the order of its keys: %s', (name) => {
    const tree = parse(readFileSync(exampleFile(name), 'utf8'));
    const settings = readSettings(exampleFile(name));
    fc.assert(
      fc.property(fc.nat(1000), (seed) => {
        writeFileSync(file, stringify(shuffled(tree, seed)));
        expect(readSettings(file)).toEqual(settings);
      }),
      { numRuns: 5 },
    );
  });
});
