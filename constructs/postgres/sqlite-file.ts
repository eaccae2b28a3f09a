import type { Quantity } from '../../values/quantity.ts';
import type { Manifest } from '../manifests/manifests.ts';
import type { Database } from './database.ts';

const FOLDER = '/var/lib/attic';

/** A SQLite file, with the claim of the volume that it lies on. */
export interface SqliteFile {
  readonly database: Database;
  /** The claim; it shares the fate of the namespace and so belongs to its contents. */
  readonly claim: Manifest;
}

/** A database that is one file on one volume: for a single node and a single process. */
export function sqliteFile(props: {
  readonly namespace: string;
  /** Name of the claim. */
  readonly name: string;
  readonly size: Quantity;
  readonly storageClass: string | undefined;
}): SqliteFile {
  return {
    claim: {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: props.name, namespace: props.namespace },
      spec: {
        accessModes: ['ReadWriteOnce'],
        ...(props.storageClass === undefined ? {} : { storageClassName: props.storageClass }),
        resources: { requests: { storage: String(props.size) } },
      },
    },
    database: {
      // `rwc` creates the file where there is none yet.
      url: { value: `sqlite://${FOLDER}/server.db?mode=rwc` },
      flows: [],
      dependsOn: [],
      file: { claim: props.name, folder: FOLDER },
      failureDomain: 'the node and its volume',
      highlyAvailable: false,
    },
  };
}
