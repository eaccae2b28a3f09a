import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { linkerFlags } from '../../../operations/tools/build-key.ts';
import { readPin } from '../../../operations/tools/pin.ts';
import { PROGRAMS, programNamed } from '../../../operations/tools/programs.ts';
import { FakeMachine } from './fake-machine.ts';

const GO_PROGRAMS = PROGRAMS.filter(({ language }) => language === 'go');

describe('the pins of this project', () => {
  test.each(PROGRAMS)('bind the version of $name', (program) => {
    const pin = readPin(program, 'tools');
    expect(pin.versionOf(program.versionOf)).toMatch(/^\d+\.\d+\.\d+(-\d{14}-[0-9a-f]{12})?$/);
    expect(pin.bindings.filter((file) => !existsSync(file))).toEqual([]);
    expect(linkerFlags(program, pin)).not.toMatch(/=v?( |$)/);
  });

  test.each(GO_PROGRAMS)(
    'name the package of $name as a tool, and say why it is here',
    (program) => {
      const text = readFileSync(join('tools', program.tool, 'go.mod'), 'utf8');
      expect(text.slice(0, text.indexOf('\ngo '))).toMatch(
        /^(\/\/ .*\n)*\/\/ .*\.\nmodule flywheel\/tools\/[\w-]+\n$/,
      );
      const tools = [...text.matchAll(/^(?:tool)?\s+([\w./-]+)$/gm)].map(([, path]) => path);
      expect(tools).toContain(program.source);
    },
  );

  test('are all known', () => {
    const pinned = readdirSync('tools').filter((tool) =>
      ['go.mod', 'crate.toml'].some((file) => existsSync(join('tools', tool, file))),
    );
    expect(pinned.toSorted()).toEqual([...new Set(PROGRAMS.map(({ tool }) => tool))].toSorted());
  });
});

describe('a pin', () => {
  test.each<[string, string, string, string]>([
    [
      'lacks its module',
      'go.etcd.io/etcd/server/v3',
      'go.etcd.io/etcd/other',
      'requires no go.etcd.io/etcd/server/v3\n    it needs a line like: require go.etcd.io/etcd/server/v3 v…',
    ],
    [
      'lacks the version of Go',
      'go 1.26.6',
      '',
      'says no Go version\n    it needs a line like: go 1.26.6',
    ],
  ])('that %s is refused in a sentence', (_, from, to, sentence) => {
    const machine = new FakeMachine();
    try {
      machine.repin('etcd', from, to);
      const program = programNamed('etcd');
      expect(() => readPin(program, machine.modules).versionOf(program.versionOf)).toThrow(
        `${join(machine.modules, 'etcd', 'go.mod')} ${sentence}`,
      );
    } finally {
      machine.remove();
    }
  });

  test('that is gone is refused in a sentence', () => {
    expect(() => readPin(programNamed('etcd'), 'nowhere')).toThrow(
      'nowhere/etcd/go.mod cannot be read (ENOENT): it pins what is built\n    restore it: git checkout nowhere/etcd/go.mod',
    );
  });
});
