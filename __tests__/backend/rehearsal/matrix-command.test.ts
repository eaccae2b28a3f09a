import { expect, test } from 'vitest';
import { writeMatrix } from '../../../backend/rehearsal/matrix-command.ts';
import { EXIT } from '../../../console/exit-code.ts';

test('a check of the matrix writes nothing, so it records nothing', async () => {
  const printer = { result: () => {}, problem: () => {} };
  const refused = writeMatrix(['--check', '--record'], printer);
  await expect(refused).rejects.toMatchObject({ exitCode: EXIT.usage });
  await expect(refused).rejects.toThrow('--check writes nothing: it does not go with --record');
});
