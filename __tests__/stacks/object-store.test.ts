import { describe, expect, test } from 'vitest';
import type { Settings } from '../../config/settings.ts';
import { factsOf } from '../../constructs/facts.ts';
import { namespaceFlow } from '../../constructs/workload/flows.ts';
import { defineBazelCache } from '../../stacks/bazel-cache.ts';
import {
  defineObjectStore,
  objectStoreVolumes,
  requestedBuckets,
} from '../../stacks/object-store.ts';
import type { StackContext } from '../../stacks/stack-context.ts';
import { Quantity } from '../../values/quantity.ts';
import {
  exampleContext,
  type Json,
  named,
  resourcesOf,
  synthesizeConstruct,
} from '../support/synthesized.ts';

type ObjectStoreSettings = Settings['objectStore'];

function withStore(example: string, change: Partial<ObjectStoreSettings>): StackContext {
  return exampleContext(example, (settings) => ({
    ...settings,
    objectStore: { ...settings.objectStore, ...change } as ObjectStoreSettings,
  }));
}

function synthesize(context: StackContext): { json: Json; notes: string[] } {
  const notes: string[] = [];
  const json = synthesizeConstruct((stack, namespace) => {
    const store = defineObjectStore(stack, context, {
      namespace,
      buckets: requestedBuckets(context),
      callers: [namespaceFlow('tinyland-nix-operator')],
    });
    defineBazelCache(stack, context, { namespace, store, callers: [namespaceFlow('jobs')] });
    notes.push(...factsOf(stack, 'note').map(({ note }) => note));
  });
  return { json, notes };
}

describe('the object store of tinyland', () => {
  const context = exampleContext('tinyland');
  const { json, notes } = synthesize(context);
  const store = named(json, 'kubernetes_deployment_v1', 'attic-rustfs-openebs');

  test('has the buckets of the contract (T7, T8)', () => {
    expect(requestedBuckets(context)).toEqual([
      { name: 'attic', purpose: 'attic' },
      { name: 'bazel-cache', purpose: 'bazel' },
      { name: 'tofu-state', purpose: 'state' },
    ]);
  });

  test('lies on a volume of OpenEBS on bumble and claims no more than that (T1, T7, H1)', () => {
    expect(objectStoreVolumes(context)).toEqual([
      expect.objectContaining({
        kind: 'PersistentVolumeClaim',
        metadata: expect.objectContaining({
          name: 'attic-rustfs-openebs-data',
          namespace: 'nix-cache',
        }),
        spec: {
          accessModes: ['ReadWriteOnce'],
          storageClassName: 'openebs-zfs-rustfs',
          resources: { requests: { storage: '500Gi' } },
        },
      }),
    ]);
    expect(store.spec.template.spec.node_selector).toEqual({ 'kubernetes.io/hostname': 'bumble' });
    expect(resourcesOf(json, 'kubernetes_storage_class_v1')).toHaveLength(1);
    expect(store.metadata.annotations['flywheel/availability']).toBe('interim');
  });

  test('holds the state, is waited for, and lets the operator lane in (S1)', () => {
    expect(store.wait_for_rollout).toBe(true);
    expect(notes.some((note) => note.startsWith('this stack holds its own state store'))).toBe(
      true,
    );
    const { spec } = named(json, 'kubernetes_network_policy_v1', 'attic-rustfs-openebs');
    expect(JSON.stringify(spec.ingress)).toContain('"tinyland-nix-operator"');
    expect(spec.ingress).toHaveLength(2);
  });

  test('drops old versions of the lock of every stack, and of what its guards write', () => {
    const { data } = named(json, 'kubernetes_config_map_v1', 'attic-rustfs-openebs-buckets');
    const { buckets } = JSON.parse(data['buckets.json']);
    const prefixes = buckets[2].lifecycle.map(({ prefix }: Json) => prefix);
    expect(prefixes).toEqual([
      '',
      'attic/terraform.tfstate.tflock',
      'arc-runners/terraform.tfstate.tflock',
      'tinyland-infra/gitlab-runners/terraform.tfstate.tflock',
      'tinyland-infra/runner-dashboard/terraform.tfstate.tflock',
      '.flywheel-',
    ]);
  });

  test('serves a Bazel cache at the address of the contract (T5)', () => {
    const { spec } = named(json, 'kubernetes_service_v1', 'bazel-cache');
    expect(spec.port[0]).toMatchObject({ name: 'grpc', port: 9092 });
    expect(resourcesOf(json, 'kubernetes_ingress_v1')).toEqual([]);
  });

  test('is taught the pair of a bucket anew, and so is whatever uses it, when a number is raised', () => {
    expect(notes).toContain(
      'it is 1. After the Secret of a bucket was rotated, raise it and apply: nothing else tells the store the new pair. After that of the root identity, restart the store first',
    );
    const raised = synthesize(withStore('tinyland', { credentialsGeneration: 2 })).json;
    const names = (from: Json) =>
      resourcesOf(from, 'kubernetes_job_v1').map(({ metadata }) => metadata.name);
    expect(names(raised)).not.toEqual(names(json));
    const annotations = (from: Json) =>
      named(from, 'kubernetes_deployment_v1', 'bazel-cache').spec.template.metadata.annotations;
    expect(annotations(raised)).not.toEqual(annotations(json));
  });

  test('says what a change of its kind does not do', () => {
    expect(notes[0]).toBe(
      'it is rustfs. Changing it moves no objects: Attic keeps region and bucket with every chunk, so copy the buckets first, under their names, and keep the old store until the new one serves them',
    );
  });
});

