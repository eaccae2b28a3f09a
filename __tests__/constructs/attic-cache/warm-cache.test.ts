import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const SCRIPT = 'constructs/attic-cache/warm-cache.sh';
const HASH = '0123456789abcdfghijklmnpqrsvwxyz';
const OUT = `/nix/store/${HASH}-hello`;
const folder = mkdtempSync(join(tmpdir(), 'flywheel-warming-'));
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * What the image of Nix has, beside nix and curl, which the tests stand in for. There is no sed, no awk and no perl.
 *
 * @see https://github.com/NixOS/nix/blob/master/docker.nix
 */
const IMAGE_PROGRAMS = {
  bash: ['bash', 'sh'],
  coreutils:
    'basename cat chmod comm cp cut date dirname echo env expr false head id install join ln ls md5sum mkdir mktemp mv nl od paste printf pwd readlink realpath rm rmdir seq sha256sum shuf sleep sort split stat tac tail tee test timeout touch tr true tsort uname uniq wc yes ['.split(
      ' ',
    ),
  findutils: ['find', 'xargs'],
  gnugrep: ['egrep', 'fgrep', 'grep'],
  gnutar: ['tar'],
  gzip: ['gunzip', 'gzip', 'zcat'],
  others: ['git', 'less', 'man', 'ssh', 'wget', 'which'],
};

/** A folder with exactly those programs, as far as this machine has them. */
function programsOfTheImage(): string {
  const programs = join(folder, 'programs');
  mkdirSync(programs);
  const places = (process.env.PATH ?? '').split(delimiter);
  for (const name of Object.values(IMAGE_PROGRAMS).flat()) {
    const place = places.map((each) => join(each, name)).find(existsSync);
    if (place !== undefined) symlinkSync(place, join(programs, name));
  }
  return programs;
}

const programs = programsOfTheImage();

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
    '/bin/sh',
    [SCRIPT, 'main', 'http://attic/main', 'client#attic', ...installables],
    {
      encoding: 'utf8',
      env: {
        PATH: [bin, programs].join(delimiter),
        TOKEN_FILE: join(bin, 'token'),
        UPSTREAM_KEY_NAMES: 'cache\\.nixos\\.org-1',
      },
    },
  );
  return { status, stdout, stderr, log: readFileSync(log, 'utf8').split('\n') };
}

test('the programs that the script finds are those of the image', () => {
  const { stdout } = spawnSync(
    '/bin/sh',
    ['-c', 'for p in sed awk grep cut; do command -v $p; done'],
    {
      encoding: 'utf8',
      env: { PATH: programs },
    },
  );
  expect(stdout.trim().split('\n')).toEqual([join(programs, 'grep'), join(programs, 'cut')]);
});

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
