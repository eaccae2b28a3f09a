const NAME = 'attic-rustfs-openebs';
const NAMESPACE = 'nix-cache';
const LABELS = { app: NAME };

/** How the objects of a store are made. */
export interface StoreShape {
  readonly replicas: number;
  readonly kind: 'Deployment' | 'StatefulSet';
  readonly volumes: string;
}

/** As the stack `attic` deploys it: one replica on one volume. */
export const REPLICA: StoreShape = { replicas: 1, kind: 'Deployment', volumes: '/data' };

/** A server on each of four nodes, each with a volume of its own. */
export const FOUR_NODES: StoreShape = {
  replicas: 4,
  kind: 'StatefulSet',
  volumes: `http://${NAME}-{0...3}.${NAME}-headless.${NAMESPACE}.svc.cluster.local:9000/data`,
};

/** An object, and the list that it is created in. */
interface Placed {
  readonly path: string;
  readonly object: object;
}

/** What makes up a store of that shape. */
export function storeObjects(shape: StoreShape): Placed[] {
  const one = shape.kind === 'Deployment';
  return [
    placed('/api/v1', 'services', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: NAME },
      spec: { selector: LABELS, ports: [{ name: 's3', port: 9000, targetPort: 's3' }] },
    }),
    ...(one ? [claim()] : [budget()]),
    placed('/apis/apps/v1', one ? 'deployments' : 'statefulsets', {
      apiVersion: 'apps/v1',
      kind: shape.kind,
      metadata: { name: NAME },
      spec: {
        replicas: shape.replicas,
        selector: { matchLabels: LABELS },
        template: template(shape),
        ...(one ? {} : { serviceName: `${NAME}-headless`, podManagementPolicy: 'Parallel' }),
        ...(one ? {} : { volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: CLAIM }] }),
      },
    }),
  ];
}

const CLAIM = {
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage: '10Gi' } },
};

function claim(): Placed {
  return placed('/api/v1', 'persistentvolumeclaims', {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: `${NAME}-data` },
    spec: CLAIM,
  });
}

function budget(): Placed {
  return placed('/apis/policy/v1', 'poddisruptionbudgets', {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: NAME },
    spec: { maxUnavailable: 1, selector: { matchLabels: LABELS } },
  });
}

function template({ kind, volumes }: StoreShape) {
  const apart = {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { labelSelector: { matchLabels: LABELS }, topologyKey: 'kubernetes.io/hostname' },
      ],
    },
  };
  return {
    metadata: { labels: LABELS },
    spec: {
      affinity: apart,
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'rustfs',
          image: 'docker.io/rustfs/rustfs:1.0.1',
          env: [{ name: 'RUSTFS_VOLUMES', value: volumes }],
          ports: [{ name: 's3', containerPort: 9000 }],
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
      ],
      ...(kind === 'Deployment'
        ? {
            volumes: [{ name: 'data', persistentVolumeClaim: { claimName: `${NAME}-data` } }],
          }
        : {}),
    },
  };
}

function placed(root: string, resource: string, object: object): Placed {
  return { path: `${root}/namespaces/${NAMESPACE}/${resource}`, object };
}
