import { describe, expect, test } from 'vitest';
import { factsOf } from '../../../constructs/facts.ts';
import type { ManagedNamespace } from '../../../constructs/namespace/managed-namespace.ts';
import type { BucketRequest } from '../../../constructs/object-store/bucket-request.ts';
import {
  RustFsStore,
  type RustFsStoreProps,
} from '../../../constructs/object-store/rustfs-store.ts';
import { namespaceFlow } from '../../../constructs/workload/flows.ts';
import { Image } from '../../../values/image.ts';
import { resources } from '../../../values/resources.ts';
import {
  type Json,
  NETWORK,
  named,
  resourcesOf,
  synthesizeConstruct,
} from '../../support/synthesized.ts';

const BUCKETS: BucketRequest[] = [
  { name: 'attic', purpose: 'attic' },
  { name: 'tofu-state', purpose: 'state' },
];

const ENTRY = {
  host: 's3.example.org',
  names: { ingressClass: 'nginx', issuer: 'letsencrypt', externalDnsTtlSec: 300 },
  maxBodyMiB: 10_240,
  timeoutSec: 3600,
};

function image(name: string): Image {
  return Image.of({ name: `docker.io/library/${name}`, tag: '1.0', digest: 'unresolved' });
}

function props(namespace: ManagedNamespace, change: Partial<RustFsStoreProps>): RustFsStoreProps {
  return {
    namespace,
    name: 'store',
    image: image('rustfs'),
    nodeImage: image('node'),
    network: NETWORK,
    resources: resources(['250m', '2'], ['1Gi', '4Gi']),
    buckets: BUCKETS,
    callers: [namespaceFlow('jobs', 1)],
    stateKeys: ['attic/terraform.tfstate'],
    credentialsGeneration: 1,
    ...change,
  };
}

function define<T>(
  change: Partial<RustFsStoreProps>,
  look: (store: RustFsStore) => T,
): { json: Json; seen: T } {
  const seen: T[] = [];
  const json = synthesizeConstruct((stack, namespace) => {
    seen.push(look(new RustFsStore(stack, 'store', props(namespace, change))));
  });
  return { json, seen: seen[0] as T };
}

const synthesize = (change: Partial<RustFsStoreProps>): Json => define(change, () => 0).json;
const standard = synthesize({});
const server = (json: Json): Json => named(json, 'kubernetes_deployment_v1', 'store');
const pod = (json: Json): Json => server(json).spec.template.spec;
const environment = (json: Json): Record<string, string> =>
  Object.fromEntries(pod(json).container[0].env.map(({ name, value }: Json) => [name, value]));
const job = (json: Json): Json => resourcesOf(json, 'kubernetes_job_v1')[0];

