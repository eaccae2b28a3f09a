import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { Failure } from '../../console/failure.ts';
import type { Program } from './programs.ts';

/** The file that pins a tool, read. */
export interface Pin {
  readonly file: string;
  /** The oldest compiler that builds it. */
  readonly compiler: string;
  /** Every file that binds what is built. */
  readonly bindings: readonly string[];
  /** The version, without its v, of a module or crate that the file names. */
  versionOf(name: string): string;
}

/** Reads the pin of a program from the folder of tools. */
export function readPin({ tool, language }: Program, modules: string): Pin {
  return language === 'go' ? goModule(join(modules, tool)) : crate(join(modules, tool));
}

function goModule(folder: string): Pin {
  const file = join(folder, 'go.mod');
  const lines = read(file)
    .split('\n')
    .map((line) => line.replace(/\/\/.*/, '').trim());
  const go = lines.find((line) => /^go \d/.test(line))?.slice('go '.length);
  if (go === undefined) throw unusable(file, 'says no Go version', 'go 1.26.6');
  return {
    file,
    compiler: go,
    bindings: [file, join(folder, 'go.sum')],
    versionOf: (name) => {
      const required = lines.map((line) => line.replace(/^require /, '').split(/\s+/));
      const version = required.find(([module, at]) => module === name && at?.startsWith('v'))?.[1];
      if (version === undefined) throw unusable(file, `requires no ${name}`, `require ${name} v…`);
      return version.slice(1);
    },
  };
}

function crate(folder: string): Pin {
  const file = join(folder, 'crate.toml');
  const fields = parse(read(file));
  const field = (name: string): string => {
    const value = fields[name];
    if (typeof value !== 'string') throw unusable(file, `has no ${name}`, `${name} = "…"`);
    return value;
  };
  return {
    file,
    compiler: field('rust'),
    bindings: [file],
    versionOf: (name) => {
      if (field('crate') !== name) throw unusable(file, `pins no ${name}`, `crate = "${name}"`);
      return field('version');
    },
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'an unknown error';
    throw new Failure(
      `${file} cannot be read (${code}): it pins what is built\n    restore it: git checkout ${file}`,
    );
  }
}

function unusable(file: string, what: string, example: string): Failure {
  return new Failure(`${file} ${what}\n    it needs a line like: ${example}`);
}
