import { Failure } from '../../console/failure.ts';

const NEED =
  'all tools together need 6 GB while they are built, most of it in the caches of the compiler';
const ELSEWHERE = 'use a checkout of your own, or put the programs on PATH';

/** What the operating system says when it cannot write, and what a person can do. */
const TROUBLES: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  ENOSPC: ['the disk is full', NEED],
  EDQUOT: ['the quota of the disk is used up', NEED],
  EROFS: ['the disk can only be read', ELSEWHERE],
  EACCES: ['it is not yours to write', ELSEWHERE],
  EPERM: ['it is not yours to write', ELSEWHERE],
  EEXIST: ['a file is in the way', 'move it away'],
  ENOTDIR: ['a file is in the way', 'move it away'],
};

/** Does something to files below a folder, and says in a sentence what stood against it. */
export function onFiles<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw explained(folder, error);
  }
}

/** The sentence for an error of the file system; any other error as it is. */
export function explained(folder: string, error: unknown): unknown {
  const trouble = TROUBLES[(error as NodeJS.ErrnoException).code ?? ''];
  if (trouble === undefined) return error;
  const [what, remedy] = trouble;
  return new Failure(`nothing can be written to ${folder}: ${what}\n    ${remedy}`);
}
