import type { TestContext } from 'vitest';
import { findOnPath } from '../../../operations/tools/on-path.ts';

/** A program that nothing here builds: a test that needs it is run where it is on PATH, and says why where it is not. */
export function needsOnPath({ skip }: TestContext, name: string, because: string): string {
  return findOnPath(name, process.env) ?? skip(`no ${name} is on PATH, and ${because}`);
}
