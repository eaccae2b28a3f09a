import { Failure } from '../../console/failure.ts';
import { locate, type ProgramName } from '../tools/locate.ts';

/** The programs that are not there, as sentences; empty when all are. */
export async function missingOf(programs: readonly ProgramName[]): Promise<string[]> {
  const all = await Promise.all(programs.map((program) => locate(program)));
  return all.flatMap((located) =>
    located.status === 'missing' ? [`${located.because} (${located.fix})`] : [],
  );
}

/**
 * Finds programs.
 *
 * @param noun what needs them
 * @throws Failure that names all that are missing
 */
export async function requireInstalled<Name extends ProgramName>(
  noun: string,
  programs: readonly Name[],
): Promise<Readonly<Record<Name, string>>> {
  const all = await Promise.all(programs.map((program) => locate(program)));
  const missing = all.filter((located) => located.status === 'missing');
  if (missing.length > 0) {
    throw new Failure(
      [
        `a rehearsal ${noun} needs programs that are not there:`,
        ...missing.map(({ because, fix }) => `    ${because}\n        run ${fix}`),
      ].join('\n'),
    );
  }
  const found = all.flatMap((located) =>
    located.status === 'found' ? [[located.program, located.path]] : [],
  );
  return Object.fromEntries(found) as Readonly<Record<Name, string>>;
}