describe('RustFsStore', () => {
  test('is one hardened server', async () => {
    await expect(`${JSON.stringify(server(standard), null, 2)}\n`).toMatchFileSnapshot(
      '__snapshots__/rustfs-store.tf.json',
    );
  });

  test('has one writer and never two at once (T7)', () => {
    expect(server(standard).spec).toMatchObject({
      replicas: '1',
      strategy: { type: 'Recreate' },
    });
  });

  test('acknowledges only what is on the disk, also in buckets made later', () => {
    expect(environment(standard)).toMatchObject({
      RUSTFS_DURABILITY_MODE: 'strict',
      RUSTFS_NEW_BUCKET_DURABILITY_MODE: 'strict',
    });
  });

  test('has no console, asks nobody for updates and logs to standard output', () => {
    expect(environment(standard)).toMatchObject({
      RUSTFS_CONSOLE_ENABLE: 'false',
      RUSTFS_CHECK_UPDATE: 'false',
      RUSTFS_OBS_LOG_DIRECTORY: '',
    });
  });

  test('shows the root identity to the server and to the Job of the buckets alone (W-A10)', () => {
    const json = standard;
    const mounting = Object.values(json.resource)
      .flatMap((byId) => Object.values(byId as object))
      .filter((resource) => JSON.stringify(resource).includes('"object-store-root"'))
      .map(({ metadata }) => metadata.name);
    expect(mounting).toEqual(['store', job(json).metadata.name]);
    expect(environment(json)).toMatchObject({
      RUSTFS_ACCESS_KEY_FILE: '/etc/object-store/access-key-id',
      RUSTFS_SECRET_KEY_FILE: '/etc/object-store/secret-access-key',
    });
  });

  test('waits for the server only where it holds the state, and says so', () => {
    expect(server(standard).wait_for_rollout).toBe(false);
    const { json, seen } = define({ holdsState: true }, (store) => factsOf(store, 'note'));
    expect(server(json).wait_for_rollout).toBe(true);
    expect(server(json).metadata.annotations).toMatchObject({ 'flywheel/state-store': 'true' });
    expect(seen).toEqual([
      {
        subject: 'store',
        note: 'this stack holds its own state store: a change that restarts the store interrupts the apply that makes it',
      },
    ]);
  });

  test('says what it survives, whatever the settings claim (H1)', () => {
    const { json, seen } = define({ node: 'bumble', claimedHighlyAvailable: true }, (store) =>
      factsOf(store, 'component'),
    );
    expect(server(json).metadata.annotations).toEqual({
      'flywheel/availability': 'ha',
      'flywheel/failure-domain': 'node bumble and its volume',
    });
    expect(seen).toEqual([
      {
        component: 'store',
        namespace: 'home',
        replicas: '1',
        failureDomain: 'node bumble and its volume',
        backup: 'none; old versions of tofu-state lie on the same volume',
        highlyAvailable: false,
      },
    ]);
    expect(server(standard).metadata.annotations['flywheel/availability']).toBe('interim');
  });

  test('runs where its volume lies', () => {
    const json = synthesize({ node: 'bumble' });
    expect(pod(json).node_selector).toEqual({ 'kubernetes.io/hostname': 'bumble' });
    expect(pod(standard).node_selector).toBeUndefined();
    expect(pod(json).volume[0]).toEqual({
      name: 'data',
      persistent_volume_claim: { claim_name: 'store-data' },
    });
  });

  test('defines a StorageClass whose volumes stay on that node and outlive their claims', () => {
    const storageClass = {
      name: 'zfs-objects',
      pool: 'tank/objects',
      filesystem: 'xfs',
      retain: true,
    } as const;
    const json = synthesize({ node: 'bumble', storageClass });
    expect(named(json, 'kubernetes_storage_class_v1', 'zfs-objects')).toMatchObject({
      storage_provisioner: 'zfs.csi.openebs.io',
      parameters: { poolname: 'tank/objects', fstype: 'xfs' },
      reclaim_policy: 'Retain',
      volume_binding_mode: 'WaitForFirstConsumer',
      allow_volume_expansion: true,
      allowed_topologies: {
        match_label_expressions: [{ key: 'openebs.io/nodename', values: ['bumble'] }],
      },
    });
    const anywhere = synthesize({ storageClass: { ...storageClass, retain: false } });
    const loose = named(anywhere, 'kubernetes_storage_class_v1', 'zfs-objects');
    expect(loose.reclaim_policy).toBe('Delete');
    expect(loose.allowed_topologies).toBeUndefined();
  });

  test('is called at its own port by those who may, and calls nobody (W-C10)', () => {
    const { spec } = named(standard, 'kubernetes_network_policy_v1', 'store');
    expect(spec.ingress.map(({ ports }: Json) => ports)).toEqual([
      [{ port: '9000', protocol: 'TCP' }],
      [{ port: '9000', protocol: 'TCP' }],
    ]);
    expect(JSON.stringify(spec.ingress)).toContain('"kubernetes.io/metadata.name":"jobs"');
    expect(JSON.stringify(spec.ingress)).toContain('"app.kubernetes.io/name":"store-buckets"');
    expect(spec.egress).toHaveLength(1);
  });

  test('gives each bucket an identity of its own (W-A10)', () => {
    const { seen } = define({}, (store) =>
      ['attic', 'tofu-state'].map((name) => {
        const { credentials, endpoint, region, flows } = store.access(name);
        return { credentials: String(credentials), endpoint: String(endpoint), region, flows };
      }),
    );
    const common = {
      endpoint: 'http://store.home.svc.cluster.local:9000',
      region: 'us-east-1',
      flows: [expect.objectContaining({ ports: [{ port: 9000 }] })],
    };
    expect(seen).toEqual([
      { ...common, credentials: 'home/attic-s3' },
      { ...common, credentials: 'home/tofu-state-s3' },
    ]);
  });

  test('tells those who use a bucket when its identity is another, and starts anew for none', () => {
    const access = (credentialsGeneration: number) =>
      define({ credentialsGeneration }, (store) => store.access('attic').restartOn);
    expect(access(1).seen).not.toEqual(access(2).seen);
    expect(server(access(2).json)).toEqual(server(standard));
  });

  describe('with a public name', () => {
    const { json, seen } = define({ publicEntry: ENTRY }, (store) =>
      ['attic', 'tofu-state'].map((name) => store.access(name)),
    );

    test('is reached there by what hands out addresses, inside and outside alike', () => {
      const [attic, state] = seen;
      expect(String(attic?.endpoint)).toBe('https://s3.example.org');
      expect(attic?.flows.map(({ ports }) => ports)).toEqual([
        [{ port: 443 }, { port: 8443 }],
        [{ port: 443 }],
      ]);
      expect(String(state?.endpoint)).toBe('http://store.home.svc.cluster.local:9000');
    });

    test('shows the outside the chunks, and neither the state nor its administration', () => {
      const { spec, metadata } = named(json, 'kubernetes_ingress_v1', 'store');
      expect(spec.rule[0].http.path.map(({ path }: Json) => path)).toEqual(['/attic']);
      expect(metadata.annotations).toMatchObject({
        'nginx.ingress.kubernetes.io/proxy-body-size': '10240m',
      });
    });

    test('lets the ingress controller in', () => {
      const { spec } = named(json, 'kubernetes_network_policy_v1', 'store');
      expect(JSON.stringify(spec.ingress)).toContain('"kubernetes.io/metadata.name":"ingress"');
    });
  });

  test.each<[string, Partial<RustFsStoreProps>, string]>([
    [
      'a name that leaves no room for its Job',
      { name: 'a'.repeat(39) },
      `RustFsStore 'stack/store': name must have at most 38 characters, got "${'a'.repeat(39)}"; the names of its Job and pods are longer`,
    ],
    [
      'two buckets of one purpose',
      { buckets: [...BUCKETS, { name: 'attic-two', purpose: 'attic' }] },
      `RustFsStore 'stack/store': buckets must name each bucket and each purpose once, got "attic-two"`,
    ],
  ])('rejects %s', (_case, change, message) => {
    expect(() => synthesize(change)).toThrow(message);
  });

  test('takes a bucket that bears the name of another purpose', () => {
    const buckets: BucketRequest[] = [
      { name: 'state', purpose: 'attic' },
      { name: 'tofu-state', purpose: 'state' },
    ];
    expect(String(define({ buckets }, (store) => store.access('state').credentials).seen)).toBe(
      'home/state-s3',
    );
  });

  test('rejects a bucket that it does not have', () => {
    expect(() => define({}, (store) => store.access('other'))).toThrow(
      `RustFsStore 'stack/store': bucket must be one of its buckets: attic, tofu-state, got "other"`,
    );
  });
});

