import type { V1PersistentVolumeClaim, V1StorageClass } from '@kubernetes/client-node';
import { describe, expect, test } from 'vitest';
import {
  isToBeDeleted,
  LOCAL_PROVISIONER,
  provision,
  wantedGrowth,
  ZFS_PROVISIONER,
} from '../../../../operations/rehearsal/cluster/volumes.ts';

const NODES = ['honey', 'bumble'];
const ZFS: V1StorageClass = {
  metadata: { name: 'zfs' },
  provisioner: ZFS_PROVISIONER,
  volumeBindingMode: 'WaitForFirstConsumer',
  reclaimPolicy: 'Retain',
  allowVolumeExpansion: true,
  allowedTopologies: [
    { matchLabelExpressions: [{ key: 'openebs.io/nodename', values: ['bumble'] }] },
  ],
};
const CLASSES: V1StorageClass[] = [
  ZFS,
  { ...ZFS, metadata: { name: 'zfs-at-once' }, volumeBindingMode: 'Immediate' },
  { metadata: { name: 'local' }, provisioner: LOCAL_PROVISIONER, volumeBindingMode: 'Immediate' },
  { metadata: { name: 'foreign' }, provisioner: 'ebs.csi.aws.com' },
];

function claim(
  storageClassName: string,
  more: { node?: string; modes?: string[] } = {},
): V1PersistentVolumeClaim {
  return {
    metadata: {
      name: 'data',
      namespace: 'ns',
      uid: 'u-1',
      annotations: more.node ? { 'volume.kubernetes.io/selected-node': more.node } : {},
    },
    spec: {
      storageClassName,
      accessModes: more.modes ?? ['ReadWriteOnce'],
      resources: { requests: { storage: '5Gi' } },
    },
    status: { phase: 'Pending' },
  };
}

describe('a claim', () => {
  test('gets a volume on the node of its first pod, kept as its class says', () => {
    const decision = provision(claim('zfs', { node: 'bumble' }), CLASSES, NODES);
    expect(decision).toMatchObject({
      kind: 'create',
      volume: {
        metadata: { name: 'pvc-u-1' },
        spec: {
          capacity: { storage: '5Gi' },
          persistentVolumeReclaimPolicy: 'Retain',
          claimRef: { name: 'data', namespace: 'ns', uid: 'u-1' },
          csi: { driver: ZFS_PROVISIONER },
          nodeAffinity: {
            required: {
              nodeSelectorTerms: [
                { matchExpressions: [{ key: 'openebs.io/nodename', values: ['bumble'] }] },
              ],
            },
          },
        },
      },
    });
  });

  test.each([
    ['any node', 'local', 'honey'],
    ['a node that the class allows', 'zfs-at-once', 'bumble'],
  ])('that waits for no pod gets a volume on %s', (_, name, node) => {
    const decision = provision(claim(name), CLASSES, NODES);
    expect(JSON.stringify(decision)).toContain(`"values":["${node}"]`);
  });

  test.each<[string, V1PersistentVolumeClaim, string]>([
    ['without a pod', claim('zfs'), 'it waits for the first pod that uses it to be scheduled'],
    ['of no class', claim(''), 'it names no class, and there is no default'],
    ['of an unknown class', claim('gone'), 'storageclass "gone" not found'],
    ['of a foreign class', claim('foreign'), 'nobody stands in for provisioner ebs.csi.aws.com'],
    [
      'for several nodes',
      claim('zfs', { node: 'bumble', modes: ['ReadWriteMany'] }),
      'zfs.csi.openebs.io serves no ReadWriteMany',
    ],
    ['that is bound', { ...claim('local'), status: { phase: 'Bound' } }, 'it has a volume'],
  ])('%s waits', (_, given, because) => {
    expect(provision(given, CLASSES, NODES)).toEqual({ kind: 'wait', because });
  });
});

describe('a volume', () => {
  const released = {
    metadata: { name: 'v', annotations: { 'pv.kubernetes.io/provisioned-by': ZFS_PROVISIONER } },
    spec: { persistentVolumeReclaimPolicy: 'Delete' },
    status: { phase: 'Released' },
  };

  test('goes after its claim when its class says so', () => {
    expect(isToBeDeleted(released)).toBe(true);
  });

  test.each([
    ['is kept', { spec: { persistentVolumeReclaimPolicy: 'Retain' } }],
    ['is in use', { status: { phase: 'Bound' } }],
    ['was made by somebody else', { metadata: { name: 'v' } }],
  ])('stays when it %s', (_, change) => {
    expect(isToBeDeleted({ ...released, ...change })).toBe(false);
  });

  test('grows with its claim, only where its class lets it', () => {
    const bound = { phase: 'Bound', capacity: { storage: '1Gi' } };
    expect(wantedGrowth({ ...claim('zfs'), status: bound }, CLASSES)).toBe('5Gi');
    expect(wantedGrowth({ ...claim('local'), status: bound }, CLASSES)).toBeUndefined();
    expect(wantedGrowth(claim('zfs'), CLASSES)).toBeUndefined();
  });
});
