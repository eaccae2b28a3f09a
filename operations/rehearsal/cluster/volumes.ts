import type {
  V1NodeSelectorTerm,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1StorageClass,
} from '@kubernetes/client-node';

/** Provisioner of the classes that the settings expect to be there. */
export const LOCAL_PROVISIONER = 'local.rehearsal.flywheel';
/** Provisioner of the classes that the stack attic defines. */
export const ZFS_PROVISIONER = 'zfs.csi.openebs.io';

const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';

/** Both kinds of volume lie on one node: one pod, or the pods of one node, may write to them. */
const ACCESS_MODES = ['ReadWriteOnce', 'ReadWriteOncePod'];

/** The provisioners that are stood in for, and the label by which their volumes are tied to a node. */
const NODE_KEYS: Readonly<Record<string, string>> = {
  [LOCAL_PROVISIONER]: 'kubernetes.io/hostname',
  [ZFS_PROVISIONER]: 'openebs.io/nodename',
};

/** What comes of a claim: a volume to create, or why there is none. */
export type Provision =
  | { readonly kind: 'create'; readonly volume: V1PersistentVolume }
  | { readonly kind: 'wait'; readonly because: string };

/** Decides on a claim as the drivers of local volumes do. */
export function provision(
  claim: V1PersistentVolumeClaim,
  classes: readonly V1StorageClass[],
  nodes: readonly string[],
): Provision {
  const name = claim.spec?.storageClassName ?? '';
  if (claim.status?.phase === 'Bound' || (claim.spec?.volumeName ?? '') !== '') {
    return wait('it has a volume');
  }
  if (name === '') return wait('it names no class, and there is no default');
  const storageClass = classes.find(({ metadata }) => metadata?.name === name);
  if (storageClass === undefined) return wait(`storageclass "${name}" not found`);
  const key = NODE_KEYS[storageClass.provisioner];
  if (key === undefined)
    return wait(`nobody stands in for provisioner ${storageClass.provisioner}`);
  const strange = (claim.spec?.accessModes ?? []).find((mode) => !ACCESS_MODES.includes(mode));
  if (strange !== undefined) return wait(`${storageClass.provisioner} serves no ${strange}`);
  const node = nodeFor(claim, storageClass, nodes);
  if (node === undefined) return wait('it waits for the first pod that uses it to be scheduled');
  return { kind: 'create', volume: volumeFor(claim, storageClass, { key, node }) };
}

function wait(because: string): Provision {
  return { kind: 'wait', because };
}

/** With WaitForFirstConsumer the scheduler chooses the node, else any that the class allows will do. */
function nodeFor(
  { metadata }: V1PersistentVolumeClaim,
  { volumeBindingMode, allowedTopologies }: V1StorageClass,
  nodes: readonly string[],
): string | undefined {
  const chosen = metadata?.annotations?.[SELECTED_NODE];
  if (chosen !== undefined || volumeBindingMode === 'WaitForFirstConsumer') return chosen;
  const allowed = (allowedTopologies ?? []).flatMap(({ matchLabelExpressions }) =>
    (matchLabelExpressions ?? []).flatMap(({ values }) => values),
  );
  return nodes.find((node) => allowed.length === 0 || allowed.includes(node));
}

function volumeFor(
  { metadata, spec }: V1PersistentVolumeClaim,
  storageClass: V1StorageClass,
  { key, node }: { key: string; node: string },
): V1PersistentVolume {
  const name = `pvc-${metadata?.uid}`;
  const term: V1NodeSelectorTerm = { matchExpressions: [{ key, operator: 'In', values: [node] }] };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, annotations: { [PROVISIONED_BY]: storageClass.provisioner } },
    spec: {
      capacity: { storage: spec?.resources?.requests?.storage ?? '1Gi' },
      accessModes: [...(spec?.accessModes ?? [])],
      volumeMode: spec?.volumeMode ?? 'Filesystem',
      storageClassName: storageClass.metadata?.name ?? '',
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      ...(storageClass.mountOptions === undefined
        ? {}
        : { mountOptions: storageClass.mountOptions }),
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        name: metadata?.name ?? '',
        namespace: metadata?.namespace ?? '',
        uid: metadata?.uid ?? '',
      },
      nodeAffinity: { required: { nodeSelectorTerms: [term] } },
      csi: { driver: storageClass.provisioner, volumeHandle: name },
    },
  };
}

/** True for a volume of ours that its claim has left and that its class wants deleted with the claim. */
export function isToBeDeleted({ metadata, spec, status }: V1PersistentVolume): boolean {
  return (
    status?.phase === 'Released' &&
    spec?.persistentVolumeReclaimPolicy === 'Delete' &&
    metadata?.annotations?.[PROVISIONED_BY] !== undefined &&
    metadata.annotations[PROVISIONED_BY] in NODE_KEYS &&
    metadata.deletionTimestamp === undefined
  );
}

/** The size that a bound claim wants and its volume does not have yet, where its class lets volumes grow. */
export function wantedGrowth(
  { spec, status }: V1PersistentVolumeClaim,
  classes: readonly V1StorageClass[],
): string | undefined {
  const wanted = spec?.resources?.requests?.storage;
  const has = status?.capacity?.storage;
  if (status?.phase !== 'Bound' || wanted === undefined || wanted === has) return undefined;
  const own = classes.find(({ metadata }) => metadata?.name === spec?.storageClassName);
  return own?.allowVolumeExpansion === true && own.provisioner in NODE_KEYS ? wanted : undefined;
}
