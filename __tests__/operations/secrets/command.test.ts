import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Printer } from '../../../console/printer.ts';
import { runPreflight } from '../../../operations/preflight/command.ts';
import { ensure, rotate } from '../../../operations/secrets/command.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'flywheel-secrets-'));
const outdir = join(folder, 'cdktf.out');
const TOKEN = `glrt-${'a'.repeat(24)}`;

function synthesize(settings: string): void {
  const env = { ...process.env, FLYWHEEL_CONFIG: settings, CDKTF_OUTDIR: outdir };
  spawnSync(process.execPath, ['bin/flywheel.cjs', 'synth'], { env });
}

beforeAll(() => synthesize('config/minimal.yaml'));
afterAll(() => rmSync(folder, { recursive: true }));

let server: TestApiServer;
let environment: NodeJS.ProcessEnv;
let results: string[];
let problems: string[];
beforeEach(async () => {
  server = await startApiServer();
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, server.kubeconfig('ci'));
  environment = {
    PATH: process.env.PATH ?? '',
    FLYWHEEL_CONFIG: 'config/minimal.yaml',
    CDKTF_OUTDIR: outdir,
    KUBE_CONFIG_PATH: kubeconfig,
    XDG_STATE_HOME: mkdtempSync(join(folder, 'state-')),
  };
  results = [];
  problems = [];
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

const printer: Printer = {
  result: (line) => void results.push(line),
  problem: (line) => void problems.push(line),
};

describe('the commands on Secrets', () => {
  test('make, show and rotate what the stack in cdktf.out needs', async () => {
    expect(await ensure(['attic', '--json'], printer, environment)).toBe(0);
    const { stack, secrets } = JSON.parse(results.join('\n'));
    expect(stack).toBe('attic');
    expect(secrets[0]).toMatchObject({
      kind: 'jwt-signing-key',
      keys: [{ key: 'hs256-secret-base64', state: 'created' }],
      problems: [],
    });
    expect(secrets[0].keys[0].fingerprint).toMatch(/^[0-9a-f]{12}$/);
    results = [];
    expect(await rotate(['attic', 'jwt-signing-key'], printer, environment)).toBe(0);
    expect(results.join('\n')).toMatch(
      /jwt-signing-key {2}hs256-secret-base64 {2}replaced {2}[0-9a-f]{12}\n\nnext:\n {2}kubectl --namespace nix-cache rollout restart deployment\/attic\n[\s\S]*every token signed with the old key is refused from then on/,
    );
  });

  test('write nothing into a cluster that is not the declared one', async () => {
    writeFileSync(environment.KUBE_CONFIG_PATH ?? '', server.kubeconfig('production'));
    expect(await ensure(['attic'], printer, environment)).toBe(2);
    expect(server.requests).toEqual(['GET /api/v1/namespaces/kube-system']);
    expect(problems[0]).toMatch(/^FAIL {2}cluster-context {2}the context is production/);
    expect(problems.at(-1)).toBe('nothing was read or written: it must be the declared cluster');
  });

  test('read tokens from a folder, and never from the command line', async () => {
    await expect(ensure(['attic', '--token', TOKEN], printer, environment)).rejects.toThrow(
      "Unknown option '--token'",
    );
    await expect(
      ensure(['attic', '--from', join(folder, 'gone')], printer, environment),
    ).rejects.toThrow(`there is no folder ${folder}/gone`);
  });

  test.each<[string, () => Promise<unknown>, string]>([
    [
      'no stack',
      () => ensure([], printer, environment),
      'name the one stack whose Secrets are meant',
    ],
    [
      'an unknown stack',
      () => ensure(['atic'], printer, environment),
      'there is no stack atic; there are arc-runners, attic, gitlab-runners, runner-dashboard',
    ],
    [
      'an unknown kind',
      () => rotate(['attic', 'jwt'], printer, environment),
      'there is no kind jwt; there are jwt-signing-key, cache-signing-key,',
    ],
    [
      'a kind that the stack does not need',
      () => rotate(['attic', 'github-app'], printer, environment),
      'attic needs no Secret of kind github-app; it has ',
    ],
    [
      'a kind that a controller writes',
      () => rotate(['attic', 'database-url-managed'], printer, environment),
      'database-url-managed is written by a controller: rotate it there',
    ],
    [
      'a Secret of another kind',
      () => rotate(['attic', 'jwt-signing-key', '--only', 'nix-cache/other'], printer, environment),
      'nix-cache/other is no Secret of kind jwt-signing-key; there are nix-cache/attic-jwt-signing',
    ],
    [
      'no stack for the preflight',
      () => runPreflight([], printer, environment),
      'name the one stack',
    ],
  ])('refuse %s before anything is asked', async (_, run, message) => {
    await expect(run()).rejects.toThrow(message);
    expect(server.requests).toEqual([]);
  });

  test('refuse a result that the settings no longer make, and leave nothing behind', async () => {
    const temporary = mkdtempSync(join(folder, 'tmp-'));
    vi.stubEnv('TMPDIR', temporary);
    const stale = { ...environment, FLYWHEEL_CONFIG: 'config/tinyland.yaml' };
    await expect(runPreflight(['attic'], printer, stale)).rejects.toThrow(
      `${outdir}/stacks/attic/cdk.tf.json is not what the settings make of it now\n    run just synth`,
    );
    const missing = { ...environment, CDKTF_OUTDIR: join(folder, 'none') };
    await expect(ensure(['attic'], printer, missing)).rejects.toThrow(
      'does not exist\n    run just synth',
    );
    expect(readdirSync(temporary)).toEqual([]);
  });
});
