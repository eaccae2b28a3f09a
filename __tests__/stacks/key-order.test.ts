import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { readSettings } from '../../config/read-settings.ts';
import { EXAMPLES, exampleFile } from '../support/examples.ts';
import { exampleContext, synthesizeStacks } from '../support/synthesized.ts';

const folder = mkdtempSync(join(tmpdir(), 'flywheel-order-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The same document with the keys of every map the other way round. */
function reversed(tree: unknown): unknown {
  if (Array.isArray(tree)) return tree.map(reversed);
  if (typeof tree !== 'object' || tree === null) return tree;
  const entries = Object.entries(tree).map(([key, value]) => [key, reversed(value)]);
  return Object.fromEntries(entries.toReversed());
}

describe('the bytes of every stack', () => {
  test.each(EXAMPLES)('are the same whatever the order of keys in the settings: %s', (example) => {
    const file = join(folder, `${example}.yaml`);
    writeFileSync(file, stringify(reversed(parse(readFileSync(exampleFile(example), 'utf8')))));
    const settings = readSettings(file);
    const inOrder = synthesizeStacks(exampleContext(example));
    expect(synthesizeStacks(exampleContext(example, () => settings))).toEqual(inOrder);
  });

  test.each(EXAMPLES)('are the same every time: %s', (example) => {
    expect(synthesizeStacks(exampleContext(example))).toEqual(
      synthesizeStacks(exampleContext(example)),
    );
  });
});
