import { stringify } from 'smol-toml';
import {
  account,
  CONTAINER_SECURITY,
  IMAGE,
  type Json,
  manifests,
  namespace,
  POD_SECURITY,
  policies,
  RESOURCES,
  secret,
  stack,
} from './parts.ts';

const SERVER_TOML = stringify({
  'api-endpoint': 'https://cache.example.org/',
  'garbage-collection': { interval: '12 hours', 'default-retention-period': '3 months' },
});

/** An API of two replicas, the state store, a database with backups, a nightly task, an alert. */
export function services(): Json {
  return stack('services', {
    output: {
      url: { value: 'https://cache.example.org' },
      url_for_pods: { value: 'http://api.apps.svc.cluster.local' },
      caches: {
        value: [{ name: 'main', public_key: 'main:4JVxzj5a3MgJX2mWyBLUvmUl6ql3oKp7rJLdnYVoWCs=' }],
      },
      required_secrets: {
        value: [
          secret('apps', 'api-s3', 's3-credentials', ['access-key-id', 'secret-access-key']),
          secret('apps', 'store-root', 'object-store-root', ['access-key-id', 'secret-access-key']),
        ],
      },
    },
    resource: {
      helm_release: {
        'apps-namespace': manifests('namespace-apps', namespace('apps', 'services', 'restricted'), {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name: 'store-data', namespace: 'apps' },
          spec: {
            accessModes: ['ReadWriteOnce'],
            storageClassName: 'zfs',
            resources: { requests: { storage: '100Gi' } },
          },
        }),
        database: manifests('database', ...database()),
      },
      kubernetes_config_map_v1: {
        'api-config': {
          metadata: { name: 'api-config', namespace: 'apps' },
          data: { 'server.toml': SERVER_TOML },
        },
      },
      kubernetes_cron_job_v1: {
        nightly: {
          metadata: { name: 'nightly', namespace: 'apps' },
          spec: {
            schedule: '0 2 * * *',
            concurrency_policy: 'Forbid',
            job_template: { metadata: {}, spec: { template: podTemplate('nightly') } },
          },
        },
      },
      kubernetes_deployment_v1: {
        api: deployment('api', 2, apiTemplate(), {
          'flywheel/availability': 'ha',
          'flywheel/failure-domain': 'all nodes with a replica',
        }),
        store: deployment('store', 1, storeTemplate(), {
          'flywheel/availability': 'interim',
          'flywheel/failure-domain': 'the node and its volume',
          'flywheel/state-store': 'true',
        }),
      },
      kubernetes_ingress_v1: {
        api: {
          metadata: { name: 'api', namespace: 'apps' },
          spec: {
            rule: [
              {
                host: 'cache.example.org',
                http: {
                  path: [
                    { path: '/', backend: { service: { name: 'api', port: { number: 80 } } } },
                  ],
                },
              },
            ],
          },
        },
      },
      kubernetes_network_policy_v1: policies('apps', {
        api: { app: 'api' },
        store: { app: 'store' },
        nightly: { app: 'nightly' },
        database: { 'cnpg.io/cluster': 'db' },
      }),
      kubernetes_pod_disruption_budget_v1: {
        api: {
          metadata: { name: 'api', namespace: 'apps' },
          spec: { max_unavailable: '1', selector: { match_labels: { app: 'api' } } },
        },
      },
      kubernetes_role_v1: {
        api: {
          metadata: { name: 'api', namespace: 'apps' },
          rule: [{ api_groups: [''], resources: ['configmaps'], verbs: ['get'] }],
        },
      },
      kubernetes_role_binding_v1: {
        api: {
          metadata: { name: 'api', namespace: 'apps' },
          role_ref: { api_group: 'rbac.authorization.k8s.io', kind: 'Role', name: 'api' },
          subject: [{ kind: 'ServiceAccount', name: 'api', namespace: 'apps' }],
        },
      },
      kubernetes_service_account_v1: {
        api: account('apps', 'api'),
        store: account('apps', 'store'),
        nightly: account('apps', 'nightly'),
      },
      kubernetes_service_v1: {
        api: service('api', 80, 8080),
        store: service('store', 9000, 9000),
      },
    },
  });
}

