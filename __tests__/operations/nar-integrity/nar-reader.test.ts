import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NarReader } from '../../../operations/nar-integrity/nar-reader.ts';
import { figure } from '../../support/long.ts';
import { realPath } from './fixtures.ts';
import { anyTree, entriesOf, makeNar, narString, narStrings, type Tree } from './nar-maker.ts';

const RUNS = figure(40, 2000);

function read(bytes: Uint8Array, size = bytes.length || 1) {
  const reader = new NarReader();
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
  return { fault: reader.end(), entries: reader.entries };
}

const TREE: Tree = {
  directory: {
    bin: { directory: { hello: { file: Buffer.from('echo hello\n'), executable: true } } },
    link: { link: 'bin/hello' },
    'z-empty': { file: new Uint8Array() },
  },
};
const NAR = makeNar(TREE);

/** An archive whose root is a directory that holds what is given. */
const inDirectory = (...strings: readonly (string | Uint8Array)[]) =>
  narStrings('nix-archive-1', '(', 'type', 'directory', ...strings);

describe('a NAR', () => {
  test('that Nix has made is read (R4)', () => {
    expect(read(realPath('none').body)).toEqual({ fault: undefined, entries: 10 });
  });

  test('of any tree is read, in pieces of any size (R4)', () => {
    fc.assert(
      fc.property(anyTree, fc.integer({ min: 1, max: 50 }), (tree, size) => {
        expect(read(makeNar(tree), size)).toEqual({ fault: undefined, entries: entriesOf(tree) });
      }),
      { numRuns: RUNS },
    );
  });

  test('of any tree is told from each of its beginnings (R4)', () => {
    fc.assert(
      fc.property(anyTree, fc.nat(), (tree, cut) => {
        const nar = makeNar(tree);
        const length = cut % nar.length;
        expect(read(nar.subarray(0, length)).fault).toMatchObject({
          kind: 'truncated',
          offset: length,
        });
      }),
      { numRuns: RUNS },
    );
  });

  test('of any tree is told from itself with something after it (R4)', () => {
    fc.assert(
      fc.property(anyTree, fc.uint8Array({ minLength: 1, maxLength: 9 }), (tree, rest) => {
        const nar = makeNar(tree);
        expect(read(Buffer.concat([nar, rest]), 7).fault).toEqual({
          kind: 'malformed',
          offset: nar.length,
          entry: '/',
          problem: 'has something after its end',
        });
      }),
      { numRuns: RUNS },
    );
  });

  test('stays readable with a flipped byte only where it is a byte of a file, a name or a link', () => {
    const open = Buffer.from('echo hello\nbin/hello link z-empty');
    let unseen = 0;
    for (let at = 0; at < NAR.length; at += 1) {
      const flipped = Buffer.from(NAR);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      if (read(flipped).fault !== undefined) continue;
      unseen += 1;
      expect(open).toContain(NAR[at]);
    }
    expect(unseen).toBeGreaterThan(0);
  });

  test('that ends too early is told by the byte, the entry and what is missing there (R4)', () => {
    const at = NAR.indexOf('echo hello') + 4;
    expect(read(NAR.subarray(0, at)).fault).toEqual({
      kind: 'truncated',
      offset: at,
      entry: '/bin/hello',
      problem: 'ends within the 11 bytes of a file, of which 7 bytes are missing',
    });
    expect(read(new Uint8Array()).fault).toMatchObject({
      kind: 'truncated',
      offset: 0,
      entry: '/',
    });
  });

  test.each<[string, Buffer, string]>([
    [
      'another magic',
      narString('nix-archive-2'),
      'has "nix-archive-2" in the place of "nix-archive-1"',
    ],
    [
      'a page of HTML',
      Buffer.from('<html><body>not found</body>'),
      'bytes in the place of "nix-archive-1"',
    ],
    [
      'another type',
      narStrings('nix-archive-1', '(', 'type', 'socket'),
      'has "socket" in the place of "regular"',
    ],
    [
      'a long word',
      narStrings('nix-archive-1', '(', 'type', 'x'.repeat(99)),
      'has 99 bytes in the place of',
    ],
    [
      'a link to nothing',
      narStrings('nix-archive-1', '(', 'type', 'symlink', 'target', ''),
      'has nothing in the place of the target of a link',
    ],
    [
      'a file without end',
      narStrings('nix-archive-1', '(', 'type', 'regular', 'contents', 'x', 'x'),
      'has "x" in the place of ")"',
    ],
    [
      'an entry without name',
      inDirectory('entry', '(', 'name', ''),
      'has nothing in the place of the name of an entry',
    ],
    [
      'an entry that leads out',
      inDirectory('entry', '(', 'name', '..'),
      'has an entry that no file may be called: ".."',
    ],
    [
      'an entry with a slash',
      inDirectory('entry', '(', 'name', 'a/b'),
      'has an entry that no file may be called: "a/b"',
    ],
    [
      'an entry with a zero',
      inDirectory('entry', '(', 'name', 'a\0'),
      'has an entry that no file may be called: "a\\u0000"',
    ],
    [
      'an entry twice',
      inDirectory(...entry('a'), 'entry', '(', 'name', 'a'),
      'has an entry out of order: "a"',
    ],
    [
      'entries out of order',
      inDirectory(...entry('b'), 'entry', '(', 'name', 'a'),
      'has an entry out of order: "a"',
    ],
  ])('is not %s (R4)', (_, nar, problem) => {
    expect(read(nar).fault).toMatchObject({
      kind: 'malformed',
      problem: expect.stringContaining(problem),
    });
  });

  test('is filled up with zeros and nothing else', () => {
    const nar = Buffer.from(NAR);
    nar[NAR.indexOf('echo hello') + 11] = 1;
    expect(read(nar).fault).toMatchObject({
      kind: 'malformed',
      entry: '/bin/hello',
      problem: 'is not filled up with zeros',
    });
  });

  test('is no deeper than any path can be', () => {
    const level = narStrings('entry', '(', 'name', 'd', 'node', '(', 'type', 'directory');
    const deep = Buffer.concat([inDirectory(), ...Array.from({ length: 3000 }, () => level)]);
    expect(read(deep).fault).toMatchObject({
      kind: 'malformed',
      problem: 'is deeper than 2048 levels',
    });
  });

  test('takes the place of what moves the cursor in a name', () => {
    const nar = inDirectory('entry', '(', 'name', 'a\u001b[2J', 'node', '(', 'type', 'x');
    expect(read(nar).fault?.entry).toBe('/a\\u001b[2J');
  });
});

function entry(name: string): string[] {
  return ['entry', '(', 'name', name, 'node', '(', 'type', 'symlink', 'target', 't', ')', ')'];
}
