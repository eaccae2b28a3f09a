import { InvalidFile } from '../../config/problem.ts';
import { InvalidValue } from '../../values/invalid-value.ts';

/** What a function says when it refuses what it was given; anything else it throws, or nothing, fails the test. */
export function refusalOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof InvalidValue || error instanceof InvalidFile) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}
