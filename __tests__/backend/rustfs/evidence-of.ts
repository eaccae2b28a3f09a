import type { BucketApiView } from '../../../backend/rustfs/api-view.ts';
import type { WorkloadEvidence } from '../../../backend/rustfs/collect-workload.ts';
import type { DriveView } from '../../../backend/rustfs/disk-view.ts';
import { seen } from '../../../backend/rustfs/observed.ts';
import type { StoreEvidence } from '../../../backend/rustfs/rca-evidence.ts';
import type { PodFacts, WorkloadFacts } from '../../../backend/rustfs/workload-facts.ts';

export const IMAGE = 'docker.io/rustfs/rustfs:1.0.1';
export const ENDPOINT = 'http://attic-rustfs-openebs.nix-cache.svc.cluster.local:9000';

/** The one replica of the live system. */
export const ONE_REPLICA: WorkloadFacts = {
  kind: 'Deployment',
  namespace: 'nix-cache',
  name: 'attic-rustfs-openebs',
  uid: 'uid-of-the-store',
  desired: 1,
  ready: 1,
  container: 'rustfs',
  image: IMAGE,
  volumes: ['/data'],
  labels: { app: 'store' },
};

/** Four servers, each with a drive of its own. */
export const FOUR_NODES: WorkloadFacts = {
  ...ONE_REPLICA,
  kind: 'StatefulSet',
  desired: 4,
  ready: 4,
  volumes: ['http://store-{0...3}.store-headless.nix-cache.svc.cluster.local:9000/data'],
};

export function podOf(index: number, node: string, claim = `data-${index}`): PodFacts {
  return {
    name: `store-${index}`,
    uid: `uid-${index}`,
    node,
    phase: 'Running',
    ready: true,
    restarts: 0,
    startedAt: '2026-11-26T00:00:00Z',
    lastEnd: undefined,
    imageId: undefined,
    claims: [claim],
  };
}

/** A workload with a pod on each node, each with a claim that is tied to that node. */
export function workloadOn(
  facts: WorkloadFacts,
  nodes: readonly string[],
  change: Partial<WorkloadEvidence> = {},
): WorkloadEvidence {
  const pods = nodes.map((node, index) => podOf(index, node));
  return {
    workload: seen(facts),
    pods: seen(pods),
    claims: seen(
      pods.map(({ claims: [name = ''], node = '' }) => ({
        name,
        phase: 'Bound',
        storageClass: 'openebs-zfs-rustfs',
        accessModes: ['ReadWriteOnce'],
        size: '500Gi',
        nodes: [node],
      })),
    ),
    jobs: seen([]),
    events: seen([]),
    budget:
      nodes.length > 1
        ? seen({ name: 'store', minAvailable: undefined, maxUnavailable: '1' })
        : seen('none'),
    ...change,
  };
}

export const FOUR = ['n1', 'n2', 'n3', 'n4'];

export function apiOf(bucket: string, isThere: boolean): BucketApiView {
  return {
    bucket,
    listed: seen(isThere),
    head: seen(isThere),
    objects: [],
    listing: '200, 0 of at most 1 key',
  };
}

export function driveWith(...buckets: readonly string[]): DriveView {
  return { pod: 'store-0', drive: '/data', data: buckets, metadata: buckets };
}

/** A coherent store with one bucket; what is given replaces what is there. */
export function storeEvidence(change: Partial<StoreEvidence> = {}): StoreEvidence {
  return {
    at: '2026-11-26T12:00:00.000Z',
    by: 'ada@workstation',
    cluster: 'honey',
    namespace: 'nix-cache',
    name: 'attic-rustfs-openebs',
    endpoint: ENDPOINT,
    asked: ['tofu-state'],
    way: seen('through pod nix-cache/store-0'),
    workload: workloadOn(ONE_REPLICA, ['bumble']),
    disk: seen([driveWith('tofu-state')]),
    api: { buckets: [apiOf('tofu-state', true)], names: seen([]), unreachable: undefined },
    logs: [],
    ...change,
  };
}
