import { describe, expect, test } from 'vitest';
import { secretShape } from '../../values/secret-shape.ts';
import { type Json, named, resourcesOf } from '../support/synthesized.ts';
import { attic, notesOf, objectsOf, withAttic } from './attic-settings.ts';

const tinyland = attic('tinyland');

describe('the stack attic of tinyland', () => {
  test('keeps its state under the key of the contract (S1, S2, S11)', () => {
    expect(tinyland.terraform.backend.s3).toMatchObject({
      bucket: 'tofu-state',
      key: 'attic/terraform.tfstate',
      use_lockfile: true,
    });
  });

  test('is at the addresses of the contract (T3, T4, T5)', () => {
    const value = (name: string) => tinyland.output[name].value;
    expect(value('attic_url')).toBe('https://nix-cache.tinyland.dev');
    expect(value('attic_url_for_pods')).toBe('http://attic.nix-cache.svc.cluster.local');
    expect(value('substituter')).toBe('https://nix-cache.tinyland.dev/main');
    expect(value('bazel_cache_for_pods')).toBe(
      'grpc://bazel-cache.nix-cache.svc.cluster.local:9092',
    );
  });

  test('runs services under restricted, and what is warmed apart from them (T2, W-A16)', () => {
    const security = (name: string) => {
      const [{ metadata }] = objectsOf(tinyland, `namespace-${name}`);
      return [
        metadata.labels['pod-security.kubernetes.io/enforce'],
        metadata.labels['flywheel/trust'],
      ];
    };
    expect(security('nix-cache')).toEqual(['restricted', 'services']);
    expect(security('cnpg-system')).toEqual(['restricted', 'controllers']);
    expect(security('nix-cache-warming')).toEqual(['baseline', 'jobs']);
  });

  test('names every cache with its key, which is null as long as nobody knows it (T9)', () => {
    expect(tinyland.output.caches.value).toEqual([
      {
        name: 'main',
        public: true,
        public_key: null,
        substituter: 'https://nix-cache.tinyland.dev/main',
        substituter_for_pods: 'http://attic.nix-cache.svc.cluster.local/main',
      },
    ]);
    const publicKey = 'main:4JVxzj5a3MgJX2mWyBLUvmUl6ql3oKp7rJLdnYVoWCs=';
    const known = attic(
      'tinyland',
      withAttic(({ caches }) => ({
        caches: Object.fromEntries(
          Object.entries(caches).map(([name, cache]) => [name, { ...cache, publicKey }]),
        ),
      })),
    );
    expect(known.output.caches.value[0].public_key).toBe(publicKey);
  });

  test('lists every Secret that must exist, each of one kind (Q7)', () => {
    expect(
      tinyland.output.required_secrets.value.map(
        ({ namespace, name, kind }: Json) => `${namespace}/${name} ${kind}`,
      ),
    ).toEqual([
      'nix-cache-warming/attic-push-token attic-push-token',
      'nix-cache/attic-jwt-signing jwt-signing-key',
      'nix-cache/attic-main-signing cache-signing-key',
      'nix-cache/attic-pg-app database-url-managed',
      'nix-cache/attic-s3 s3-credentials',
      'nix-cache/bazel-cache-s3 s3-credentials',
      'nix-cache/object-store-root object-store-root',
      'nix-cache/tofu-state-s3 s3-credentials',
    ]);
  });

  test('holds no secret (W-A2, W-A3)', () => {
    expect(secretShape(JSON.stringify(tinyland))).toBeUndefined();
  });

  test('uses the root identity of the store in its own server and bucket Job alone (W-A10)', () => {
    const withRoot = ['kubernetes_deployment_v1', 'kubernetes_job_v1'].flatMap((type) =>
      resourcesOf(tinyland, type)
        .filter((resource) => JSON.stringify(resource.spec).includes('object-store-root'))
        .map(({ metadata }) => metadata.name.replace(/-[0-9a-f]{10}$/, '')),
    );
    expect(withRoot).toEqual(['attic-rustfs-openebs', 'attic-rustfs-openebs-buckets']);
  });

  test('deletes nothing behind the server of the caches (W-A11, L18)', () => {
    expect(resourcesOf(tinyland, 'aws_s3_bucket_lifecycle_configuration')).toEqual([]);
  });

  test('keeps namespace, volume and database with their policies, and finds them again', () => {
    const kept = ['namespace-nix-cache', 'attic-pg'].flatMap((name) => objectsOf(tinyland, name));
    for (const { metadata } of kept) {
      expect(metadata.annotations['helm.sh/resource-policy']).toBe('keep');
    }
    expect(kept.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'Namespace nix-cache',
      'PersistentVolumeClaim attic-rustfs-openebs-data',
      'NetworkPolicy default-deny',
      'Cluster attic-pg',
      'NetworkPolicy attic-pg',
    ]);
    for (const name of ['namespace-nix-cache', 'attic-pg']) {
      expect(named(tinyland, 'helm_release', name)).toMatchObject({
        take_ownership: true,
        wait: false,
      });
    }
  });

  test('keeps nothing where the settings say so', () => {
    const fleeting = attic('tinyland', (settings) => ({
      ...settings,
      protection: { data: false },
    }));
    expect(JSON.stringify(fleeting)).not.toContain('helm.sh/resource-policy');
  });

  test('makes the operator before the cluster, and takes it down after it', () => {
    const { depends_on } = named(tinyland, 'helm_release', 'attic-pg');
    expect(depends_on.join()).toContain('helm_release.database-operator_chart_');
    expect(named(tinyland, 'helm_release', 'cloudnative-pg').wait).toBe(true);
  });

  test('warms nothing while writes are quarantined (Q2)', () => {
    const task = (json: Json) => named(json, 'kubernetes_cron_job_v1', 'cache-warming');
    expect(task(tinyland).spec.suspend).toBe(true);
    const open = attic(
      'tinyland',
      withAttic(() => ({ writes: 'open' })),
    );
    expect(task(open).spec.suspend).toBe(false);
    const without = attic(
      'tinyland',
      withAttic(() => ({ warming: undefined })),
    );
    expect(resourcesOf(without, 'kubernetes_cron_job_v1')).toEqual([]);
    expect(JSON.stringify(without)).not.toContain('nix-cache-warming');
  });

  test('lets the jobs of both forges read from server and store (W-C10)', () => {
    const readers = (policy: string, port: string) =>
      named(tinyland, 'kubernetes_network_policy_v1', policy)
        .spec.ingress.filter(
          ({ from: [peer], ports }: Json) => !peer.pod_selector && ports[0].port === port,
        )
        .map(
          ({ from: [peer] }: Json) =>
            peer.namespace_selector.match_labels['kubernetes.io/metadata.name'],
        );
    for (const found of [readers('attic', '8080'), readers('attic-rustfs-openebs', '9000')]) {
      expect(found).toEqual(
        expect.arrayContaining([
          'gitlab-runners',
          'gitlab-runners-privileged',
          'tinyland-nix-operator',
          'arc-runners',
          'arc-runners-privileged',
          'nix-cache-warming',
        ]),
      );
    }
  });

  test('has a policy for every pod, and admits nobody by default (W-C10)', () => {
    const policies = resourcesOf(tinyland, 'kubernetes_network_policy_v1').map(
      ({ metadata }) => `${metadata.namespace}/${metadata.name}`,
    );
    const workloads = [
      'kubernetes_deployment_v1',
      'kubernetes_job_v1',
      'kubernetes_cron_job_v1',
    ].flatMap((type) => resourcesOf(tinyland, type));
    for (const { metadata } of workloads) {
      const name = metadata.name.replace(/-[0-9a-f]{10}$/, '');
      expect(policies).toContain(`${metadata.namespace}/${name}`);
    }
    for (const namespace of ['nix-cache', 'nix-cache-warming', 'cnpg-system']) {
      expect(objectsOf(tinyland, `namespace-${namespace}`).at(-1)).toMatchObject({
        kind: 'NetworkPolicy',
        metadata: { name: 'default-deny', namespace },
      });
    }
  });
});

