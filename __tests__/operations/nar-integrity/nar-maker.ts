import fc from 'fast-check';

/** A tree of files, as a NAR holds it. */
export type Tree =
  | { readonly file: Uint8Array; readonly executable?: boolean }
  | { readonly link: string }
  | { readonly directory: Readonly<Record<string, Tree>> };

/** The string of a NAR: its length, its bytes, zeros up to a multiple of 8. */
export function narString(bytes: string | Uint8Array): Buffer {
  const content = Buffer.from(bytes);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(content.length));
  return Buffer.concat([length, content, Buffer.alloc(-content.length & 7)]);
}

/** Strings of a NAR, one after the other. */
export function narStrings(...strings: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(strings.map(narString));
}

/** Makes the archive of a tree, as `nix-store --dump` does. */
export function makeNar(tree: Tree): Buffer {
  return Buffer.concat([narString('nix-archive-1'), node(tree)]);
}

function node(tree: Tree): Buffer {
  if ('link' in tree) return narStrings('(', 'type', 'symlink', 'target', tree.link, ')');
  if ('file' in tree) {
    const executable = tree.executable === true ? ['executable', ''] : [];
    return narStrings('(', 'type', 'regular', ...executable, 'contents', tree.file, ')');
  }
  const entries = Object.entries(tree.directory)
    .map(([name, child]) => [Buffer.from(name), child] as const)
    .sort(([left], [right]) => Buffer.compare(left, right));
  return Buffer.concat([
    narStrings('(', 'type', 'directory'),
    ...entries.map(([name, child]) =>
      Buffer.concat([narStrings('entry', '(', 'name', name, 'node'), node(child), narString(')')]),
    ),
    narString(')'),
  ]);
}

/** How many entries a tree has, itself included. */
export function entriesOf(tree: Tree): number {
  if (!('directory' in tree)) return 1;
  return Object.values(tree.directory).reduce((sum, child) => sum + entriesOf(child), 1);
}

const name = fc
  .oneof(fc.constantFrom('bin', 'größe', '-x', '...'), fc.string({ minLength: 1, maxLength: 9 }))
  .filter((text) => !['.', '..', '__proto__'].includes(text) && !/[/\0]/.test(text));

/** Any tree of a few files, links and directories. */
export const anyTree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ file: fc.uint8Array({ maxLength: 40 }), executable: fc.boolean() }),
    fc.record({ link: fc.string({ minLength: 1, maxLength: 20 }) }),
    fc.record({ directory: fc.dictionary(name, tie('tree'), { maxKeys: 4 }) }),
  ),
})).tree;
