import { ATTIC_SERVICE } from '../config/addresses.ts';
import type { Settings } from '../config/settings.ts';
import { atticLabels, atticNames, PART_OF } from '../constructs/attic-cache/attic-names.ts';
import { stateFact } from '../constructs/facts.ts';
import type { Manifest } from '../constructs/manifests/manifests.ts';
import type { MonitorTarget } from '../constructs/monitoring/monitors.ts';
import { ManagedNamespace } from '../constructs/namespace/managed-namespace.ts';
import type { ObjectStore } from '../constructs/object-store/store-access.ts';
import { ZfsStorageClass } from '../constructs/object-store/zfs-storage-class.ts';
import { CLUSTER_LABEL } from '../constructs/postgres/cluster-manifests.ts';
import type { Database } from '../constructs/postgres/database.ts';
import { externalDatabase } from '../constructs/postgres/external-database.ts';
import { PostgresCluster } from '../constructs/postgres/postgres-cluster.ts';
import { PostgresOperator } from '../constructs/postgres/postgres-operator.ts';
import { type SqliteFile, sqliteFile } from '../constructs/postgres/sqlite-file.ts';
import { databaseBackup } from './attic-backup.ts';
import type { FlywheelStack } from './flywheel-stack.ts';
import { chartMirror, clusterNetwork, type StackContext } from './stack-context.ts';

const CLUSTER = 'attic-pg';
const DATABASE = 'attic';

type DatabaseSettings = Settings['attic']['database'];
type ClusterSettings = Extract<DatabaseSettings, { kind: 'cloudnative-pg' }>;
type ExternalSettings = Extract<DatabaseSettings, { kind: 'external' }>;
type FileSettings = Extract<DatabaseSettings, { kind: 'sqlite' }>;
type Volume = ClusterSettings['volume'];

/** Where the database runs, and the store that its backups may lie in. */
export interface DatabaseSurroundings {
  readonly namespace: ManagedNamespace;
  readonly store: ObjectStore;
}

/** A database, with what is watched of it. */
export interface DefinedDatabase {
  readonly database: Database;
  readonly watched: readonly MonitorTarget[];
}

/** The volume claims of a database that is a file. They are given to the namespace, so that they are kept with it. */
export function atticDatabaseVolumes({ settings }: StackContext): Manifest[] {
  const { database } = settings.attic;
  return database.kind === 'sqlite' ? [fileOf(settings, database).claim] : [];
}

/** The labels of the pods that hold the database, by which a store knows who brings backups. */
export function databasePods(): Readonly<Record<string, string>> {
  return { [CLUSTER_LABEL]: CLUSTER };
}

/** The database that the settings choose. */
export function defineAtticDatabase(
  stack: FlywheelStack,
  context: StackContext,
  surroundings: DatabaseSurroundings,
): DefinedDatabase {
  const { settings } = context;
  const { database } = settings.attic;
  switch (database.kind) {
    case 'cloudnative-pg':
      return defineCluster(stack, context, database, surroundings);
    case 'external':
      return defineExternal(stack, settings, database);
    case 'sqlite':
      return defineFile(stack, settings, database, surroundings.namespace);
  }
}

function defineExternal(
  stack: FlywheelStack,
  { namespaces }: Settings,
  declared: ExternalSettings,
): DefinedDatabase {
  const database = externalDatabase({ ...declared, namespace: namespaces.cache });
  stateFact(stack, 'component', {
    component: 'database',
    namespace: namespaces.cache,
    replicas: 'run elsewhere',
    failureDomain: database.failureDomain,
    backup: 'not known: someone else runs the database',
    highlyAvailable: database.highlyAvailable,
  });
  return { database, watched: [] };
}

function fileOf({ namespaces, cluster }: Settings, { volume }: FileSettings): SqliteFile {
  return sqliteFile({
    namespace: namespaces.cache,
    name: `${ATTIC_SERVICE}-database`,
    size: volume.size,
    storageClass: storageClassName(volume, cluster.storageClass),
  });
}

function storageClassName(volume: Volume, ofCluster: string | undefined): string | undefined {
  return volume.zfs?.name ?? volume.storageClass ?? ofCluster;
}

