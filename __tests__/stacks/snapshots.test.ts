import { describe, expect, test } from 'vitest';
import { EXAMPLES } from '../support/examples.ts';
import { exampleContext, synthesizeStacks } from '../support/synthesized.ts';

// A snapshot is reviewed like the apply it stands for. The facts that must not drift under `vitest -u` are asserted by name in
// the other files of this folder.
describe.each(EXAMPLES)('the stacks of %s', (example) => {
  const stacks = synthesizeStacks(exampleContext(example));

  test.each(Object.keys(stacks))('%s is what was reviewed (W-C18)', async (stack) => {
    const text = stacks[stack] ?? '';
    await expect(text).toMatchFileSnapshot(`__snapshots__/${example}/${stack}.tf.json`);
  });
});
