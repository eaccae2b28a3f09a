import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  BazelRemoteCache,
  type BazelRemoteCacheProps,
} from '../../../constructs/bazel-remote-cache/bazel-remote-cache.ts';
import { factsOf } from '../../../constructs/facts.ts';
import type { ManagedNamespace } from '../../../constructs/namespace/managed-namespace.ts';
import type { BucketAccess } from '../../../constructs/object-store/store-access.ts';
import { namespaceFlow } from '../../../constructs/workload/flows.ts';
import { Endpoint } from '../../../values/endpoint.ts';
import { Image } from '../../../values/image.ts';
import { Quantity } from '../../../values/quantity.ts';
import { resources } from '../../../values/resources.ts';
import { SecretRef } from '../../../values/secret-ref.ts';
import { type Json, NETWORK, named, synthesizeConstruct } from '../../support/synthesized.ts';

const ACCESS: BucketAccess = {
  bucket: 'bazel-cache',
  region: 'us-east-1',
  endpoint: Endpoint.service('http', 'store', 'home', 9000),
  credentials: SecretRef.of('s3-credentials', 'home', 'bazel-cache-s3'),
  flows: [namespaceFlow('home', 9000)],
  dependsOn: [],
};

const storage = (text: string) => Quantity.parse('storage', text);

function props(
  namespace: ManagedNamespace,
  change: Partial<BazelRemoteCacheProps>,
): BazelRemoteCacheProps {
  return {
    namespace,
    name: 'bazel-cache',
    image: Image.of({ name: 'docker.io/library/bazel', tag: '2.0', digest: 'unresolved' }),
    network: NETWORK,
    grpcPort: 9092,
    access: ACCESS,
    bucketFailureDomain: 'node bumble and its volume',
    hotCache: storage('20Gi'),
    fill: 0.8,
    resources: resources(['250m', '1'], ['512Mi', '2Gi']),
    callers: [namespaceFlow('jobs', 1)],
    ...change,
  };
}

function define<T>(
  change: Partial<BazelRemoteCacheProps>,
  look: (cache: BazelRemoteCache) => T,
): { json: Json; seen: T } {
  const seen: T[] = [];
  const json = synthesizeConstruct((stack, namespace) => {
    seen.push(look(new BazelRemoteCache(stack, 'cache', props(namespace, change))));
  });
  return { json, seen: seen[0] as T };
}

const synthesize = (change: Partial<BazelRemoteCacheProps>): Json => define(change, () => 0).json;
const standard = synthesize({});
const server = (json: Json): Json => named(json, 'kubernetes_deployment_v1', 'bazel-cache');
const pod = (json: Json): Json => server(json).spec.template.spec;
const config = (json: Json): Json =>
  parse(named(json, 'kubernetes_config_map_v1', 'bazel-cache-config').data['config.yaml']);