function defineFile(
  stack: FlywheelStack,
  settings: Settings,
  declared: FileSettings,
  namespace: ManagedNamespace,
): DefinedDatabase {
  const { namespaces, protection } = settings;
  const { database, claim } = fileOf(settings, declared);
  stateFact(stack, 'component', {
    component: 'database file',
    namespace: namespaces.cache,
    replicas: '1',
    failureDomain: database.failureDomain,
    backup: 'none',
    highlyAvailable: false,
  });
  const dependsOn = defineStorageClass(stack, declared.volume, protection.data);
  return {
    database: { ...database, dependsOn },
    watched: [{ kind: 'volume', namespace, name: claim.metadata.name }],
  };
}

/** A StorageClass of the volume's own, where one is to be defined. */
function defineStorageClass(stack: FlywheelStack, { zfs }: Volume, retain: boolean) {
  return zfs === undefined
    ? []
    : [new ZfsStorageClass(stack, 'database-storage-class', { ...zfs, retain }).storageClass];
}

function defineCluster(
  stack: FlywheelStack,
  context: StackContext,
  database: ClusterSettings,
  { namespace, store }: DatabaseSurroundings,
): DefinedDatabase {
  const { settings, images } = context;
  const { protection, monitoring, namespaces, cluster } = settings;
  const operator = database.installOperator ? defineOperator(stack, context, database) : undefined;
  if (operator === undefined && database.backup !== undefined) {
    stateFact(stack, 'note', {
      subject: namespaces.database,
      note: 'the Barman Cloud plugin must be there, beside the operator that is there already: without it there is no backup',
    });
  }
  const storageClass = defineStorageClass(stack, database.volume, protection.data);
  const names = atticNames(ATTIC_SERVICE);
  const postgres = new PostgresCluster(stack, 'database', {
    namespace,
    name: CLUSTER,
    network: clusterNetwork(context),
    image: images.postgresql,
    database: DATABASE,
    instances: database.instances,
    volume: {
      size: database.volume.size,
      storageClass: storageClassName(database.volume, cluster.storageClass),
    },
    resources: database.resources,
    parameters: database.parameters,
    backup: databaseBackup(settings, store),
    pullSecret: settings.images.pullSecret,
    operatorNamespace: namespaces.database,
    clients: [names.api, names.collector, names.migrations].map(atticLabels),
    keep: protection.data,
    claimsHighAvailability: database.highlyAvailable,
    monitoringNamespace: monitoring.enabled ? monitoring.namespace : undefined,
    dependsOn: [
      ...storageClass,
      ...(operator === undefined ? [] : [operator.release.release]),
      ...(operator?.plugin === undefined ? [] : [operator.plugin.release]),
    ],
  });
  return {
    database: postgres,
    watched: [
      { kind: 'postgres', namespace, name: CLUSTER, selector: { matchLabels: postgres.selector } },
      { kind: 'volume', namespace, name: CLUSTER },
      ...(operator === undefined
        ? []
        : [
            {
              kind: 'deployment',
              namespace: operator.namespace,
              name: operator.release.release.config.name,
            } as const,
          ]),
    ],
  };
}

function defineOperator(
  stack: FlywheelStack,
  context: StackContext,
  database: ClusterSettings,
): PostgresOperator {
  const { settings, images, charts } = context;
  const { namespaces, monitoring, protection } = settings;
  return new PostgresOperator(stack, 'database-operator', {
    namespace: new ManagedNamespace(stack, 'database-operator-namespace', {
      name: namespaces.database,
      podSecurity: 'restricted',
      trust: 'controllers',
      partOf: PART_OF,
      keep: protection.data,
    }),
    network: clusterNetwork(context),
    chart: charts['cloudnative-pg'],
    image: images['postgresql-operator'],
    mirror: chartMirror(context),
    instances: { namespace: namespaces.cache, cluster: CLUSTER },
    plugin:
      database.backup === undefined
        ? undefined
        : {
            chart: charts['barman-cloud-plugin'],
            image: images['barman-cloud-plugin'],
            sidecarImage: images['barman-cloud-sidecar'],
          },
    monitoring: monitoring.enabled ? monitoring : undefined,
    pullSecret: settings.images.pullSecret,
  });
}
