import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

/** What each part may import of the others. Arrows run one way; nothing imports the entries. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  values: [],
  console: [],
  config: ['values'],
  constructs: [
    'constructs/object-store/bucket-request.ts',
    'constructs/object-store/bucket-rules.ts',
    'config',
    'values',
  ],
  // What a bucket is like is said once: the Job and the store of a rehearsal make it so by the same script.
  'constructs/object-store/bucket-request.ts': [],
  'constructs/object-store/bucket-rules.ts': ['constructs/object-store/bucket-request.ts'],
  'constructs/object-store/ensure-buckets': [],
  backend: ['operations', 'policy', 'config', 'console', 'values'],
  'backend/state-location.ts': ['values'],
  policy: ['values'],
  stacks: [
    'backend/state-location.ts',
    'constructs/object-store/bucket-request.ts',
    'constructs',
    'config',
    'values',
  ],
  synthesis: ['stacks', 'policy', 'constructs', 'config', 'console', 'values'],
  operations: [
    'constructs/object-store/bucket-request.ts',
    'constructs/object-store/bucket-rules.ts',
    'constructs/object-store/ensure-buckets',
    'policy',
    'config',
    'console',
    'values',
  ],
  'main.ts': ['synthesis', 'stacks', 'config'],
  verbs: ['backend', 'operations', 'config', 'console'],
  'cli.ts': ['verbs', 'console'],
  bench: [
    'synthesis',
    'stacks',
    'constructs',
    'backend',
    'operations',
    'policy',
    'config',
    'console',
    'values',
    // What is applied in a benchmark stands on the same ground as what is applied in a test.
    '__tests__',
  ],
};
const PARTS = Object.keys(MAY_IMPORT);

const MAX_LINES = 400;
const SKIPPED = new Set([
  'node_modules',
  'cdktf.out',
  '.tools',
  '.rehearsal',
  '.git',
  'coverage',
  '__snapshots__',
]);
/** Names that say nothing, so that everything ends up behind them. */
const EMPTY_NAMES = /(^|[-/])(utils?|helpers?|common|misc|shared|lib)(\.ts|\/|$)/;
/** Texts that people read or programs run; what is generated or locked speaks for others. */
const TEXT = /(\.(ts|mjs|md|ya?ml|json|sh|nix|toml)|justfile|\.envrc|LICENSE|\.ci\/run)$/;
const GENERATED =
  /package-lock\.json$|\.schema\.json$|^bench\/((apply|gateway|rehearsal)-)?results\.json$|^flake\.lock$/;

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (SKIPPED.has(entry.name)) return [];
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

const FILES = filesBelow('.').sort();
const SOURCES = FILES.filter((file) => file.endsWith('.ts'));
const PROGRAM = SOURCES.filter(
  (file) => !file.startsWith('__tests__/') && !file.endsWith('.config.ts'),
);

