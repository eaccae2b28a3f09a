import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Printer } from '../../console/printer.ts';
import type { Check } from '../../operations/kubernetes/check.ts';
import { runPreflight } from '../../operations/preflight/command.ts';
import { missingPrograms } from '../../operations/rehearsal/cluster/installed.ts';
import { type Launched, launchCluster } from '../../operations/rehearsal/cluster/launch.ts';
import { type OwnCluster, ownCluster } from '../../operations/rehearsal/cluster/own-cluster.ts';
import { ensure, rotate } from '../../operations/secrets/command.ts';
import type { Json } from '../support/synthesized.ts';

const missing = await missingPrograms();
const NAME = `secrets-${process.pid}`;
const SETTINGS = 'config/tinyland.yaml';
const STACKS = ['attic', 'arc-runners', 'gitlab-runners', 'runner-dashboard'];

describe.skipIf(missing.length > 0)(
  `secrets and preflight on a real API server${missing.length > 0 ? ` (not run: ${missing.join('; ')})` : ''}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'flywheel-real-secrets-'));
    let launched: Launched;
    let own: OwnCluster;
    let environment: NodeJS.ProcessEnv;
    let results: string[];
    let problems: string[];
    const printer: Printer = {
      result: (line) => void results.push(line),
      problem: (line) => void problems.push(line),
    };

    beforeAll(async () => {
      launched = await launchCluster({ name: NAME, settings: SETTINGS });
      own = await ownCluster(NAME);
      environment = {
        PATH: process.env.PATH ?? '',
        FLYWHEEL_CONFIG: SETTINGS,
        CDKTF_OUTDIR: join(folder, 'cdktf.out'),
        KUBE_CONFIG_PATH: join('.rehearsal', NAME, 'kubeconfig'),
        XDG_STATE_HOME: join(folder, 'state'),
      };
      spawnSync(process.execPath, ['bin/flywheel.cjs', 'synth'], { env: environment });
    }, 120_000);

    afterAll(async () => {
      own?.api.close();
      await launched?.stop();
      rmSync(folder, { recursive: true });
    });

    beforeEach(() => {
      results = [];
      problems = [];
    });

    async function checksOf(stack: string): Promise<Check[]> {
      results = [];
      await runPreflight([stack, '--json'], printer, environment);
      return JSON.parse(results.join('\n')).checks;
    }

    function give(path: string, value: string): void {
      const file = join(folder, 'given', path);
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, value, { mode: 0o600 });
    }

    function giveEverything(): void {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const pem = privateKey.export({ format: 'pem', type: 'pkcs1' });
      give('github-app-secret/github_app_id', '123456');
      give('github-app-secret/github_app_installation_id', '7654321');
      give('github-app-secret/github_app_private_key', String(pem));
      give('dashboard-gitlab-token/token', `glpat-${'a'.repeat(20)}`);
      give('dashboard-oauth/client-id', '0123456789abcdef');
      give('dashboard-oauth/client-secret', `gloas-${'b'.repeat(40)}`);
      for (const name of ['dind-runner', 'docker-runner', 'nix-runner', 'rocky8-runner']) {
        give(`${name}-token/runner-token`, `glrt-${'c'.repeat(20)}-${name}`);
      }
      give('rocky9-runner-token/runner-token', `glrt-${'d'.repeat(20)}`);
      give('tinyland-nix-operator-token/runner-token', `glrt-${'e'.repeat(20)}`);
    }

    function secret(namespace: string, name: string): Promise<Json> {
      return own.api.find(`/api/v1/namespaces/${namespace}/secrets/${name}`);
    }

    test('an operator with no more than the documented rights may do all that the plans need', async () => {
      for (const stack of STACKS) {
        const checks = await checksOf(stack);
        const rights = checks.filter(({ name }) => ['types', 'rights', 'grants'].includes(name));
        expect(rights.map(({ name, status }) => `${stack} ${name} ${status}`)).toEqual([
          `${stack} types good`,
          `${stack} rights good`,
          `${stack} grants good`,
        ]);
        expect(
          checks.filter(({ name, status }) => name === 'secret' && status === 'bad'),
        ).not.toEqual([]);
      }
    });

    test('what was missing is made or taken, and the preflight finds it', async () => {
      giveEverything();
      for (const stack of STACKS) {
        const words = [stack, '--from', join(folder, 'given')];
        expect(await ensure(words, printer, environment)).toBe(0);
        expect(problems).toEqual([]);
        const checks = await checksOf(stack);
        const secrets = checks.filter(({ name }) => name === 'secret');
        expect(secrets.filter(({ status }) => status !== 'good')).toEqual([]);
      }
      const { metadata, type, data } = await secret('gitlab-runners', 'docker-runner-token');
      expect(metadata.labels['app.kubernetes.io/managed-by']).toBe('flywheel-secrets');
      expect({ type, keys: Object.keys(data).sort() }).toEqual({
        type: 'Opaque',
        keys: ['runner-registration-token', 'runner-token'],
      });
    });

    test('a second run writes nothing: no Secret has another version', async () => {
      const before = await secret('nix-cache', 'attic-s3');
      expect(await ensure(['attic'], printer, environment)).toBe(0);
      const after = await secret('nix-cache', 'attic-s3');
      expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
    });

    test('a rotation changes one Secret, and leaves what others hold', async () => {
      const only = 'nix-cache/attic-s3';
      const [mine, other] = [
        await secret('nix-cache', 'attic-s3'),
        await secret('nix-cache', 'bazel-cache-s3'),
      ];
      const words = ['attic', 's3-credentials', '--only', only];
      expect(await rotate(words, printer, environment)).toBe(0);
      const changed = await secret('nix-cache', 'attic-s3');
      expect(Object.keys(changed.data).sort()).toEqual(Object.keys(mine.data).sort());
      expect(changed.data['secret-access-key']).not.toBe(mine.data['secret-access-key']);
      expect(await secret('nix-cache', 'bazel-cache-s3')).toEqual(other);
    });

    test('the same name for another cluster is found out by its UID', async () => {
      const moved = { ...environment, XDG_STATE_HOME: join(folder, 'moved') };
      const pins = join(folder, 'moved', 'flywheel', 'clusters');
      mkdirSync(pins, { recursive: true });
      writeFileSync(join(pins, 'honey.uid'), '00000000-0000-0000-0000-000000000000\n');
      expect(await ensure(['attic'], printer, moved)).toBe(2);
      expect(problems.join('\n')).toContain('this is another cluster, or honey was made anew');
    });
  },
);
