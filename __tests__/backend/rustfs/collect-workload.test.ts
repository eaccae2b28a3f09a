import { describe, expect, test } from 'vitest';
import { collectWorkload } from '../../../backend/rustfs/collect-workload.ts';
import type { ClusterClient } from '../../../operations/kubernetes/cluster-client.ts';
import { ClusterTrouble } from '../../../operations/kubernetes/cluster-trouble.ts';
import type { JsonObject } from '../../../policy/model/json.ts';

const PLACE = { namespace: 'nix-cache', name: 'store' };
const BASE = '/namespaces/nix-cache';
const LABELS = { app: 'store' };

const OBJECTS: Readonly<Record<string, JsonObject>> = {
  [`/apis/apps/v1${BASE}/deployments/store`]: {
    metadata: { name: 'store', namespace: 'nix-cache', uid: 'uid-of-the-store' },
    spec: {
      replicas: 1,
      selector: { matchLabels: LABELS },
      template: {
        spec: {
          containers: [
            { name: 'proxy', image: 'docker.io/library/caddy:2' },
            {
              name: 'rustfs',
              image: 'docker.io/rustfs/rustfs:1.0.1',
              env: [
                { name: 'RUSTFS_VOLUMES', value: '/data/a /data/b' },
                { name: 'RUSTFS_STORAGE_CLASS_STANDARD', value: 'EC:1' },
              ],
            },
          ],
        },
      },
    },
    status: { readyReplicas: 1 },
  },
  [`/api/v1${BASE}/pods?labelSelector=app%3Dstore`]: {
    items: [
      {
        metadata: { name: 'store-1', uid: 'uid-1', labels: LABELS },
        spec: {
          nodeName: 'bumble',
          volumes: [{ persistentVolumeClaim: { claimName: 'data' } }, { emptyDir: {} }],
        },
        status: {
          phase: 'Running',
          conditions: [{ type: 'Ready', status: 'True' }],
          containerStatuses: [
            { name: 'proxy', restartCount: 9 },
            {
              name: 'rustfs',
              restartCount: 2,
              imageID: 'docker.io/rustfs/rustfs@sha256:00',
              state: { running: { startedAt: '2026-05-08T10:00:00Z' } },
              lastState: {
                terminated: {
                  reason: 'OOMKilled',
                  exitCode: 137,
                  finishedAt: '2026-05-08T09:59:00Z',
                },
              },
            },
          ],
        },
      },
      {
        metadata: { name: 'store-0', labels: LABELS, deletionTimestamp: '2026-05-08T10:03:00Z' },
        status: { phase: 'Running' },
      },
      { metadata: { name: 'stranger', labels: { app: 'other' } } },
    ],
  },
  [`/api/v1${BASE}/persistentvolumeclaims/data`]: {
    metadata: { name: 'data' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'openebs-zfs-rustfs',
      volumeName: 'pvc-1',
      resources: { requests: { storage: '500Gi' } },
    },
    status: { phase: 'Bound' },
  },
  '/api/v1/persistentvolumes/pvc-1': {
    spec: {
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            {
              matchExpressions: [
                { key: 'openebs.io/nodename', operator: 'In', values: ['bumble'] },
              ],
            },
          ],
        },
      },
    },
  },
  [`/apis/batch/v1${BASE}/jobs`]: {
    items: [
      {
        metadata: { name: 'store-buckets-0123456789' },
        status: {
          conditions: [
            { type: 'Complete', status: 'True', lastTransitionTime: '2026-05-01T00:00:00Z' },
          ],
        },
      },
      {
        metadata: { name: 'store-lifecycle' },
        status: { active: 1, startTime: '2026-05-08T10:01:00Z' },
      },
      { metadata: { name: 'another' }, status: {} },
    ],
  },
  [`/api/v1${BASE}/events`]: {
    items: [
      {
        type: 'Warning',
        reason: 'BackOff',
        message: 'restarting',
        count: 4,
        lastTimestamp: '2026-05-08T10:02:00Z',
        involvedObject: { kind: 'Pod', name: 'store-1' },
      },
      {
        type: 'Normal',
        reason: 'Pulled',
        eventTime: '2026-05-08T10:00:00Z',
        involvedObject: { kind: 'Pod', name: 'store-1' },
      },
      { type: 'Normal', reason: 'Pulled', involvedObject: { kind: 'Pod', name: 'other-1' } },
    ],
  },
  [`/apis/policy/v1${BASE}/poddisruptionbudgets`]: {
    items: [
      { metadata: { name: 'of-another' }, spec: { selector: { matchLabels: { app: 'other' } } } },
      {
        metadata: { name: 'store' },
        spec: { maxUnavailable: 1, selector: { matchLabels: LABELS } },
      },
    ],
  },
};

