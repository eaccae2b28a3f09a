import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const SCRIPT = 'constructs/attic-cache/warm-cache.sh';
const HASH = '0123456789abcdfghijklmnpqrsvwxyz';
const OUT = `/nix/store/${HASH}-hello`;
const folder = mkdtempSync(join(tmpdir(), 'flywheel-warming-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the programs answer that the script calls: they are not ours, and not everywhere. */
interface Answers {
  readonly builds?: boolean;
  readonly pushes?: boolean;
  readonly narinfo?: string;
  readonly body?: boolean;
  readonly signatures?: string;
}

let runs = 0;

function warm({ builds = true, pushes = true, ...answers }: Answers, ...installables: string[]) {
  runs += 1;
  const bin = mkdtempSync(join(folder, `${runs}-`));
  const log = join(bin, 'log');
  const program = (name: string, lines: readonly string[]) => {
    writeFileSync(
      join(bin, name),
      ['#!/bin/sh', `echo "${name} $*" >> ${log}`, ...lines].join('\n'),
    );
    chmodSync(join(bin, name), 0o755);
  };
  program('nix', [
    'case $1 in',
    `build) ${builds ? `echo ${OUT}` : 'exit 1'} ;;`,
    `shell) ${pushes ? 'exit 0' : 'exit 1'} ;;`,
    `path-info) echo "$3 ${answers.signatures ?? ''}" ;;`,
    'esac',
  ]);
  program('curl', [
    `cat >> ${log}`,
    'case $* in',
    `*narinfo) ${answers.narinfo === undefined ? 'exit 22' : `echo "${answers.narinfo}"`} ;;`,
    `*) exit ${answers.body === false ? 18 : 0} ;;`,
    'esac',
  ]);
  writeFileSync(join(bin, 'token'), 'the-token\n');
  const { status, stdout, stderr } = spawnSync(
    'sh',
    [SCRIPT, 'main', 'http://attic/main', 'client#attic', ...installables],
    {
      encoding: 'utf8',
      env: {
        PATH: `${bin}:${process.env.PATH}`,
        TOKEN_FILE: join(bin, 'token'),
        UPSTREAM_KEY_NAMES: 'cache\\.nixos\\.org-1',
      },
    },
  );
  return { status, stdout, stderr, log: readFileSync(log, 'utf8').split('\n') };
}

const SERVED = { narinfo: 'URL: nar/x.nar' };

describe('the program that warms a cache', () => {
  test('builds, pushes, and reads description and body back from the cache (W-B9, L15, L16)', () => {
    const { status, stdout, stderr, log } = warm(SERVED, 'flake#one');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe(`flake#one: building\nflake#one: ${OUT} is served\n`);
    const common = '--fail --silent --show-error --location --max-time 600 --header @-';
    expect(log).toEqual([
      'nix build --no-link --no-write-lock-file --print-out-paths flake#one',
      `nix shell client#attic --command attic push main ${OUT}`,
      `curl ${common} http://attic/main/${HASH}.narinfo`,
      'Authorization: Bearer the-token',
      `curl ${common} --output /dev/null http://attic/main/nar/x.nar`,
      'Authorization: Bearer the-token',
      '',
    ]);
  });

  test('pushes nothing of what does not build, goes on, and fails', () => {
    const { status, stderr, log } = warm({ builds: false }, 'flake#one', 'flake#two');
    expect(status).toBe(1);
    expect(stderr).toBe(
      'flake#one: does not build; nothing of it was pushed\nflake#two: does not build; nothing of it was pushed\n',
    );
    expect(log.filter((line) => line.startsWith('nix shell'))).toEqual([]);
  });

  test('fails when a push fails (L10)', () => {
    const { status, stderr } = warm({ ...SERVED, pushes: false }, 'flake#one');
    expect(status).toBe(1);
    expect(stderr).toBe('flake#one: was built and could not be pushed\n');
  });

  test('fails when the cache has no description of what was pushed (L15)', () => {
    const { status, stderr } = warm({}, 'flake#one');
    expect(status).toBe(1);
    expect(stderr).toBe(`flake#one: ${OUT} was pushed and is not served by http://attic/main\n`);
  });

  test('fails when the body is cut short', () => {
    expect(warm({ ...SERVED, body: false }, 'flake#one').status).toBe(1);
  });

  test('is content with a path that its upstream has signed and serves', () => {
    const upstream = warm({ signatures: 'other-1:aa cache.nixos.org-1:bb' }, 'flake#one');
    expect(upstream.status).toBe(0);
    expect(upstream.stdout).toContain(`${OUT} is left to upstream`);
    expect(warm({ signatures: 'xcache.nixos.org-1:bb' }, 'flake#one').status).toBe(1);
  });
});