describe('BucketJob', () => {
  const files = (json: Json): Record<string, string> =>
    named(json, 'kubernetes_config_map_v1', 'store-buckets').data;

  test('declares every bucket with its Secret, rules and policy', () => {
    const { buckets } = JSON.parse(files(standard)['buckets.json'] ?? '');
    expect(buckets).toEqual([
      expect.objectContaining({ name: 'attic', secret: 'attic-s3', versioned: false }),
      expect.objectContaining({
        name: 'tofu-state',
        secret: 'tofu-state-s3',
        versioned: true,
        lifecycle: [
          expect.anything(),
          expect.objectContaining({ prefix: 'attic/terraform.tfstate.tflock' }),
          expect.objectContaining({ prefix: '.flywheel-' }),
        ],
      }),
    ]);
  });

  test('carries every module of its script, templates and all', () => {
    const scripts = Object.keys(files(standard)).filter((name) => name.endsWith('.mjs'));
    expect(scripts).toContain('ensure-buckets.mjs');
    for (const script of scripts) {
      const imports = files(standard)[script]?.matchAll(/from '\.\/([\w-]+\.mjs)'/g) ?? [];
      expect(scripts).toEqual(expect.arrayContaining([...imports].map(([, name]) => name)));
    }
    expect(files(standard)['ensure-buckets.mjs']).toContain('`$${state.padEnd(8)}');
  });

  test('is another Job when the declaration is another, and the same when it is not', () => {
    const name = (json: Json) => job(json).metadata.name;
    expect(name(synthesize({}))).toBe(name(standard));
    expect(name(synthesize({ stateKeys: ['other.tfstate'] }))).not.toBe(name(standard));
    expect(name(synthesize({ credentialsGeneration: 2 }))).not.toBe(name(standard));
  });

  test('is waited for, reads credentials from files and reaches the store alone', () => {
    const json = standard;
    expect(job(json).wait_for_completion).toBe(true);
    const [container] = job(json).spec.template.spec.container;
    expect(container.env.every(({ value }: Json) => typeof value === 'string')).toBe(true);
    expect(container.volume_mount.map(({ mount_path }: Json) => mount_path)).toEqual([
      '/ensure-buckets',
      '/credentials/object-store-root',
      '/credentials/attic-s3',
      '/credentials/tofu-state-s3',
    ]);
    const { egress } = named(json, 'kubernetes_network_policy_v1', 'store-buckets').spec;
    expect(egress.map(({ ports }: Json) => ports[0].port)).toEqual(['53', '9000']);
  });
});
