import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildKey, builtPath, GO_BUILD, keysOf, linkerFlags } from './build-key.ts';
import type { Compiler } from './compiler.ts';
import { type Run, runCompiler } from './compiler-run.ts';
import { onFiles } from './file-trouble.ts';
import { findOnPath } from './on-path.ts';
import type { Pin } from './pin.ts';
import type { Place } from './place.ts';
import type { Program, ToolName } from './programs.ts';
import { askVersion } from './said-version.ts';

/** One program to build, and by what. */
export interface Order {
  readonly program: Program;
  readonly pin: Pin;
  readonly compiler: Extract<Compiler, { status: 'usable' }>;
}

/** Where a build puts what is not whole yet. Only the holder of the lock writes there. */
export function unfinishedFolder({ built }: Place): string {
  return join(built, 'unfinished');
}

/**
 * Builds one program, puts it in its place whole, and removes what other pins or compilers have left of its tool.
 *
 * @returns what went wrong, or nothing
 */
export async function build(order: Order, place: Place): Promise<string | undefined> {
  const { program, compiler } = order;
  const unfinished = unfinishedFolder(place);
  const scratch = join(unfinished, 'scratch');
  const whole = join(unfinished, 'bin', program.name);
  onFiles(place.built, () => {
    rmSync(unfinished, { recursive: true, force: true, maxRetries: 3 });
    for (const folder of [scratch, dirname(whole)]) mkdirSync(folder, { recursive: true });
  });
  const run = RUNS[program.language](order, place, { whole, scratch });
  if (typeof run === 'string') return run;
  const { isGood, tail } = await runCompiler(run);
  if (!isGood) return diagnosis(tail);
  const lie = await misstatement(order, whole, place);
  if (lie !== undefined) return lie;
  const key = buildKey(program.tool, compiler.version, place);
  onFiles(place.built, () => {
    const path = builtPath(program, key, place);
    mkdirSync(dirname(path), { recursive: true });
    renameSync(whole, path);
    removeOthers(program, key, place);
    rmSync(unfinished, { recursive: true, force: true, maxRetries: 3 });
  });
  return undefined;
}

/** Why a built program may not be trusted to be what its pin says: it does not run here, or it says something else. */
async function misstatement(
  { program, pin }: Order,
  path: string,
  place: Place,
): Promise<string | undefined> {
  if (program.says === undefined) return undefined;
  const version = pin.versionOf(program.versionOf);
  const said = await askVersion(path, program.says, place);
  if ('version' in said && said.version === version) return undefined;
  const what = 'unknown' in said ? `it ${said.unknown}` : `it says that it is ${said.version}`;
  return `${what}, and should say ${version}\n    its row in operations/tools/programs.ts no longer fits it`;
}

function removeOthers({ tool }: Program, key: string, place: Place): void {
  for (const other of keysOf(tool, place).filter((name) => name !== key)) {
    rmSync(join(place.built, tool, other), { recursive: true, force: true });
  }
  rmSync(targetFolder(tool, place), { recursive: true, force: true });
}

/** Where Cargo keeps what it has compiled so far: an interrupted build of half an hour goes on from there. */
function targetFolder(tool: ToolName, { built }: Place): string {
  return join(built, tool, 'target');
}

interface Paths {
  readonly whole: string;
  readonly scratch: string;
}

/** How each language builds: what to start, or what is missing for it. */
const RUNS: Readonly<
  Record<Program['language'], (order: Order, place: Place, paths: Paths) => Run | string>
> = {
  go: ({ program, pin, compiler }, { modules, environment }, { whole, scratch }) => ({
    command: compiler.path,
    args: [
      'build',
      ...GO_BUILD.flags,
      '-ldflags',
      linkerFlags(program, pin),
      '-o',
      whole,
      program.source,
    ],
    folder: join(modules, program.tool),
    environment: {
      ...environment,
      ...GO_BUILD.environment,
      GOTMPDIR: scratch,
    },
  }),
  rust: ({ program, pin }, place, { whole, scratch }) => {
    const { environment } = place;
    const cargo = findOnPath('cargo', environment);
    if (cargo === undefined)
      return 'cargo is not on PATH: install it with Rust (https://rustup.rs)';
    if (environment.PROTOC === undefined && findOnPath('protoc', environment) === undefined) {
      return 'protoc is not on PATH: install the Protocol Buffers compiler (https://protobuf.dev/installation)';
    }
    const version = `=${pin.versionOf(program.versionOf)}`;
    const root = dirname(dirname(whole));
    return {
      command: cargo,
      args: [
        'install',
        program.source,
        '--version',
        version,
        '--locked',
        '--no-track',
        '--root',
        root,
      ],
      folder: scratch,
      environment: { ...environment, CARGO_TARGET_DIR: targetFolder(program.tool, place) },
    };
  },
};

/** What is known of failures that are not the compiler's. */
const CAUSES: readonly (readonly [pattern: RegExp, sentence: string])[] = [
  [/no space left on device|disk quota exceeded/i, 'the disk is full: free some and run it again'],
  [
    /missing go\.sum entry|updates to go\.mod needed|checksum mismatch|go: .*-mod=readonly/,
    'the pins do not bind all that is needed: run go mod tidy in its folder, and read what changes',
  ],
  [
    /dial tcp|no such host|i\/o timeout|connection refused|TLS handshake|Could not resolve host/,
    'what it is built from could not be fetched: is the network there, and GOPROXY right?',
  ],
];

function diagnosis(tail: string): string {
  const cause = CAUSES.find(([pattern]) => pattern.test(tail))?.[1];
  const lines = tail.split('\n').map((line) => `    ${line}`);
  return [cause ?? 'the compiler ended with an error', ...lines].join('\n');
}
