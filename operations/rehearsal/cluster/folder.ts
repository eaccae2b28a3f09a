import {
  type FolderKind,
  REHEARSAL_ROOT,
  SupervisedFolder,
  type SupervisedRecord,
} from '../folder.ts';

const CLUSTER: FolderKind = { noun: 'cluster', prefix: '' };

/** What a cluster leaves in its folder so that other commands find it. */
export interface ClusterRecord extends SupervisedRecord {
  /** Context of the operator in the kubeconfig; that of the admin has `-admin` after it. */
  readonly context: string;
  readonly server: string;
  readonly serviceRange: string;
  readonly adminToken: string;
  /** UID of the namespace kube-system, by which the cluster is known; absent while it starts. */
  readonly uid?: string;
}

/** The folder of one cluster. */
export class ClusterFolder extends SupervisedFolder<ClusterRecord> {
  constructor(name: string, root: string = REHEARSAL_ROOT) {
    super(CLUSTER, name, root);
  }

  /** The clusters that have a folder below a root. */
  static all(root: string = REHEARSAL_ROOT): ClusterFolder[] {
    return SupervisedFolder.names(CLUSTER, root).map((name) => new ClusterFolder(name, root));
  }

  get kubeconfig(): string {
    return this.file('kubeconfig');
  }

  /**
   * What belongs into XDG_STATE_HOME while this cluster is worked on: whoever keeps the UID of a cluster there keeps it by the
   * name of the context, which a rehearsal shares with the real one.
   */
  get stateHome(): string {
    return this.file('state');
  }
}
