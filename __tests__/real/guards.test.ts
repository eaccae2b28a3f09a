import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { certify } from '../../backend/certificate/command.ts';
import { HonestStore } from '../../backend/lying-store/honest-store.ts';
import { lieNamed } from '../../backend/lying-store/lies.ts';
import { LyingStore } from '../../backend/lying-store/lying-store.ts';
import { serveStore } from '../../backend/lying-store/serve-store.ts';
import { inventory } from '../../backend/rustfs/inventory-command.ts';
import { rca } from '../../backend/rustfs/rca-command.ts';
import { haReadiness } from '../../backend/rustfs/readiness-command.ts';
import { readSettings } from '../../config/read-settings.ts';
import type { Printer } from '../../console/printer.ts';
import type { KubeList, KubeObject } from '../../operations/rehearsal/cluster/api.ts';
import { ClusterFolder } from '../../operations/rehearsal/cluster/folder.ts';
import { missingPrograms } from '../../operations/rehearsal/cluster/installed.ts';
import { type Launched, launchCluster } from '../../operations/rehearsal/cluster/launch.ts';
import { type OwnCluster, ownCluster } from '../../operations/rehearsal/cluster/own-cluster.ts';
import { podPort, podRoot } from '../../operations/rehearsal/cluster/pod-access.ts';
import { missingOf } from '../../operations/rehearsal/installed.ts';
import { type RunningStore, startStore } from '../../operations/rehearsal/store/store.ts';
import { locate } from '../../operations/tools/locate.ts';
import { eventually } from '../support/cluster-objects.ts';
import type { Json } from '../support/synthesized.ts';
import { FOUR_NODES, REPLICA, type StoreShape, storeObjects } from './store-in-cluster.ts';

const missing = [...(await missingPrograms()), ...(await missingOf(['minio']))];
const tofu = await locate('tofu');
const NAME = `guards-${process.pid}`;
const PODS = '/api/v1/namespaces/nix-cache/pods';
const IN_CLUSTER = 'http://attic-rustfs-openebs.nix-cache.svc.cluster.local:9000';

