import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly inBundle?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const LOCK_FILES = [
  'package-lock.json',
  'tools/cdktf-cli/package-lock.json',
  'tools/gitlab-ci-local/package-lock.json',
];

test.each(LOCK_FILES)(
  '%s holds the packages of every platform, so that npm ci takes it everywhere',
  (file) => {
    const { packages } = JSON.parse(readFileSync(file, 'utf8')) as {
      packages: Record<string, LockedPackage>;
    };
    const missing = Object.values(packages)
      .flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}))
      .filter(
        (name) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)),
      );
    expect(missing).toEqual([]);
  },
);

test.each(LOCK_FILES)('%s names no host, so that each machine asks its own registry', (file) => {
  expect(readFileSync(file, 'utf8')).not.toMatch(/"resolved": "(https?|git)/);
});

test.each(LOCK_FILES)(
  '%s knows by its hash every package that the pipeline downloads (W-C3)',
  (file) => {
    const { packages } = JSON.parse(readFileSync(file, 'utf8')) as {
      packages: Record<string, LockedPackage>;
    };
    // Those of `just` for other machines are named without one: npm takes them as they come.
    const forPipeline = ({ os = ['linux'], cpu = ['x64'] }: LockedPackage) =>
      os.includes('linux') && cpu.includes('x64');
    const unknown = Object.entries(packages).filter(
      ([path, entry]) =>
        path.includes('node_modules/') &&
        entry.version !== undefined &&
        entry.integrity === undefined &&
        entry.inBundle !== true &&
        forPipeline(entry),
    );
    expect(unknown.map(([path]) => path)).toEqual([]);
  },
);
