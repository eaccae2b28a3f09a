import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'flywheel-recipes-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Recipe {
  readonly doc: string | null;
  readonly attributes: readonly { readonly group?: string }[];
}

function just(...args: string[]) {
  const { stdout, stderr, status } = spawnSync('node_modules/.bin/just', args, {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${folder}:/usr/bin:/bin` },
  });
  return { stdout, stderr, status };
}

describe('the recipes', () => {
  const { recipes } = JSON.parse(just('--dump', '--dump-format', 'json').stdout) as {
    recipes: Record<string, Recipe>;
  };

  test('stand in groups, each with one line of what it does', () => {
    const named = Object.entries(recipes).filter(([name]) => name !== 'default');
    for (const [name, { doc, attributes }] of named) {
      expect(`${name}: ${doc}`).toMatch(/: [A-Z].*\.$/);
      expect(['develop', 'synthesize', 'state', 'operate', 'rehearse']).toContain(
        attributes[0]?.group,
      );
    }
    expect(named.length).toBeGreaterThan(15);
  });

  test('are listed when none is named', () => {
    expect(just('--summary').stdout.trim().split(' ')).toEqual(Object.keys(recipes).toSorted());
    expect(just().stdout).toContain('Available recipes:');
  });

  test('are formatted', () => {
    expect(just('--fmt', '--check', '--unstable').status).toBe(0);
  });
});

describe('.envrc', () => {
  /** Runs it with what direnv offers, and prints what it leaves in the environment. */
  function envrc(environment: Record<string, string>, hasNode = true) {
    writeFileSync(join(folder, 'local.sh'), environment.LOCAL ?? '');
    const script = `
      has() { [ "$1" = node ] && ${hasNode}; }
      watch_file() { :; }
      source_env_if_exists() { . ${join(folder, 'local.sh')}; }
      log_status() { echo "$@" >&2; }
      . ./.envrc
      env | grep -E '^(ATTIC|BAZEL)_' | sort`;
    const { PATH = '' } = process.env;
    const { stdout, stderr, status } = spawnSync(
      'bash',
      ['--norc', '-euo', 'pipefail', '-c', script],
      {
        encoding: 'utf8',
        env: { PATH, ...environment },
      },
    );
    return { status, stderr, lines: stdout.trim().split('\n') };
  }

  test('derives the address of Attic from the settings and gives none of a Bazel cache (T4, D1, D3)', () => {
    expect(envrc({})).toEqual({
      status: 0,
      stderr: '',
      lines: [
        'ATTIC_CACHE=main',
        'ATTIC_SERVER=https://nix-cache.tinyland.dev',
        'BAZEL_REMOTE_CACHE=',
      ],
    });
  });

  test('takes an address of a Bazel cache from the person, and the settings that the person names (D1)', () => {
    const local =
      'export BAZEL_REMOTE_CACHE=grpcs://bazel.example.org FLYWHEEL_CONFIG=config/minimal.yaml';
    expect(envrc({ LOCAL: local }).lines).toEqual([
      'ATTIC_CACHE=main',
      'ATTIC_SERVER=https://nix-cache.example.org',
      'BAZEL_REMOTE_CACHE=grpcs://bazel.example.org',
    ]);
  });

  test('says what is missing where nothing is installed yet', () => {
    expect(envrc({}, false)).toEqual({
      status: 0,
      stderr: 'Attic is not attached yet: install Node, run npm ci, then direnv reload\n',
      lines: ['BAZEL_REMOTE_CACHE='],
    });
  });

  test('looks for nothing on the machine (D3)', () => {
    expect(readFileSync('.envrc', 'utf8')).not.toMatch(
      /\b(curl|dig|getent|kubectl|nslookup|ping)\b/,
    );
  });
});