describe.skipIf(missing.length > 0)(
  `the guards on a real API server${missing.length > 0 ? ` (not run: ${missing.join('; ')})` : ''}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'flywheel-real-guards-'));
    const settingsFile = join(folder, 'settings.yaml');
    const disk = join(folder, 'disk');
    let store: RunningStore;
    let launched: Launched;
    let own: OwnCluster;
    let environment: NodeJS.ProcessEnv;
    let lines: string[] = [];
    const printer: Printer = {
      result: (line) => void lines.push(line),
      problem: (line) => void lines.push(line),
    };

    beforeAll(async () => {
      writeFileSync(settingsFile, settingsOfSixNodes());
      mkdirSync(disk);
      store = await startStore({
        kind: 'minio',
        settings: readSettings(settingsFile),
        data: disk,
      });
      // MinIO keeps buckets as RustFS does, under another name.
      symlinkSync('.minio.sys', join(disk, '.rustfs.sys'));
      launched = await launchCluster({ name: NAME, podAccess: true, settings: settingsFile });
      const cluster = new ClusterFolder(NAME);
      symlinkSync(disk, join(podRoot(cluster), 'data'));
      writeFileSync(podPort(cluster), new URL(store.endpoint).port);
      own = await ownCluster(NAME);
      environment = {
        PATH: process.env.PATH ?? '',
        FLYWHEEL_CONFIG: settingsFile,
        KUBE_CONFIG_PATH: own.kubeconfig,
        XDG_STATE_HOME: join(folder, 'state'),
        TOFU_BACKEND_S3_ENDPOINT: IN_CLUSTER,
        TOFU_BACKEND_S3_ACCESS_KEY_ID: store.root.accessKeyId,
        TOFU_BACKEND_S3_SECRET_ACCESS_KEY: store.root.secretAccessKey,
      };
      await own.api.ensure('/api/v1/namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'nix-cache' },
      });
      await raise(REPLICA);
    }, 180_000);

    afterAll(async () => {
      own?.api.close();
      await launched?.stop();
      await store?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    beforeEach(() => {
      lines = [];
    });

    /** Makes the store's objects, and waits until all of its pods are ready. */
    async function raise(shape: StoreShape): Promise<void> {
      for (const { path, object } of storeObjects(shape)) await own.api.ensure(path, object);
      await eventually('the pods of the store', readyPods(shape.replicas), 60_000);
    }

    function readyPods(count: number) {
      return async () => {
        const { items } = await own.api.get<KubeList<KubeObject & Json>>(PODS);
        const ready = items.filter(({ status }: Json) =>
          (status?.conditions ?? []).some(
            (each: Json) => each.type === 'Ready' && each.status === 'True',
          ),
        );
        return (items.length === count && ready.length === count) || undefined;
      };
    }

    async function json(run: Promise<number>): Promise<Json & { code: number }> {
      const code = await run;
      return { code, ...JSON.parse(lines.join('\n')) };
    }

    test('find a store coherent by its API, through a forwarded port, and by its disk, through exec', async () => {
      const found = await json(rca(['--json'], printer, environment));
      expect(found.checks).toMatchObject([
        { name: 'workload', status: 'good' },
        { name: 'bucket-tofu-state', status: 'good' },
        { name: 'bucket-attic', status: 'good' },
        { name: 'bucket-bazel-cache', status: 'good' },
        { name: 'state attic/terraform.tfstate', status: 'not-run' },
        { status: 'not-run' },
        { status: 'not-run' },
        { status: 'not-run' },
      ]);
      expect(found.buckets.map(({ verdict }: Json) => verdict)).toEqual([
        'COHERENT',
        'COHERENT',
        'COHERENT',
      ]);
      expect(found.code).toBe(0);
      expect(found.clues.join('\n')).toMatch(/claim attic-rustfs-openebs-data: Bound, 10Gi/);
    });

    test('see a scratch bucket come and go in the API and on the disk (R7)', async () => {
      const words = ['--scratch-probe', '--strict-scratch-disk-markers', '--bucket', 'attic'];
      const found = await json(rca([...words, '--json'], printer, environment));
      const steps = found.checks.filter(({ name }: Json) => name.startsWith('scratch-'));
      expect(steps.map(({ name, status }: Json) => `${name} ${status}`)).toEqual(
        [
          ...['create', 'listed', 'found', 'written', 'on-disk'],
          ...['deleted', 'unlisted', 'gone', 'off-disk', 'removed'],
        ].map((name) => `scratch-${name} good`),
      );
      expect(found.code).toBe(0);
      expect(readdirSync(disk).filter((name) => name.includes('scratch'))).toEqual([]);
    });

    test('recognise a bucket that the API has lost and the disk still holds, and keep the evidence first (R1) (R3)', async () => {
      const keys = { accessKeyId: 'operator-key-id', secretAccessKey: 'operator-secret-key' };
      const truth = new HonestStore({ bucket: 'tofu-state', others: ['attic', 'bazel-cache'] });
      const state = { version: 4, serial: 7, lineage: 'a-lineage', resources: [] };
      truth.plant('tofu-state', 'attic/terraform.tfstate', Buffer.from(JSON.stringify(state)));
      const lying = new LyingStore(truth, { lies: [lieNamed('bucket-index-lost')] });
      const served = await serveStore({ store: lying, keys, region: 'us-east-1' });
      const save = join(folder, 'incident');
      try {
        const code = await rca(['--save', save], printer, {
          ...environment,
          TOFU_BACKEND_S3_ENDPOINT: served.endpoint,
          TOFU_BACKEND_S3_ACCESS_KEY_ID: keys.accessKeyId,
          TOFU_BACKEND_S3_SECRET_ACCESS_KEY: keys.secretAccessKey,
        });
        expect(code).toBe(2);
      } finally {
        await served.stop();
      }
      const text = lines.join('\n');
      expect(text).toContain('bucket tofu-state: API_LOST_DISK_PRESENT');
      expect(text).toContain(
        'kubectl -n nix-cache rollout restart deployment/attic-rustfs-openebs',
      );
      expect(text.indexOf('1 preserve')).toBeLessThan(text.indexOf('3 only then restart'));
      const kept = readdirSync(save, { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(json|log)$/.test(name))
        .map((name) => readFileSync(join(save, name), 'utf8'));
      expect(kept.length).toBeGreaterThan(1);
      expect(kept.join('\n')).toContain('no container runs in a rehearsal cluster');
      for (const secret of Object.values(keys)) expect(kept.join('\n')).not.toContain(secret);
      lines = [];
      // Judged again, nobody is asked: neither a cluster nor a store is named.
      const again = await json(rca(['--judge', save, '--json'], printer, {}));
      expect(again.code).toBe(2);
      expect(again.buckets[0].verdict).toBe('API_LOST_DISK_PRESENT');
    });

    test('recognise a bucket that is gone from both (2), and advise no restart', async () => {
      renameSync(join(disk, 'attic'), join(folder, 'attic-away'));
      const metadata = join(disk, '.minio.sys', 'buckets', 'attic');
      renameSync(metadata, join(folder, 'attic-metadata-away'));
      try {
        const words = ['--bucket', 'attic', '--save', join(folder, 'gone')];
        expect(await rca(words, printer, environment)).toBe(2);
        expect(lines.join('\n')).toContain('bucket attic: BOTH_LOST');
        expect(lines.join('\n')).toContain('not advised: of attic');
      } finally {
        renameSync(join(folder, 'attic-away'), join(disk, 'attic'));
        renameSync(join(folder, 'attic-metadata-away'), metadata);
      }
    });

    test('call one replica INTERIM: 3, and 0 only where that was expected (S10)', async () => {
      expect(await haReadiness([], printer, environment)).toBe(3);
      expect(lines.at(-1)).toMatch(/^INTERIM: /);
      expect(await haReadiness(['--expect-interim'], printer, environment)).toBe(0);
    });

    test('find no live candidate beside one replica, which is a valid answer (R8)', async () => {
      const found = await json(inventory(['--json'], printer, environment));
      expect(found).toMatchObject({
        code: 0,
        result: 'NO_LIVE_HA_STATE_CANDIDATE',
        candidates: [{ store: 'nix-cache/attic-rustfs-openebs', standing: 'NOT_HA' }],
      });
    });

    test('certify the store through the forwarded port', async () => {
      const file = join(folder, 'certificate.json');
      expect(await certify(['--out', file], printer, environment)).toBe(0);
      expect(lines.at(-1)).toMatch(/MinIO 1\.0\.1: a state is safe in it; unsigned/);
      expect(await certify(['--verify', file], printer, environment)).toBe(0);
    });

    test('refuse to look at another cluster than the declared one', async () => {
      const elsewhere = {
        ...environment,
        KUBE_CTX: own.adminContext,
        FLYWHEEL_CLUSTER_UID: 'other',
      };
      await expect(rca([], printer, elsewhere)).rejects.toMatchObject({ exitCode: 2 });
      await expect(inventory([], printer, elsewhere)).rejects.toMatchObject({ exitCode: 2 });
    });

    test.skipIf(tofu.status === 'missing')(
      'reach HA with four nodes, spread, quorum and every proof, and not before (S10)',
      async () => {
        await own.api.remove('/apis/apps/v1/namespaces/nix-cache/deployments/attic-rustfs-openebs');
        await eventually('the end of the one pod', readyPods(0), 60_000);
        await raise(FOUR_NODES);
        const candidates = await json(inventory(['--json'], printer, environment));
        expect(candidates).toMatchObject({ code: 0, result: 'LIVE_HA_STATE_CANDIDATE' });

        expect(await haReadiness(['--expect-interim'], printer, environment)).toBe(0);
        expect(lines.at(-1)).toMatch(/^INTERIM: /);

        const evidence = join(folder, 'gate');
        const words = ['--prove', evidence, '--watch-maintenance', '3'];
        const proving = haReadiness(words, printer, environment);
        await eventually(
          'the watch',
          () => lines.some((line) => line.startsWith('maintenance:')) || undefined,
          60_000,
        );
        await replaceEach(4);
        const proved = await proving;
        expect(lines).toContainEqual(expect.stringMatching(/^HA: /));
        expect(proved).toBe(0);
        expect(lines.at(-1)).toMatch(/^HA: /);
        expect(readdirSync(evidence).sort()).toEqual([
          'certificate.json',
          'cleanup',
          'endpoint-package.json',
          'maintenance.json',
          'scratch-opentofu.json',
        ]);
        const secret = store.root.secretAccessKey;
        for (const name of readdirSync(evidence, { recursive: true, encoding: 'utf8' })) {
          if (/\.json$/.test(name))
            expect(readFileSync(join(evidence, name), 'utf8')).not.toContain(secret);
        }
        expect(await haReadiness(['--evidence', evidence], printer, environment)).toBe(0);
        rmSync(join(evidence, 'maintenance.json'));
        expect(await haReadiness(['--evidence', evidence], printer, environment)).toBe(3);
      },
      240_000,
    );

    /** As a drain of one node after the other would. */
    async function replaceEach(count: number): Promise<void> {
      for (let index = 0; index < count; index += 1) {
        const path = `${PODS}/attic-rustfs-openebs-${index}`;
        const { metadata } = await own.api.get(path);
        await own.api.remove(path);
        await eventually(
          `another ${path}`,
          async () => {
            const now = await own.api.find(path);
            return (now !== undefined && now.metadata?.uid !== metadata?.uid) || undefined;
          },
          60_000,
        );
        await eventually('all of them', readyPods(count), 60_000);
      }
    }
  },
);

/** The settings of the example, with nodes enough for a store of four. */
function settingsOfSixNodes(): string {
  const text = readFileSync('config/tinyland.yaml', 'utf8');
  const nodes = [1, 2, 3, 4].map(
    (index) => `    - name: n${index}\n      allocatable: { cpu: 16, memory: 64Gi, pods: 110 }\n`,
  );
  return text.replace('  apiServer:\n', `${nodes.join('')}  apiServer:\n`);
}
