import { expect, test } from 'vitest';
import { outdirOf } from '../../config/outdir.ts';

test('the folder of the stacks is what the environment names, and never the project when it names nothing', () => {
  expect(outdirOf({ CDKTF_OUTDIR: 'elsewhere' })).toBe('elsewhere');
  expect(outdirOf({ CDKTF_OUTDIR: '' })).toBe('cdktf.out');
  expect(outdirOf({})).toBe('cdktf.out');
});
