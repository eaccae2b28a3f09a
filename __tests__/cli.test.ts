import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'flywheel-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { version: VERSION } = JSON.parse(readFileSync('package.json', 'utf8'));

function flywheel(words: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/flywheel.cjs', ...words], {
    env: { ...process.env, FLYWHEEL_CONFIG: '', ...environment },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('flywheel', () => {
  test('lists every command, those of synthesis among them', () => {
    const told = flywheel(['--help']);
    const names = told.stdout
      .split('\n')
      .flatMap((line) => /^ {2}(\S+( \S+)?) {2}/.exec(line)?.[1] ?? []);
    expect(names).toEqual([
      'synth',
      'report',
      'validate',
      'lock',
      'images check',
      'images resolve',
      'charts summarize',
      'charts pull',
      'bootstrap',
      'status',
      'tofu-init',
      'tofu-plan',
      'tofu-apply',
      'tofu-deploy',
      'tofu-destroy',
      'tofu-output',
      'tofu-state',
      'tofu-unlock',
      'tofu-validate-all',
      'tofu',
      'tofu-state-authority-deep-check',
      'tofu-state-witness',
      'tofu-state-ha-readiness',
      'rustfs-bucket-index-rca',
      'ha-state-candidate-inventory',
      'state-authority-canary',
      'state-store-certify',
      'tofu-state-recover',
      'tofu-state-adopt',
      'tofu-state-accept',
      'tofu-state-move',
      'tofu-recovery-pack',
      'tofu-recovery-unpack',
      'info',
      'secrets ensure',
      'secrets rotate',
      'preflight',
      'drift',
      'attic-nar-integrity-check',
      'bazel-cas-integrity-check',
      'tools build',
      'tools list',
      'rehearse',
      'cluster up',
      'cluster status',
      'cluster down',
      'store up',
      'store status',
      'store down',
      'store serve',
      'store rehearse',
      'store matrix',
      'bench',
      'bench-apply',
      'bench-gateway',
      'schema',
      'requirements',
    ]);
    expect(told).toMatchObject({ status: 0, stderr: '' });
  });

  test.each<[string, string[], number, string, string]>([
    [
      'explains one command',
      ['images', 'resolve', '--help'],
      0,
      'usage: flywheel images resolve [--update] [--json] [name…]\n\nfill in the digests of images\n',
      '',
    ],
    [
      'names the nearest command',
      ['imges', 'chek'],
      64,
      '',
      'unknown command: imges chek\n    did you mean images check? "flywheel --help" lists all\n',
    ],
    [
      'takes half a command for none',
      ['images'],
      64,
      '',
      'unknown command: images\n    did you mean images check? "flywheel --help" lists all\n',
    ],
    ['says its version', ['--version'], 0, `${VERSION}\n`, ''],
    [
      'takes an option for no command',
      ['--frobnicate'],
      64,
      '',
      'unknown option: --frobnicate\n    "flywheel --help" lists all commands\n',
    ],
    [
      'refuses an option that is not known',
      ['schema', '--chek'],
      64,
      '',
      "Unknown option '--chek'\nusage: flywheel schema [--check]\n",
    ],
    [
      'refuses a word too many',
      ['schema', 'all'],
      64,
      '',
      "Unexpected argument 'all'\nusage: flywheel schema [--check]\n",
    ],
    [
      'refuses a word too few',
      ['charts', 'summarize'],
      64,
      '',
      'name the one folder that holds the chart archives\n',
    ],
    [
      'refuses a folder that is not there',
      ['charts', 'summarize', 'nowhere'],
      64,
      '',
      'there is no folder nowhere\n',
    ],
  ])('%s', (_, words, status, stdout, stderr) => {
    expect(flywheel(words)).toMatchObject({ status, stdout, stderr });
  });

  test('is not silent when nothing is asked', () => {
    const { status, stdout } = flywheel([]);
    expect(status).toBe(64);
    expect(stdout).toMatch(/^usage: flywheel <command>/);
  });

  test('says what is wrong with settings without a stack trace', () => {
    const file = join(folder, 'settings.yaml');
    writeFileSync(file, 'organization: 1\n');
    const { status, stderr } = flywheel(['info'], { FLYWHEEL_CONFIG: file });
    expect(status).toBe(64);
    expect(stderr).toMatch(
      new RegExp(`^${file}:1:1  cluster must be a map of keys, got nothing\n    add it\n`),
    );
    expect(stderr).not.toContain('    at ');
  });

  test('says what is wrong with the Docker configuration without repeating it', () => {
    writeFileSync(join(folder, 'config.json'), '{"auths": {"ghcr.io": {"auth": "c2VjcmV0"');
    expect(flywheel(['images', 'check', 'alpine'], { DOCKER_CONFIG: folder })).toMatchObject({
      status: 1,
      stderr: `${folder}/config.json is no Docker configuration: it is not JSON\n`,
    });
  });
});
