import type { StorageClassV1Config } from '@cdktf/provider-kubernetes/lib/storage-class-v1/index.js';
import { Construct } from 'constructs';
import { Resource } from '../binding.ts';
import { STORAGE_CLASS } from '../kubernetes.ts';

const PROVISIONER = 'zfs.csi.openebs.io';
const NODE_KEY = 'openebs.io/nodename';

/** Settings of a {@link ZfsStorageClass}. */
export interface ZfsStorageClassProps {
  readonly name: string;

  /** Pool, or dataset in one, on the node. */
  readonly pool: string;

  readonly filesystem: 'xfs' | 'ext4' | 'zfs';

  /** The node that holds the pool. @default - every node that has a pool of that name */
  readonly node?: string | undefined;

  /** Keep the dataset when its claim is deleted. */
  readonly retain: boolean;
}

/**
 * A StorageClass of OpenEBS ZFS LocalPV: datasets of one pool, each bound to its node for good.
 *
 * A volume is made when its first pod is scheduled, so that it lies where the pod may run. A claim that waits for that is
 * pending and not broken.
 *
 * @see https://github.com/openebs/zfs-localpv/blob/develop/docs/storageclasses.md
 */
export class ZfsStorageClass extends Construct {
  /** The StorageClass, for `dependsOn` and `addOverride`. */
  readonly storageClass: Resource<StorageClassV1Config>;

  constructor(scope: Construct, id: string, props: ZfsStorageClassProps) {
    super(scope, id);
    const { name, pool, filesystem, node } = props;
    this.storageClass = new Resource(this, 'Resource', STORAGE_CLASS, {
      metadata: { name },
      storageProvisioner: PROVISIONER,
      volumeBindingMode: 'WaitForFirstConsumer',
      allowVolumeExpansion: true,
      reclaimPolicy: props.retain ? 'Retain' : 'Delete',
      parameters: { poolname: pool, fstype: filesystem },
      ...(node === undefined
        ? {}
        : {
            allowedTopologies: {
              matchLabelExpressions: [{ key: NODE_KEY, values: [node] }],
            },
          }),
    });
  }
}
