import {
  type FolderKind,
  REHEARSAL_ROOT,
  SupervisedFolder,
  type SupervisedRecord,
} from '../folder.ts';
import type { StoreBucket } from './buckets.ts';
import type { StoreKind } from './kinds.ts';
import type { RunningStore } from './store.ts';

const STORE: FolderKind = { noun: 'store', prefix: 'store.' };

/** What a store leaves in its folder so that other commands find it. The keys in it are good as long as the store runs. */
export interface StoreRecord extends SupervisedRecord {
  readonly kind: StoreKind;
  /** A folder for the objects that somebody asked for, and that is kept. */
  readonly data?: string;
  /** How it is reached, once it can be used. */
  readonly store?: StoreFacts;
  /** Why it has ended by itself. */
  readonly ended?: string;
}

/** How a store is reached. */
export interface StoreFacts {
  readonly endpoint: string;
  readonly region: string;
  readonly pathStyle: true;
  readonly root: RunningStore['root'];
  readonly buckets: readonly StoreBucket[];
}

/** The folder of one store. */
export class StoreFolder extends SupervisedFolder<StoreRecord> {
  constructor(name: string, root: string = REHEARSAL_ROOT) {
    super(STORE, name, root);
  }

  /** The stores that have a folder below a root. */
  static all(root: string = REHEARSAL_ROOT): StoreFolder[] {
    return SupervisedFolder.names(STORE, root).map((name) => new StoreFolder(name, root));
  }
}