function service(name: string, port: number, targetPort: number): Json {
  return {
    metadata: { name, namespace: 'apps' },
    spec: {
      selector: { app: name },
      port: [{ name: 'http', port, target_port: String(targetPort) }],
    },
  };
}

function apiTemplate(): Json {
  return podTemplate('api', {
    pod: {
      automount_service_account_token: true,
      volume: [{ name: 'config', config_map: { name: 'api-config' } }],
    },
    container: {
      env: [
        { name: 'LISTEN', value: '0.0.0.0:8080' },
        { name: 'SELF_URL', value: 'http://127.0.0.1:8080' },
        { name: 'S3_ENDPOINT', value: 'http://store.apps.svc.cluster.local:9000' },
        secretVariable('S3_SECRET_KEY', 'api-s3', 'secret-access-key'),
      ],
      port: [{ name: 'http', container_port: 8080 }],
      volume_mount: [{ name: 'config', mount_path: '/etc/api', read_only: true }],
    },
  });
}

function storeTemplate(): Json {
  return podTemplate('store', {
    container: {
      env: [secretVariable('ROOT_PASSWORD', 'store-root', 'secret-access-key')],
      port: [{ name: 'http', container_port: 9000 }],
      volume_mount: [{ name: 'data', mount_path: '/data', read_only: false }],
    },
    pod: { volume: [{ name: 'data', persistent_volume_claim: { claim_name: 'store-data' } }] },
  });
}

function secretVariable(name: string, from: string, key: string): Json {
  return { name, value_from: { secret_key_ref: { name: from, key } } };
}

function database(): Json[] {
  const metadata = (name: string, annotations: Json = {}) => ({
    name,
    namespace: 'apps',
    annotations,
  });
  return [
    {
      apiVersion: 'postgresql.cnpg.io/v1',
      kind: 'Cluster',
      metadata: metadata('db', { 'flywheel/backup': 'elsewhere' }),
      spec: {
        instances: 1,
        enablePDB: false,
        imageName: IMAGE,
        resources: RESOURCES,
        plugins: [
          { name: 'barman-cloud.cloudnative-pg.io', parameters: { barmanObjectName: 'db-backup' } },
        ],
      },
    },
    {
      apiVersion: 'barmancloud.cnpg.io/v1',
      kind: 'ObjectStore',
      metadata: metadata('db-backup'),
      spec: {
        configuration: { destinationPath: 's3://backups/', endpointURL: 'https://s3.example.org' },
        retentionPolicy: '30d',
        instanceSidecarConfiguration: { resources: RESOURCES },
      },
    },
    {
      apiVersion: 'postgresql.cnpg.io/v1',
      kind: 'ScheduledBackup',
      metadata: metadata('db'),
      spec: { schedule: '0 30 1 * * *', cluster: { name: 'db' } },
    },
    {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: metadata('alerts'),
      spec: {
        groups: [{ name: 'api', rules: [{ alert: 'ApiDown', expr: 'up == 0', for: '5m' }] }],
      },
    },
  ];
}

function podTemplate(name: string, more: { container?: Json; pod?: Json } = {}): Json {
  return {
    metadata: { labels: { app: name } },
    spec: {
      service_account_name: name,
      automount_service_account_token: false,
      security_context: POD_SECURITY,
      container: [
        {
          name,
          image: IMAGE,
          resources: RESOURCES,
          security_context: CONTAINER_SECURITY,
          ...more.container,
        },
      ],
      ...more.pod,
    },
  };
}

function deployment(name: string, replicas: number, template: Json, annotations: Json = {}): Json {
  return {
    metadata: { name, namespace: 'apps', annotations },
    spec: { replicas: String(replicas), selector: { match_labels: { app: name } }, template },
    wait_for_rollout: false,
  };
}