describe('what stands beside the caches in tinyland', () => {
  test('is one object store on one node, with a bucket and an identity for each (T7)', () => {
    const { spec } = named(tinyland, 'kubernetes_deployment_v1', 'attic-rustfs-openebs');
    expect(spec.replicas).toBe('1');
    expect(spec.template.spec.node_selector).toEqual({ 'kubernetes.io/hostname': 'bumble' });
    const [, claim] = objectsOf(tinyland, 'namespace-nix-cache');
    expect(claim.spec.accessModes).toEqual(['ReadWriteOnce']);
    const identities = tinyland.output.required_secrets.value.filter(
      ({ kind }: Json) => kind === 's3-credentials',
    );
    expect(identities.map(({ name }: Json) => name)).toEqual([
      'attic-s3',
      'bazel-cache-s3',
      'tofu-state-s3',
    ]);
  });

  test('is never FlakeHub, which publishes and caches nothing (T6)', () => {
    expect(JSON.stringify(tinyland).toLowerCase()).not.toContain('flakehub');
  });

  test('is said where it matters: the state in its own store, and what Traefik ends', () => {
    const notes = notesOf('tinyland');
    expect(notes).toContainEqual(expect.stringContaining('this stack holds its own state store'));
    expect(notes).toContain(
      'nix-cache.tinyland.dev: Traefik ends an upload after 60 s, and no Ingress can change that: raise transport.respondingTimeouts.readTimeout of its entry point to 3600s',
    );
    const nginx = notesOf('tinyland', (settings) => ({
      ...settings,
      cluster: {
        ...settings.cluster,
        ingress: { class: 'nginx', namespace: 'ingress-nginx', cidrs: [] },
      },
    }));
    expect(nginx.join()).not.toContain('Traefik');
  });
});

