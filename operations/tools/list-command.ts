import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import type { Printer } from '../../console/printer.ts';
import { table } from '../../console/table.ts';
import { locate } from './locate.ts';
import { readPin } from './pin.ts';
import { type Place, thisCheckout } from './place.ts';
import { PROGRAMS } from './programs.ts';

/**
 * Says of every pinned program which version is pinned where, and where it is. It builds nothing.
 *
 * @returns 0, also when programs are missing
 */
export async function listTools(
  args: readonly string[],
  printer: Printer,
  place: Place = thisCheckout(),
): Promise<ExitCode> {
  const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean' } } });
  const programs = await Promise.all(
    PROGRAMS.map(async (program) => {
      const version = readPin(program, place.modules).versionOf(program.versionOf);
      const located = await locate(program.name, place);
      return { ...located, version, module: join('tools', program.tool) };
    }),
  );
  if (values.json === true) {
    printer.result(JSON.stringify(programs, undefined, 2));
    return EXIT.good;
  }
  const rows = programs.map((one) => {
    const [from, path] =
      one.status === 'found' ? [one.from, nearest(one.path)] : ['missing', `${one.fix}`];
    return [one.program, one.version, from, path, one.module];
  });
  for (const line of table(['program', 'version', 'from', 'path', 'pinned in'], rows)) {
    printer.result(line);
  }
  return EXIT.good;
}

/** A path in this checkout, as one would type it here. */
function nearest(path: string): string {
  const short = relative('', path);
  return short.startsWith('..') ? path : short;
}
