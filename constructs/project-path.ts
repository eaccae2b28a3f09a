import { resolve } from 'node:path';

/**
 * A file of the project, by its path from the root.
 *
 * Every command runs in the root (npm, just and the CDKTF CLI see to that), and the bundle in which synthesis runs lies
 * elsewhere, so the working directory is the one anchor that holds for both.
 */
export function projectPath(relative: string): string {
  return resolve(process.cwd(), relative);
}
