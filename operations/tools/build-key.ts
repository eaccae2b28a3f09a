import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isProgram } from './on-path.ts';
import { type Pin, readPin } from './pin.ts';
import type { Place } from './place.ts';
import { PROGRAMS, type Program, type ToolName } from './programs.ts';

const KEY_LENGTH = 16;

/** What Go is told of every build, and which environment it gets in place of the machine's. */
export const GO_BUILD = {
  flags: ['-trimpath'],
  environment: {
    // The pins bind: nothing may be resolved anew, and flags of the machine do not change what is built.
    GOFLAGS: '-mod=readonly',
    GOWORK: 'off',
    GOOS: '',
    GOARCH: '',
    // As their releases are built. It also needs no C compiler.
    CGO_ENABLED: '0',
  },
} as const;

/** What the linker is told. Every build leaves out the symbol table and debugging data, which are half of its size. */
export function linkerFlags({ stamps }: Program, pin: Pin): string {
  const written = Object.entries(stamps(pin)).map(([variable, value]) => `-X ${variable}=${value}`);
  return ['-w', '-s', ...written].join(' ');
}

/**
 * The name of the folder that holds the builds of one tool: equal pins, flags and platforms share it. The compiler's version
 * stands in the open behind the hash, so that a machine without a compiler finds what was built for it.
 */
export function buildKey(tool: ToolName, compiler: string, place: Place): string {
  return `${bindingHash(tool, place)}-${compiler}`;
}

function bindingHash(tool: ToolName, { modules }: Place): string {
  const hash = createHash('sha256').update(
    `${process.platform}-${process.arch} ${JSON.stringify(GO_BUILD)}\n`,
  );
  for (const program of PROGRAMS.filter((known) => known.tool === tool)) {
    const pin = readPin(program, modules);
    hash.update(`${program.name} ${program.source} ${linkerFlags(program, pin)}\n`);
    for (const file of pin.bindings) hash.update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, KEY_LENGTH);
}

/** Where a program with a key stands, once it is built. */
export function builtPath({ name, tool }: Program, key: string, { built }: Place): string {
  return join(built, tool, key, name);
}

/** A build for the present pins by whatever compiler there was. */
export function builtByAny(program: Program, place: Place): string | undefined {
  const hash = bindingHash(program.tool, place);
  return keysOf(program.tool, place)
    .filter((key) => key.startsWith(`${hash}-`))
    .map((key) => builtPath(program, key, place))
    .find(isProgram);
}

/** The keys that a tool has builds of. */
export function keysOf(tool: ToolName, { built }: Place): string[] {
  try {
    return readdirSync(join(built, tool)).filter((name) => /^[0-9a-f]{16}-[\d.]+$/.test(name));
  } catch {
    return [];
  }
}
