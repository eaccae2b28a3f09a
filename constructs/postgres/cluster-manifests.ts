import type { Cron6 } from '../../values/cron.ts';
import type { Duration } from '../../values/duration.ts';
import type { Image } from '../../values/image.ts';
import type { Quantity } from '../../values/quantity.ts';
import { type Resources, resourceMap } from '../../values/resources.ts';
import type { Manifest } from '../manifests/manifests.ts';
import type { BucketAccess } from '../object-store/store-access.ts';

const BACKUP_PLUGIN = 'barman-cloud.cloudnative-pg.io';
const MIB = 2 ** 20;

/**
 * Seconds for each change of state. A start may replay much of the log, and one that is cut off begins anew; an end is
 * quick, because the one client there is connects again by itself.
 */
const DELAYS = { startDelay: 600, stopDelay: 90, smartShutdownTimeout: 30, switchoverDelay: 60 };

/** Passwords by SCRAM, over TLS alone: the operator's own last rule would let the rest in without it. */
const HOST_RULES = ['hostssl all all all scram-sha-256', 'hostnossl all all all reject'];

/** Ends the sessions of a server that has gone wrong, and would end a long migration too. */
const STATEMENT_TIMEOUT = '60s';

/** Lifts that limit for one session: what a client asks for when it connects comes before what the server is set to. */
export const PATIENT_SESSION = '-c statement_timeout=0';

/** The label that the operator puts on everything of a cluster. */
export const CLUSTER_LABEL = 'cnpg.io/cluster';

/** Base backups on a schedule, and the write-ahead log as it is written. */
export interface PostgresBackup {
  /** The bucket, and the way to it. */
  readonly access: BucketAccess;
  /** When a base backup is made. */
  readonly schedule: Cron6;
  /** How long backups are kept. */
  readonly retention: Duration<'retention'>;
  /** The bucket is lost by what loses the data. */
  readonly sharesFailureDomain: boolean;
}

/** What a cluster is made of. */
export interface ClusterOptions {
  readonly name: string;
  readonly namespace: string;
  readonly image: Image;
  /** Database and owner. */
  readonly database: string;
  readonly instances: number;
  readonly volume: { readonly size: Quantity; readonly storageClass: string | undefined };
  readonly resources: Resources;
  /** Parameters that come before ours. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly backup: PostgresBackup | undefined;
  readonly pullSecret: string | undefined;
}

/**
 * The custom resource from which the operator makes instances, Services, certificates and the Secret `<name>-app`.
 *
 * Collation is that of C: the order of a language comes from the system library of the image, and a change of it damages
 * every index on text without a word.
 */
export function clusterManifest(options: ClusterOptions): Manifest {
  const { name, namespace, instances, volume, backup } = options;
  return {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    metadata: { name, namespace, annotations: { ...options.annotations } },
    spec: {
      imageName: String(options.image),
      ...(options.pullSecret === undefined
        ? {}
        : { imagePullSecrets: [{ name: options.pullSecret }] }),
      instances,
      // Its budgets would block every drain of a single instance.
      enablePDB: instances > 1,
      enableSuperuserAccess: false,
      primaryUpdateStrategy: 'unsupervised',
      ...DELAYS,
      bootstrap: {
        initdb: {
          database: options.database,
          owner: options.database,
          encoding: 'UTF8',
          localeCollate: 'C',
          localeCType: 'C.UTF-8',
          dataChecksums: true,
        },
      },
      postgresql: {
        parameters: { ...parameters(options.resources), ...options.parameters },
        pg_hba: HOST_RULES,
      },
      affinity: {
        enablePodAntiAffinity: true,
        topologyKey: 'kubernetes.io/hostname',
        // Two instances on one node are lost together, so rather none than that.
        podAntiAffinityType: instances > 1 ? 'required' : 'preferred',
      },
      storage: {
        size: String(volume.size),
        ...(volume.storageClass === undefined ? {} : { storageClass: volume.storageClass }),
      },
      resources: {
        requests: resourceMap(options.resources.requests),
        limits: resourceMap(options.resources.limits),
      },
      logLevel: 'info',
      ...(backup === undefined ? {} : { plugins: [walArchiver(name)] }),
    },
  };
}

function parameters({ requests }: Resources): Record<string, string> {
  return {
    log_checkpoints: 'on',
    log_connections: 'on',
    log_disconnections: 'on',
    log_lock_waits: 'on',
    log_statement: 'ddl',
    max_connections: '100',
    password_encryption: 'scram-sha-256',
    // The operator refuses more than the memory that is reserved.
    shared_buffers: `${Math.floor(requests.memory.portion(0.5).amount / MIB)}MB`,
    statement_timeout: STATEMENT_TIMEOUT,
  };
}

function walArchiver(name: string) {
  return {
    name: BACKUP_PLUGIN,
    isWALArchiver: true,
    parameters: { barmanObjectName: backupStoreName(name) },
  };
}

function backupStoreName(cluster: string): string {
  return `${cluster}-backup`;
}

/** The objects behind the backups of a cluster: where they lie, and when a base backup is made. */
export function backupManifests(
  { name, namespace }: Pick<ClusterOptions, 'name' | 'namespace'>,
  backup: PostgresBackup,
): Manifest[] {
  const { bucket, endpoint, region, credentials } = backup.access;
  const secretKey = (key: string) => ({ name: credentials.name, key });
  return [
    {
      apiVersion: 'barmancloud.cnpg.io/v1',
      kind: 'ObjectStore',
      metadata: { name: backupStoreName(name), namespace },
      spec: {
        configuration: {
          destinationPath: `s3://${bucket}/`,
          ...(endpoint === undefined ? {} : { endpointURL: String(endpoint) }),
          s3Credentials: {
            accessKeyId: secretKey('access-key-id'),
            secretAccessKey: secretKey('secret-access-key'),
          },
          wal: { compression: 'gzip', maxParallel: 2 },
          data: { compression: 'gzip' },
        },
        retentionPolicy: String(backup.retention),
        instanceSidecarConfiguration: {
          env: sidecarEnvironment(region),
          resources: {
            requests: { cpu: '50m', memory: '128Mi' },
            limits: { cpu: '500m', memory: '512Mi' },
          },
        },
      },
    },
    {
      apiVersion: 'postgresql.cnpg.io/v1',
      kind: 'ScheduledBackup',
      metadata: { name: `${name}-scheduled`, namespace },
      spec: {
        schedule: String(backup.schedule),
        cluster: { name },
        method: 'plugin',
        pluginConfiguration: { name: BACKUP_PLUGIN },
        backupOwnerReference: 'cluster',
        immediate: true,
      },
    },
  ];
}

/** Stores other than AWS refuse the checksums that newer SDKs add by themselves, and have no metadata service. */
function sidecarEnvironment(region: string) {
  return [
    { name: 'AWS_DEFAULT_REGION', value: region },
    { name: 'AWS_EC2_METADATA_DISABLED', value: 'true' },
    { name: 'AWS_REQUEST_CHECKSUM_CALCULATION', value: 'when_required' },
    { name: 'AWS_RESPONSE_CHECKSUM_VALIDATION', value: 'when_required' },
  ];
}
