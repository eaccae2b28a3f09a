import { buildKey, builtByAny, builtPath } from './build-key.ts';
import { findCompiler } from './compiler.ts';
import { findOnPath, isProgram } from './on-path.ts';
import { type Pin, readPin } from './pin.ts';
import { type Place, thisCheckout } from './place.ts';
import { type Program, type ProgramName, programNamed } from './programs.ts';
import { askVersion } from './said-version.ts';

export type { ProgramName } from './programs.ts';

/** Where a program is, or why it is not there and what to do. */
export type Located =
  | {
      readonly status: 'found';
      readonly program: ProgramName;
      /** Absolute. */
      readonly path: string;
      /** Without a v. */
      readonly version: string;
      readonly from: 'PATH' | 'built';
    }
  | {
      readonly status: 'missing';
      readonly program: ProgramName;
      readonly because: string;
      readonly fix: string;
    };

/**
 * Finds a program in exactly the pinned version: on PATH, as it is, or built by `just tools`. It builds nothing and asks no
 * network.
 */
export async function locate(name: ProgramName, place: Place = thisCheckout()): Promise<Located> {
  const program = programNamed(name);
  const pin = readPin(program, place.modules);
  const version = pin.versionOf(program.versionOf);
  const onPath = await lookOnPath(program, version, place);
  if (onPath.path !== undefined) {
    return { status: 'found', program: name, path: onPath.path, version, from: 'PATH' };
  }
  const built = await lookAmongBuilt(program, pin, place);
  if (built !== undefined) {
    return { status: 'found', program: name, path: built, version, from: 'built' };
  }
  return {
    status: 'missing',
    program: name,
    because: `${name} ${version} is not built, and ${onPath.because}`,
    fix: `just tools ${name}`,
  };
}

interface OnPath {
  readonly path?: string;
  /** Why none is used. */
  readonly because: string;
}

async function lookOnPath({ name, says }: Program, version: string, place: Place): Promise<OnPath> {
  if (says === undefined) return { because: `no ${name} on PATH can tell that it is the same` };
  const path = findOnPath(name, place.environment);
  if (path === undefined) return { because: `no ${name} is on PATH` };
  const said = await askVersion(path, says, place);
  if ('unknown' in said) return { because: `${path} ${said.unknown}` };
  return said.version === version
    ? { path, because: '' }
    : { because: `${path} is ${said.version}` };
}

/** Without a compiler nothing can be built anew, so a build by any compiler is the right one. */
async function lookAmongBuilt(
  program: Program,
  pin: Pin,
  place: Place,
): Promise<string | undefined> {
  const compiler = await findCompiler(program.language, pin.compiler, place);
  if (compiler.status !== 'usable') return builtByAny(program, place);
  const path = builtPath(program, buildKey(program.tool, compiler.version, place), place);
  return isProgram(path) ? path : undefined;
}