/** A cluster that holds the objects, and keeps some of them to itself. */
function cluster(forbidden: RegExp = /^$/, objects = OBJECTS) {
  const asked: string[] = [];
  const client: Pick<ClusterClient, 'get' | 'server'> = {
    server: 'https://cluster.example.org',
    get: async (path) => {
      asked.push(path);
      if (forbidden.test(path)) throw new ClusterTrouble('forbidden', `${path}: forbidden (403)`);
      return objects[path];
    },
  };
  return { client: client as ClusterClient, asked };
}

describe('the evidence of a workload', () => {
  test('is everything that belongs to it, and nothing that belongs to another (R2)', async () => {
    const { client } = cluster();
    expect(await collectWorkload(client, PLACE)).toEqual({
      workload: {
        seen: {
          kind: 'Deployment',
          namespace: 'nix-cache',
          name: 'store',
          uid: 'uid-of-the-store',
          desired: 1,
          ready: 1,
          container: 'rustfs',
          image: 'docker.io/rustfs/rustfs:1.0.1',
          volumes: ['/data/a', '/data/b'],
          parity: 1,
          labels: LABELS,
        },
      },
      pods: {
        seen: [
          {
            name: 'store-1',
            uid: 'uid-1',
            node: 'bumble',
            phase: 'Running',
            ready: true,
            restarts: 2,
            startedAt: '2026-05-08T10:00:00Z',
            lastEnd: 'OOMKilled, exit code 137, at 2026-05-08T09:59:00Z',
            imageId: 'docker.io/rustfs/rustfs@sha256:00',
            claims: ['data'],
          },
        ],
      },
      claims: {
        seen: [
          {
            name: 'data',
            phase: 'Bound',
            storageClass: 'openebs-zfs-rustfs',
            accessModes: ['ReadWriteOnce'],
            size: '500Gi',
            nodes: ['bumble'],
          },
        ],
      },
      jobs: {
        seen: [
          { name: 'store-buckets-0123456789', outcome: 'complete', at: '2026-05-01T00:00:00Z' },
          { name: 'store-lifecycle', outcome: 'active', at: '2026-05-08T10:01:00Z' },
        ],
      },
      events: {
        seen: [
          expect.objectContaining({ reason: 'Pulled', at: '2026-05-08T10:00:00Z' }),
          {
            at: '2026-05-08T10:02:00Z',
            type: 'Warning',
            reason: 'BackOff',
            about: 'Pod/store-1',
            message: 'restarting',
            count: 4,
          },
        ],
      },
      budget: { seen: { name: 'store', minAvailable: undefined, maxUnavailable: '1' } },
    });
  });

  test('leaves out what is refused, says so, and looks at the rest', async () => {
    const { client } = cluster(/persistentvolumes|events/);
    const evidence = await collectWorkload(client, PLACE);
    expect(evidence.claims).toEqual({
      notSeen: '/api/v1/persistentvolumes/pvc-1: forbidden (403)',
    });
    expect(evidence.events).toEqual({ notSeen: expect.stringContaining('forbidden (403)') });
    expect(evidence.pods).toHaveProperty('seen');
    expect(evidence.jobs).toHaveProperty('seen');
  });

  test('says of a workload that is not there that it is not, and keeps its Jobs and events', async () => {
    const { client, asked } = cluster(/^$/, {
      [`/apis/batch/v1${BASE}/jobs`]: OBJECTS[`/apis/batch/v1${BASE}/jobs`] ?? {},
    });
    const evidence = await collectWorkload(client, PLACE);
    expect(evidence.workload).toEqual({ notSeen: 'there is no workload nix-cache/store' });
    expect(evidence.pods).toEqual({ notSeen: 'there is no workload nix-cache/store' });
    expect(evidence.jobs).toHaveProperty('seen.length', 2);
    expect(asked).toContain(`/apis/apps/v1${BASE}/statefulsets/store`);
  });
});