interface Import {
  readonly from: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/** Every import of a file: static ones, with or without names, and those that are loaded later. */
function importsOf(from: string): Import[] {
  const text = readFileSync(from, 'utf8');
  const pattern =
    /^(?:import|export)\s+(type\s)?(?:[^;'"]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;
  return [...text.matchAll(pattern)].map(([, type, specifier, loaded]) => ({
    from,
    specifier: specifier ?? loaded ?? '',
    typeOnly: type !== undefined,
  }));
}

/** The part that a file belongs to: the narrowest that the table names, else its folder. */
function partOf(file: string): string {
  const parts = PARTS.filter((part) => `${file}/`.startsWith(`${part}/`));
  return parts.sort((left, right) => right.length - left.length)[0] ?? file.split('/')[0] ?? file;
}

const IMPORTS = PROGRAM.flatMap(importsOf);
const INTERNAL = IMPORTS.filter(({ specifier }) => specifier.startsWith('.')).map(
  ({ from, specifier }) => ({ from, to: normalize(join(dirname(from), specifier)) }),
);

describe('the arrows between parts', () => {
  test('are known for every part of the program', () => {
    expect([...new Set(PROGRAM.map(partOf))].filter((part) => !PARTS.includes(part))).toEqual([]);
    expect(INTERNAL.length).toBeGreaterThan(100);
  });

  test.each(PARTS)('lead from %s only to where they may', (part) => {
    const strays = INTERNAL.filter(({ from, to }) => {
      const target = partOf(to);
      return partOf(from) === part && target !== part && !MAY_IMPORT[part]?.includes(target);
    });
    expect(strays.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test('lead to no entry', () => {
    expect(INTERNAL.filter(({ to }) => /^(main|cli)\.ts$/.test(to))).toEqual([]);
  });

  test('run in one direction', () => {
    const reach = (part: string, seen: ReadonlySet<string>): string[] =>
      (MAY_IMPORT[part] ?? []).flatMap((next) => {
        const folder = next.split('/')[0] ?? next;
        return seen.has(next)
          ? [`${part} -> ${next}`]
          : [folder, ...reach(next, new Set([...seen, next]))];
      });
    const circles = PARTS.filter((part) =>
      reach(part, new Set([part])).some((found) => found.includes('->')),
    );
    expect(circles).toEqual([]);
  });
});

describe('what is imported from outside', () => {
  const external = IMPORTS.filter(({ specifier }) => !specifier.startsWith('.'));

  test('comes from provider bindings by the deep path, since the root of one takes seconds to load', () => {
    const bindings = external.filter(({ specifier }) => specifier.startsWith('@cdktf/'));
    expect(bindings.length).toBeGreaterThan(10);
    const shallow = bindings.filter(
      ({ specifier }) => !/^@cdktf\/provider-[a-z]+\/lib\/[a-z0-9-]+\/index\.js$/.test(specifier),
    );
    expect(shallow.map(({ from, specifier }) => `${from}: ${specifier}`)).toEqual([]);
  });

  test('comes from provider bindings as types only, but for the providers themselves', () => {
    const loaded = external.filter(
      ({ specifier, typeOnly }) =>
        specifier.startsWith('@cdktf/') &&
        !typeOnly &&
        !specifier.endsWith('/lib/provider/index.js'),
    );
    expect(loaded.map(({ from, specifier }) => `${from}: ${specifier}`)).toEqual([]);
  });

  test('knows CDKTF only where stacks are made', () => {
    const places = external
      .filter(({ specifier }) => specifier === 'cdktf' || specifier === 'constructs')
      .map(({ from }) => partOf(from));
    expect(
      [...new Set(places)]
        .sort()
        .filter((part) => !['bench', 'constructs', 'stacks', 'synthesis'].includes(part)),
    ).toEqual([]);
  });

  test('stays out of the values altogether', () => {
    const strangers = external.filter(
      ({ from, specifier }) => partOf(from) === 'values' && !specifier.startsWith('node:'),
    );
    expect(strangers).toEqual([]);
  });
});

describe('every file', () => {
  test(`of source has at most ${MAX_LINES} lines`, () => {
    const long = SOURCES.map((file) => ({
      file,
      lines: readFileSync(file, 'utf8').trimEnd().split('\n').length,
    }));
    expect(long.filter(({ lines }) => lines > MAX_LINES)).toEqual([]);
  });

  test('is named after an idea', () => {
    expect(FILES.filter((file) => EMPTY_NAMES.test(file))).toEqual([]);
    expect(SOURCES.filter((file) => /(^|\/)index\.ts$/.test(file))).toEqual([]);
  });

  test('with tests mirrors a part of the program', () => {
    const folders = SOURCES.filter(
      (file) => file.startsWith('__tests__/') && file.endsWith('.test.ts'),
    )
      .map((file) => relative('__tests__', dirname(file)))
      // What runs on real parts mirrors them instead, and proofs are of parts that work together.
      .filter((folder) => !['', 'real', 'backend/proofs'].includes(folder));
    const homeless = [...new Set(folders)].filter((folder) => !existsAsFolder(folder));
    expect(homeless).toEqual([]);
  });

  test('speaks of the project alone: no path of a machine, no promise without a link', () => {
    const machine = /(?<![\w.])\/(?:home(?!\/(?:me|(?:gitlab-)?runner)\b)|Users|work)\/[A-Za-z]/;
    const promise = /\b(?:TODO|FIXME|XXX)\b(?!.*https:\/\/)/;
    const found = FILES.filter(
      (file) =>
        TEXT.test(file) && !GENERATED.test(file) && file !== '__tests__/architecture.test.ts',
    ).flatMap((file) => {
      const lines = readFileSync(file, 'utf8').split('\n');
      return lines.flatMap((line, index) =>
        machine.test(line) || promise.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [],
      );
    });
    expect(found).toEqual([]);
  });
});

function existsAsFolder(folder: string): boolean {
  try {
    return statSync(folder).isDirectory();
  } catch {
    return false;
  }
}
