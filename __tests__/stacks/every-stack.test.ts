import { describe, expect, test } from 'vitest';
import { EXAMPLES } from '../support/examples.ts';
import { exampleContext, type Json, synthesizeStacks } from '../support/synthesized.ts';

/** What runs a program on the machine that applies, with whatever cluster its kubectl happens to know. */
const RUNS_LOCALLY = ['null_resource', 'terraform_data', 'external', 'local_file', 'shell_script'];

describe.each(EXAMPLES)('every stack of %s', (example) => {
  const stacks = Object.entries(synthesizeStacks(exampleContext(example)));

  test.each(stacks)('%s runs no program on the machine that applies it (W-A12)', (_, text) => {
    const { resource, data = {} }: Json = JSON.parse(text);
    const types = [...Object.keys(resource), ...Object.keys(data)];
    expect(types.filter((type) => RUNS_LOCALLY.includes(type))).toEqual([]);
    expect(text).not.toMatch(/"provisioner"|local-exec|remote-exec/);
  });
});
