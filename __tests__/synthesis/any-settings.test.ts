import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { readCharts } from '../../config/charts.ts';
import { readImages } from '../../config/images.ts';
import { readSettings } from '../../config/read-settings.ts';
import { defineStacks } from '../../stacks/all-stacks.ts';
import { runSynthesis } from '../../synthesis/run.ts';
import { EXAMPLES, exampleFile } from '../support/examples.ts';
import { figure } from '../support/long.ts';
import { settingsArbitrary } from '../support/settings-arbitrary.ts';

/** `PROPERTY_RUNS=1000` looks longer. */
const RUNS = Number(process.env.PROPERTY_RUNS ?? figure(12, 200));

const folder = mkdtempSync(join(tmpdir(), 'flywheel-any-'));
const file = join(folder, 'settings.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

const images = readImages();
const charts = readCharts();

/** A problem that a person can go to. */
const PLACED = /^\S+\.yaml:\d+:\d+ {2}\S/;

type Tree = Record<string, unknown>;

/** Runs the whole synthesis on a settings file; a defect of ours comes out as what it threw. */
function outcomeOf(settings: unknown): { readonly code: number; readonly problems: string[] } {
  writeFileSync(file, stringify(settings));
  const problems: string[] = [];
  const printer = { result: () => {}, problem: (line: string) => void problems.push(line) };
  const code = runSynthesis(
    ['synth'],
    () => {
      const context = { settings: readSettings(file), images, charts };
      const define = (app: Parameters<typeof defineStacks>[0]) => defineStacks(app, context);
      return { file, outdir: join(folder, 'out'), context, define };
    },
    printer,
  );
  return { code, problems };
}

/** The paths of parts that are no deeper than four keys. */
function partsOf(tree: unknown, path: readonly string[] = []): string[][] {
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree) || path.length === 4)
    return [[...path]];
  const below = Object.entries(tree).flatMap(([key, value]) => partsOf(value, [...path, key]));
  return path.length < 2 ? below : [[...path], ...below];
}

/** A tree with some parts of another one in it. */
function grafted(tree: Tree, other: Tree, paths: readonly (readonly string[])[]): Tree {
  const result = structuredClone(tree);
  for (const path of paths) {
    const value = path.reduce<unknown>((part, key) => (part as Tree)?.[key], other);
    const parent = path.slice(0, -1).reduce<Tree>((part, key) => {
      if (typeof part[key] !== 'object' || part[key] === null) part[key] = {};
      return part[key] as Tree;
    }, result);
    parent[path.at(-1) ?? ''] = value;
  }
  return result;
}

const examples = EXAMPLES.map((name) => parse(readFileSync(exampleFile(name), 'utf8')) as Tree);

/** An example in which some parts are replaced by generated ones of the right shape. */
const variedExample = fc
  .tuple(fc.constantFrom(...examples), settingsArbitrary as fc.Arbitrary<Tree>)
  .chain(([tree, other]) =>
    fc
      .subarray(partsOf(other), { minLength: 1, maxLength: 4 })
      .map((paths) => grafted(tree, other, paths)),
  );

describe('any settings', () => {
  test.each([
    ['of the right shape', settingsArbitrary],
    ['that differ from an example in a few parts', variedExample],
  ])(
    '%s are refused with the place of every problem, end in findings, or become four stacks, and never end in a stack trace',
    (_, arbitrary) => {
      fc.assert(
        fc.property(arbitrary, (settings) => {
          const { code, problems } = outcomeOf(settings);
          expect([0, 2, 64]).toContain(code);
          const placed = problems.filter((line) => PLACED.test(line));
          if (code === 64) expect(placed).toEqual(problems);
        }),
        { numRuns: RUNS },
      );
    },
  );
});