describe('the object store of single-node-r2', () => {
  const context = exampleContext('single-node-r2');
  const { json } = synthesize(context);

  test('is one bucket at R2 and nothing in the cluster', () => {
    expect(requestedBuckets(context)).toEqual([{ name: 'attic-cache', purpose: 'attic' }]);
    expect(objectStoreVolumes(context)).toEqual([]);
    expect(resourcesOf(json, 'kubernetes_deployment_v1')).toEqual([]);
    expect(resourcesOf(json, 'aws_s3_bucket')).toEqual([
      expect.objectContaining({ bucket: 'attic-cache' }),
    ]);
    expect(json.provider.aws).toEqual([
      expect.objectContaining({
        profile: 'flywheel-objects',
        region: 'auto',
        endpoints: [{ s3: 'https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com' }],
      }),
    ]);
  });

  test('has no Bazel cache where the settings want none', () => {
    expect(resourcesOf(json, 'kubernetes_service_v1')).toEqual([]);
  });

  test('has no provider where nothing is managed', () => {
    expect(synthesize(withStore('single-node-r2', { manage: false })).json.provider.aws).toBe(
      undefined,
    );
  });
});

describe('the object store that the settings choose', () => {
  test('is AWS where no address is given, and another store where one is', () => {
    const s3 = { ...exampleContext('tinyland').settings.objectStore, kind: 's3', manage: true };
    const aws = { ...s3, region: 'eu-west-1', profile: 'objects', endpoint: undefined };
    const { json } = synthesize(withStore('tinyland', aws as Partial<ObjectStoreSettings>));
    expect(resourcesOf(json, 'aws_s3_bucket_versioning').length).toBeGreaterThan(0);
    const data = named(json, 'kubernetes_config_map_v1', 'bazel-cache-config').data['config.yaml'];
    expect(data).toContain('endpoint: s3.eu-west-1.amazonaws.com');
  });

  test('has a record and an entry of its own where it has a public name', () => {
    const context = withStore('tinyland', { publicHost: 's3.tinyland.dev' } as never);
    const { json } = synthesize(context);
    const [{ spec }] = resourcesOf(json, 'kubernetes_ingress_v1');
    expect(spec.rule[0].host).toBe('s3.tinyland.dev');
  });

  test('keeps the backups of the database where they have no store of their own', () => {
    const backup = { bucket: 'backups' };
    const context = exampleContext('tinyland', (settings) => ({
      ...settings,
      attic: {
        ...settings.attic,
        database: { ...settings.attic.database, backup } as Settings['attic']['database'],
      },
    }));
    expect(requestedBuckets(context).at(-1)).toEqual({ name: 'backups', purpose: 'backup' });
  });

  test('takes the StorageClass that is named, or that of the cluster', () => {
    const volume = { size: Quantity.parse('storage', '1Gi'), zfs: undefined };
    const claim = (change: object, storageClass?: string) => {
      const context = withStore('tinyland', { volume: { ...volume, ...change } } as never);
      const cluster = { ...context.settings.cluster, storageClass };
      const [manifest] = objectStoreVolumes({
        ...context,
        settings: { ...context.settings, cluster },
      });
      return JSON.parse(JSON.stringify(manifest)).spec.storageClassName;
    };
    expect(claim({ storageClass: 'fast' }, 'usual')).toBe('fast');
    expect(claim({}, 'usual')).toBe('usual');
    expect(claim({})).toBeUndefined();
  });
});
