import { EXIT } from '../../../console/exit-code.ts';
import { Failure } from '../../../console/failure.ts';

/** The one stack that the words name. */
export function oneStack(words: readonly string[]): string {
  const [stack, ...more] = words;
  if (stack === undefined) throw new Failure('name the stack', EXIT.usage);
  if (more.length > 0) throw new Failure(`this is too much: ${more.join(' ')}`, EXIT.usage);
  return stack;
}
