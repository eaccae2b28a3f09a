import { missingOf, requireInstalled } from '../installed.ts';
import { PARTS, type PartName } from './parts.ts';

/** Where the programs of a cluster are. */
export type ProgramPaths = Readonly<Record<PartName, string>>;

/** The programs of a cluster that are not there, as sentences; empty when all are. */
export function missingPrograms(): Promise<string[]> {
  return missingOf(PARTS);
}

/**
 * Finds every program of a cluster.
 *
 * @throws Failure that names all that are missing
 */
export function requirePrograms(): Promise<ProgramPaths> {
  return requireInstalled('cluster', PARTS);
}