describe('monitoring', () => {
  const watched = (example: string) =>
    objectsOf(
      attic(example, (settings) => ({
        ...settings,
        monitoring: { ...settings.monitoring, enabled: true },
      })),
      'monitors-nix-cache',
    ).map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`);

  test('is off until the settings say otherwise', () => {
    expect(JSON.stringify(tinyland)).not.toContain('monitoring.coreos.com');
  });

  test('watches what exports metrics, and whether the rest is there (W-C11)', () => {
    expect(watched('tinyland')).toEqual([
      'PrometheusRule nix-cache/deployment-attic',
      'PrometheusRule nix-cache/deployment-attic-gc',
      'PrometheusRule nix-cache/deployment-attic-public',
      'PrometheusRule nix-cache/deployment-attic-rustfs-openebs',
      'PrometheusRule nix-cache/volume-attic-rustfs-openebs-data',
      'ServiceMonitor nix-cache/bazel-cache',
      'PrometheusRule nix-cache/bazel-cache-bazel-cache',
      'PodMonitor nix-cache/attic-pg',
      'PrometheusRule nix-cache/postgres-attic-pg',
      'PrometheusRule nix-cache/volume-attic-pg',
      'PrometheusRule cnpg-system/deployment-cloudnative-pg',
    ]);
  });

  test('watches the volume of a database that is a file', () => {
    expect(watched('single-node-r2')).toEqual([
      'PrometheusRule nix-cache/deployment-attic',
      'PrometheusRule nix-cache/volume-attic-database',
    ]);
  });
});

describe('the stack attic of single-node-r2', () => {
  const single = attic('single-node-r2');

  test('keeps dev-cache and blog-cache in one bucket, and no object store (L18)', () => {
    expect(single.output.caches.value.map(({ name }: Json) => name)).toEqual([
      'blog-cache',
      'dev-cache',
    ]);
    const config = named(single, 'kubernetes_config_map_v1', 'attic-config').data['server.toml'];
    expect(config).toContain('bucket = "attic-cache"');
    expect(config).toContain('r2.cloudflarestorage.com');
    const deployments = resourcesOf(single, 'kubernetes_deployment_v1');
    expect(deployments.map(({ metadata }) => metadata.name)).toEqual(['attic']);
  });

  test('keeps the file of its database with the namespace', () => {
    const [, claim] = objectsOf(single, 'namespace-nix-cache');
    expect(claim).toMatchObject({
      kind: 'PersistentVolumeClaim',
      metadata: {
        name: 'attic-database',
        annotations: { 'helm.sh/resource-policy': 'keep' },
      },
      spec: { storageClassName: 'local-path', resources: { requests: { storage: '5Gi' } } },
    });
  });

  test('has no Bazel cache, and names none', () => {
    expect(single.output.bazel_cache_for_pods).toBeUndefined();
  });
});

describe('public names', () => {
  test('come into Route 53 where the settings say so', () => {
    const json = attic('tinyland', (settings) => ({
      ...settings,
      dns: {
        provider: 'route53',
        zoneId: 'Z0123456789',
        target: 'ingress.tinyland.dev',
        profile: 'flywheel-dns',
        ttlSec: 300,
      },
    }));
    expect(resourcesOf(json, 'aws_route53_record')).toMatchObject([
      { name: 'nix-cache.tinyland.dev', type: 'CNAME', records: ['ingress.tinyland.dev'] },
    ]);
  });

  test('are promised to nobody without an ingress; clients are told the Service', () => {
    const inside = attic(
      'tinyland',
      withAttic(({ ingress }) => ({ ingress: { ...ingress, enabled: false } })),
    );
    expect(inside.output.attic_url).toBeUndefined();
    expect(inside.output.substituter.value).toBe('http://attic.nix-cache.svc.cluster.local/main');
    expect(resourcesOf(inside, 'kubernetes_ingress_v1')).toEqual([]);
  });
});