describe('BazelRemoteCache', () => {
  test('is one hardened server', async () => {
    await expect(`${JSON.stringify(server(standard), null, 2)}\n`).toMatchFileSnapshot(
      '__snapshots__/bazel-remote-cache.tf.json',
    );
  });

  test('hands the program a file that holds the way to the bucket, and only the file (T8, W-B1)', () => {
    const [container] = pod(standard).container;
    expect(container.args).toEqual(['--config_file=/etc/bazel-remote/config.yaml']);
    expect(container.command).toBeUndefined();
    expect(config(standard).s3_proxy).toMatchObject({
      endpoint: 'store.home.svc.cluster.local:9000',
      bucket: 'bazel-cache',
      aws_shared_credentials_file: '/etc/bazel-remote-bucket/credentials',
    });
    const mounts = Object.fromEntries(
      container.volume_mount.map(({ mount_path, name }: Json) => [mount_path, name]),
    );
    expect(mounts).toMatchObject({
      '/etc/bazel-remote': 'config',
      '/etc/bazel-remote-bucket': 'bucket',
    });
    const volume = pod(standard).volume.find(({ name }: Json) => name === 'bucket');
    expect(volume.secret).toMatchObject({
      secret_name: 'bazel-cache-s3',
      items: [{ key: 'credentials', path: 'credentials' }],
    });
  });

  test('is restarted when what it reads at its start has changed (L9)', () => {
    const checksum = (json: Json) =>
      server(json).spec.template.metadata.annotations['checksum/config'];
    expect(checksum(synthesize({ fill: 0.7 }))).not.toBe(checksum(standard));
  });

  test('has one writer, behind the Service of the contract (T5, W-B3)', () => {
    expect(server(standard).spec).toMatchObject({
      replicas: '1',
      strategy: { type: 'Recreate' },
    });
    const { spec } = named(standard, 'kubernetes_service_v1', 'bazel-cache');
    expect(spec.port).toEqual([
      { name: 'grpc', port: 9092, target_port: '9092', protocol: 'TCP' },
      { name: 'http', port: 8080, target_port: '8080', protocol: 'TCP' },
    ]);
    expect(pod(standard).enable_service_links).toBe(false);
    expect(String(define({}, (cache) => cache.grpcUrl).seen)).toBe(
      'grpc://bazel-cache.home.svc.cluster.local:9092',
    );
  });

  test.each([
    ['20Gi', 0.8, 16, 18],
    ['100Gi', 0.85, 85, 92],
    ['2Gi', 0.5, 1, undefined],
  ])('fills %s to %d and refuses before the disk is full (W-B2, L7)', (size, fill, max, hard) => {
    const json = synthesize({ hotCache: storage(size), fill });
    expect(config(json).max_size).toBe(max);
    expect(config(json).max_size_hard_limit).toBe(hard);
    const data = pod(json).volume.find(({ name }: Json) => name === 'data');
    expect(data.empty_dir).toEqual({ size_limit: size });
  });

  test('reserves the disk that it fills, and may write a little beside it (W-B2)', () => {
    const { requests, limits } = pod(standard).container[0].resources;
    expect(requests['ephemeral-storage']).toBe('20Gi');
    expect(limits['ephemeral-storage']).toBe('21Gi');
    const given = resources(['1', '1'], ['1Gi', '1Gi'], ['5Gi', '30Gi']);
    const chosen = pod(synthesize({ resources: given })).container[0].resources;
    expect(chosen.limits['ephemeral-storage']).toBe('30Gi');
    expect(chosen.requests['ephemeral-storage']).toBe('5Gi');
  });

  test('is given time to read its disk, and asked for what takes no lock', () => {
    const [container] = pod(standard).container;
    expect(container.startup_probe).toMatchObject({ period_seconds: 10, failure_threshold: 90 });
    for (const probe of ['startup_probe', 'liveness_probe', 'readiness_probe'])
      expect(container[probe].http_get).toEqual({
        path: '/cas/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
        port: '8080',
      });
  });

  test('asks no metadata service of AWS, and collects garbage before memory ends (L5, L11)', () => {
    expect(pod(standard).container[0].env).toEqual([
      { name: 'AWS_EC2_METADATA_DISABLED', value: 'true' },
      { name: 'GOMEMLIMIT', value: '1932735283' },
    ]);
  });

  test('is called for gRPC by those who may, and reaches the bucket alone (W-C10)', () => {
    const { ingress, egress } = named(standard, 'kubernetes_network_policy_v1', 'bazel-cache').spec;
    expect(ingress.map(({ ports }: Json) => ports)).toEqual([[{ port: '9092', protocol: 'TCP' }]]);
    expect(egress.map(({ ports }: Json) => ports[0].port)).toEqual(['53', '9000']);
  });

  test('shows its metrics to the namespace that reads them', () => {
    const json = synthesize({ metricsNamespace: 'monitoring' });
    const { ingress } = named(json, 'kubernetes_network_policy_v1', 'bazel-cache').spec;
    expect(ingress[1]).toMatchObject({
      from: [
        { namespace_selector: { match_labels: { 'kubernetes.io/metadata.name': 'monitoring' } } },
      ],
      ports: [{ port: '8080' }],
    });
    expect(define({}, (cache) => cache.metricsPort).seen).toBe(8080);
  });

  test('lets only accounts write where the settings say so (W-C10)', () => {
    const accounts = SecretRef.of('htpasswd', 'home', 'bazel-cache-htpasswd');
    const { json, seen } = define({ accounts }, (cache) => factsOf(cache, 'note'));
    expect(config(json).htpasswd_file).toBe('/etc/bazel-remote-accounts/htpasswd');
    const volume = pod(json).volume.find(({ name }: Json) => name === 'accounts');
    expect(volume.secret.secret_name).toBe('bazel-cache-htpasswd');
    expect(seen).toHaveLength(1);
  });

  test('goes to AWS by the name of the region, over TLS', () => {
    const access = { ...ACCESS, endpoint: undefined, region: 'eu-west-1' };
    expect(config(synthesize({ access })).s3_proxy).toMatchObject({
      endpoint: 's3.eu-west-1.amazonaws.com',
      disable_ssl: false,
      bucket_lookup_type: 'auto',
      region: 'eu-west-1',
    });
  });

  test('says what is lost with it, and what nobody clears away (H1)', () => {
    const { seen } = define({}, (cache) => ({
      components: factsOf(cache, 'component'),
      notes: factsOf(cache, 'note').map(({ note }) => note),
      secrets: factsOf(cache, 'secret').map(String),
    }));
    expect(seen).toEqual({
      components: [
        {
          component: 'bazel-cache',
          namespace: 'home',
          replicas: '1',
          failureDomain: 'node (moves to another, with an empty disk)',
          backup: 'objects lie in bucket bazel-cache, lost with node bumble and its volume',
          highlyAvailable: false,
        },
      ],
      notes: [
        'nothing evicts from bucket bazel-cache: it grows until someone empties it',
        'every job that may call it may also write to it; set bazelCache.authenticatedWrites where jobs of strangers run',
      ],
      secrets: ['home/bazel-cache-s3'],
    });
  });

  test.each<[string, Partial<BazelRemoteCacheProps>, string]>([
    [
      'a name from which Kubernetes makes its variables',
      { name: 'bazel-remote' },
      'name must be another, got "bazel-remote"; a Service of that name sets variables that the program takes for its own',
    ],
    [
      'a disk that holds less than the program can count',
      { hotCache: storage('1Gi') },
      'hotCache must hold at least 1Gi when filled to 0.8, got "1Gi"; make it larger',
    ],
    [
      'a limit that evicts the pod before the cache is full',
      { resources: resources(['1', '1'], ['1Gi', '1Gi'], ['1Gi', '10Gi']) },
      'resources.limits.ephemeral must be at least the hot cache of 20Gi, got "10Gi"; the pod would be evicted before the cache is full',
    ],
  ])('rejects %s', (_case, change, message) => {
    expect(() => synthesize(change)).toThrow(`BazelRemoteCache 'stack/cache': ${message}`);
  });
});
