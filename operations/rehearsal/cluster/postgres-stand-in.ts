import { randomBytes } from 'node:crypto';
import type { V1Pod, V1ResourceRequirements, V1Secret } from '@kubernetes/client-node';
import type { Api, KubeObject } from './api.ts';
import type { World } from './informers.ts';

/** Where the clusters of CloudNativePG are listed. */
export const CLUSTERS_PATH = '/apis/postgresql.cnpg.io/v1/clusters';

const PORT = 5432;
const DATA_GROUP = 26;
const HEALTHY = 'Cluster in healthy state';
const STARTING = 'Setting up primary';

/** A Cluster of CloudNativePG, as far as its stand-in reads it. */
export interface PostgresResource extends KubeObject {
  readonly spec?: {
    readonly instances?: number;
    readonly imageName?: string;
    readonly imagePullSecrets?: readonly { readonly name: string }[];
    readonly bootstrap?: {
      readonly initdb?: { readonly database?: string; readonly owner?: string };
    };
    readonly storage?: { readonly size?: string; readonly storageClass?: string };
    readonly resources?: V1ResourceRequirements;
  };
  readonly status?: { readonly phase?: string; readonly readyInstances?: number };
}

/** Does for every Cluster what pods outside of it can see of the operator's work. */
export async function servePostgres(
  api: Api,
  world: World,
  clusters: readonly PostgresResource[],
): Promise<void> {
  for (const cluster of clusters) {
    if (cluster.metadata?.deletionTimestamp !== undefined) continue;
    await ensureObjects(api, world, cluster);
    await reportStatus(api, world, cluster);
  }
}

async function ensureObjects(api: Api, world: World, cluster: PostgresResource): Promise<void> {
  const { name = '', namespace = '' } = cluster.metadata ?? {};
  const base = `/api/v1/namespaces/${namespace}`;
  // The Secret is made first and never again, so its presence says that the Services are there or on their way.
  if (world.secrets.get(`${name}-app`, namespace) === undefined) {
    for (const service of services(cluster)) await api.ensure(`${base}/services`, service);
    await api.ensure(`${base}/serviceaccounts`, {
      ...head(cluster, 'ServiceAccount', name),
      automountServiceAccountToken: false,
    });
    await api.ensure(`${base}/secrets`, applicationSecret(cluster));
  }
  for (const instance of instanceNames(cluster)) {
    if (world.claims.get(instance, namespace) === undefined) {
      await api.ensure(`${base}/persistentvolumeclaims`, instanceClaim(cluster, instance));
    }
    if (world.pods.get(instance, namespace) === undefined) {
      await api.ensure(`${base}/pods`, instancePod(cluster, instance));
    }
  }
}

function instanceNames({ metadata, spec }: PostgresResource): string[] {
  return Array.from(
    { length: spec?.instances ?? 1 },
    (_, index) => `${metadata?.name}-${index + 1}`,
  );
}

async function reportStatus(api: Api, world: World, cluster: PostgresResource): Promise<void> {
  const { metadata, spec, status } = cluster;
  const names = instanceNames(cluster);
  const readyInstances = names.filter((name) =>
    isReady(world.pods.get(name, metadata?.namespace)),
  ).length;
  const phase = readyInstances === names.length ? HEALTHY : STARTING;
  if (status?.phase === phase && status.readyInstances === readyInstances) return;
  const path = `/apis/postgresql.cnpg.io/v1/namespaces/${metadata?.namespace}/clusters/${metadata?.name}`;
  await api.patch(`${path}/status`, {
    status: { phase, readyInstances, instances: spec?.instances ?? 1, currentPrimary: names[0] },
  });
}

function isReady(pod: V1Pod | undefined): boolean {
  return (pod?.status?.conditions ?? []).some(
    ({ type, status }) => type === 'Ready' && status === 'True',
  );
}

/** What every object of a cluster begins with; it goes when the cluster goes. */
function head({ metadata }: PostgresResource, kind: string, name: string, labels: object = {}) {
  return {
    apiVersion: 'v1',
    kind,
    metadata: {
      name,
      namespace: metadata?.namespace,
      labels: { 'cnpg.io/cluster': metadata?.name, ...labels },
      ownerReferences: [
        {
          apiVersion: 'postgresql.cnpg.io/v1',
          kind: 'Cluster',
          name: metadata?.name,
          uid: metadata?.uid,
          controller: true,
        },
      ],
    },
  };
}

function services(cluster: PostgresResource) {
  const primary = { 'cnpg.io/cluster': cluster.metadata?.name, 'cnpg.io/instanceRole': 'primary' };
  const roles = { rw: primary, ro: { ...primary, 'cnpg.io/instanceRole': 'replica' } };
  const all = { r: { 'cnpg.io/cluster': cluster.metadata?.name, 'cnpg.io/podRole': 'instance' } };
  return Object.entries({ ...roles, ...all }).map(([role, selector]) => ({
    ...head(cluster, 'Service', `${cluster.metadata?.name}-${role}`),
    spec: { selector, ports: [{ name: 'postgres', port: PORT, targetPort: PORT }] },
  }));
}

/** The password is random and opens nothing: no database runs. */
function applicationSecret(cluster: PostgresResource): V1Secret {
  const { metadata, spec } = cluster;
  const dbname = spec?.bootstrap?.initdb?.database ?? 'app';
  const username = spec?.bootstrap?.initdb?.owner ?? dbname;
  const password = randomBytes(24).toString('base64url');
  const host = `${metadata?.name}-rw`;
  const uri = `postgresql://${username}:${password}@${host}.${metadata?.namespace}:${PORT}/${dbname}`;
  return {
    ...head(cluster, 'Secret', `${metadata?.name}-app`),
    type: 'kubernetes.io/basic-auth',
    stringData: { username, user: username, password, dbname, host, port: String(PORT), uri },
  } as V1Secret;
}

function instanceClaim(cluster: PostgresResource, instance: string) {
  const { size = '1Gi', storageClass } = cluster.spec?.storage ?? {};
  return {
    ...head(cluster, 'PersistentVolumeClaim', instance, { 'cnpg.io/instanceName': instance }),
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: size } },
      ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
    },
  };
}

function instancePod(cluster: PostgresResource, instance: string) {
  const { metadata, spec } = cluster;
  const labels = {
    'cnpg.io/instanceName': instance,
    'cnpg.io/instanceRole': instance.endsWith('-1') ? 'primary' : 'replica',
    'cnpg.io/podRole': 'instance',
  };
  return {
    ...head(cluster, 'Pod', instance, labels),
    spec: {
      serviceAccountName: metadata?.name,
      imagePullSecrets: spec?.imagePullSecrets ?? [],
      securityContext: {
        runAsNonRoot: true,
        runAsUser: DATA_GROUP,
        fsGroup: DATA_GROUP,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: 'postgres',
          image: spec?.imageName ?? 'postgres',
          ports: [
            { name: 'postgresql', containerPort: PORT },
            { name: 'metrics', containerPort: 9187 },
            { name: 'status', containerPort: 8000 },
          ],
          resources: spec?.resources ?? {},
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          volumeMounts: [{ name: 'pgdata', mountPath: '/var/lib/postgresql/data' }],
        },
      ],
      volumes: [{ name: 'pgdata', persistentVolumeClaim: { claimName: instance } }],
    },
  };
}
