import { describe, expect, test } from 'vitest';
import { Quantity } from '../../values/quantity.ts';
import { type Json, named, resourcesOf } from '../support/synthesized.ts';
import { attic, notesOf, objectsOf, withAttic, withBackup } from './attic-settings.ts';

/** The policy of the database, which shares the fate of it. */
const policyOf = (json: Json): Json =>
  objectsOf(json, 'attic-pg').find(({ kind }) => kind === 'NetworkPolicy');

describe('backups of the database', () => {
  test('bring a bucket with an identity of its own, and are flagged in that store (H2, W-A10)', () => {
    const json = attic('tinyland', withBackup());
    const [cluster] = objectsOf(json, 'attic-pg');
    expect(cluster.metadata.annotations['flywheel/backup']).toBe('same-failure-domain');
    expect(json.output.required_secrets.value).toContainEqual({
      namespace: 'nix-cache',
      name: 'pg-backup-s3',
      kind: 's3-credentials',
      keys: ['access-key-id', 'secret-access-key', 'credentials'],
      origin: 'generated',
    });
    expect(named(json, 'helm_release', 'attic-pg').depends_on.join()).toMatch(
      /kubernetes_job_v1\.object-store_buckets.*|helm_release\.database-operator_plugin-chart/,
    );
  });

  test('go to another store by its address, and out of the pods to it (H2, W-B5)', () => {
    const json = attic('tinyland', withBackup('https://s3.eu-west-1.amazonaws.com'));
    const [cluster, store] = objectsOf(json, 'attic-pg');
    expect(cluster.metadata.annotations['flywheel/backup']).toBe('elsewhere');
    expect(store.spec.configuration).toMatchObject({
      destinationPath: 's3://pg-backup/',
      endpointURL: 'https://s3.eu-west-1.amazonaws.com',
    });
    expect(policyOf(json).spec.egress.at(-1)).toEqual({
      to: [{ ipBlock: { cidr: '0.0.0.0/0' } }],
      ports: [{ port: 443, protocol: 'TCP' }],
    });
  });

  test('reach a store behind a Service on whatever port its pods have', () => {
    const json = attic('tinyland', withBackup('http://minio.storage.svc.cluster.local'));
    const [cluster] = objectsOf(json, 'attic-pg');
    expect(cluster.metadata.annotations['flywheel/backup']).toBe('same-failure-domain');
    expect(policyOf(json).spec.egress.at(-1)).toEqual({
      to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'storage' } } }],
      ports: [],
    });
  });

  test('lie in another failure domain where the store is not in the cluster', () => {
    const r2 = {
      kind: 'r2',
      accountId: '0'.repeat(32),
      manage: false,
      profile: 'objects',
    } as const;
    const json = attic('tinyland', (settings) => ({
      ...withBackup()(settings),
      objectStore: { ...r2, buckets: settings.objectStore.buckets },
      state: { ...settings.state, store: 'elsewhere' },
    }));
    expect(objectsOf(json, 'attic-pg')[0]?.metadata.annotations['flywheel/backup']).toBe(
      'elsewhere',
    );
  });
});

describe('other databases', () => {
  test('that someone else runs need no operator', () => {
    const json = attic(
      'tinyland',
      withAttic(() => ({
        database: {
          kind: 'external',
          secret: 'attic-database',
          cidrs: ['192.0.2.0/28'],
          port: 5432,
        },
      })),
    );
    expect(JSON.stringify(json)).not.toContain('cnpg');
    expect(json.output.required_secrets.value).toContainEqual(
      expect.objectContaining({ name: 'attic-database', kind: 'database-url', origin: 'person' }),
    );
  });

  test('leave an operator alone that is there already', () => {
    const json = attic(
      'tinyland',
      withAttic(({ database }) => ({
        database:
          database.kind === 'cloudnative-pg' ? { ...database, installOperator: false } : database,
      })),
    );
    const releases = resourcesOf(json, 'helm_release').map(({ name }) => name);
    expect(releases).toContain('attic-pg');
    expect(releases).not.toContain('cloudnative-pg');
    expect(releases).not.toContain('namespace-cnpg-system');
  });

  test('need the plugin beside an operator that is there already, which is said', () => {
    const change = withAttic(({ database }) => ({
      database:
        database.kind === 'cloudnative-pg' ? { ...database, installOperator: false } : database,
    }));
    const plugin =
      'cnpg-system: the Barman Cloud plugin must be there, beside the operator that is there already: without it there is no backup';
    expect(notesOf('tinyland', change)).not.toContain(plugin);
    expect(notesOf('tinyland', (settings) => change(withBackup()(settings)))).toContain(plugin);
  });

  test('lie on a ZFS class of their own where one is declared', () => {
    const zfs = { name: 'zfs-postgres', pool: 'tank/pg', filesystem: 'xfs' } as const;
    const json = attic(
      'tinyland',
      withAttic(({ database }) => ({
        database:
          database.kind === 'cloudnative-pg'
            ? { ...database, volume: { size: Quantity.parse('storage', '10Gi'), zfs } }
            : database,
      })),
    );
    expect(named(json, 'kubernetes_storage_class_v1', 'zfs-postgres').parameters).toMatchObject({
      poolname: 'tank/pg',
    });
    expect(objectsOf(json, 'attic-pg')[0]?.spec.storage).toEqual({
      size: '10Gi',
      storageClass: 'zfs-postgres',
    });
  });
});
