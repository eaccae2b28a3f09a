import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lookAtCluster } from '../../../backend/authority/cluster-side.ts';
import { collect } from '../../../backend/authority/collect.ts';
import type { Evidence } from '../../../backend/authority/evidence.ts';
import { judge } from '../../../backend/authority/judge.ts';
import { readSettings } from '../../../config/read-settings.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';
import { SETTINGS, subjectOf, usedStore } from './authority-fixtures.ts';

const BUCKETS = ['attic', 'bazel-cache', 'tofu-state'];
const DRIVE = { pod: 'store-0', drive: '/data', data: BUCKETS, metadata: BUCKETS };
const WORKLOAD = {
  kind: 'Deployment',
  namespace: 'nix-cache',
  name: 'attic-rustfs-openebs',
  image: 'rustfs/rustfs:1.0.1',
  desired: 1,
  ready: 1,
};

type Side = Extract<Evidence['cluster'], { seen: unknown }>['seen'];

async function checksOf(side: Partial<Side>) {
  const cluster = { seen: { workload: { seen: WORKLOAD }, disk: { seen: [DRIVE] }, ...side } };
  const lookedAt = { lookAtCluster: async () => cluster };
  const { checks, exitCode } = judge(await collect(subjectOf(await usedStore(), lookedAt)));
  return { exitCode, workload: checks[0], disk: checks[1] };
}

describe('the store from the side of the cluster', () => {
  test('is good when its pods run and its disks hold the bucket (S7)', async () => {
    expect(await checksOf({})).toEqual({
      exitCode: 0,
      workload: {
        name: 'workload',
        status: 'good',
        detail: 'Deployment nix-cache/attic-rustfs-openebs: 1 of 1 ready, rustfs/rustfs:1.0.1',
      },
      disk: {
        name: 'disk-markers',
        status: 'good',
        detail: 'COHERENT: the API serves the bucket, and the disk holds it',
      },
    });
  });

  test.each<[string, Partial<Side>, number, string]>([
    ['no pod is ready', { workload: { seen: { ...WORKLOAD, ready: 0 } } }, 2, 'bad'],
    [
      'one of four is down',
      { workload: { seen: { ...WORKLOAD, desired: 4, ready: 3 } } },
      3,
      'degraded',
    ],
    ['nobody may look', { workload: { notSeen: 'no right to' } }, 0, 'not-run'],
  ])('is %s', async (_, side, exitCode, status) => {
    expect(await checksOf(side)).toMatchObject({ exitCode, workload: { status } });
  });

  test('is bad when the disks hold no such bucket, whatever the API says', async () => {
    const drive = { ...DRIVE, data: ['attic'], metadata: ['attic'] };
    expect(await checksOf({ disk: { seen: [drive] } })).toMatchObject({
      exitCode: 2,
      disk: { status: 'bad', problem: expect.stringContaining('DISK_LOST_API_PRESENT') },
    });
  });

  test('says "not run" of disks that nobody may look at, and that is no obstacle (S6)', async () => {
    expect(await checksOf({ disk: { notSeen: 'exec is not allowed' } })).toMatchObject({
      exitCode: 0,
      disk: { status: 'not-run', because: 'exec is not allowed' },
    });
  });
});

describe('looking at the cluster', () => {
  let server: TestApiServer;
  let folder: string;
  beforeEach(async () => {
    server = await startApiServer();
    folder = mkdtempSync(join(tmpdir(), 'flywheel-cluster-side-'));
  });
  afterEach(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  function environmentFor(context: string): NodeJS.ProcessEnv {
    const file = join(folder, 'kubeconfig');
    writeFileSync(file, server.kubeconfig(context));
    return { HOME: folder, KUBE_CONFIG_PATH: file };
  }

  test('is not done where no cluster is named, where it is another one, or where the store is elsewhere', async () => {
    expect(await lookAtCluster(SETTINGS, { HOME: folder })).toEqual({
      notSeen: expect.stringContaining('no cluster is named'),
    });
    expect(await lookAtCluster(SETTINGS, environmentFor('bumble'))).toEqual({
      notSeen: expect.stringContaining('the context is bumble'),
    });
    const elsewhere = readSettings('config/single-node-r2.yaml');
    expect(await lookAtCluster(elsewhere, environmentFor('honey'))).toEqual({
      notSeen: 'the store is not in the cluster',
    });
  });

  test('finds the workload, or says that it is not there', async () => {
    const environment = environmentFor('honey');
    expect(await lookAtCluster(SETTINGS, environment)).toMatchObject({
      seen: { workload: { notSeen: expect.stringContaining('attic-rustfs-openebs') } },
    });
    server.state.objects.set(
      '/apis/apps/v1/namespaces/nix-cache/deployments/attic-rustfs-openebs',
      {
        metadata: { name: 'attic-rustfs-openebs', namespace: 'nix-cache', uid: 'u' },
        spec: {
          replicas: 1,
          selector: { matchLabels: { app: 'store' } },
          template: {
            metadata: { labels: { app: 'store' } },
            spec: { containers: [{ name: 'rustfs', image: 'rustfs/rustfs:1.0.1' }] },
          },
        },
        status: { readyReplicas: 1 },
      },
    );
    expect(await lookAtCluster(SETTINGS, environment)).toMatchObject({
      seen: {
        workload: { seen: WORKLOAD },
        disk: { notSeen: expect.any(String) },
      },
    });
  });
});
