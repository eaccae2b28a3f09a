import { describe, expect, test } from 'vitest';
import { externalDatabase } from '../../../constructs/postgres/external-database.ts';
import { sqliteFile } from '../../../constructs/postgres/sqlite-file.ts';
import { Quantity } from '../../../values/quantity.ts';

describe('a database that someone else runs', () => {
  const database = externalDatabase({
    namespace: 'nix-cache',
    secret: 'attic-database',
    cidrs: ['192.0.2.0/28'],
    port: 6432,
  });

  test('is reached by a Secret that a person supplies (W-A2)', () => {
    expect(database.url).toMatchObject({
      secret: { kind: 'database-url', namespace: 'nix-cache', name: 'attic-database' },
      key: 'uri',
    });
  });

  test('is reached at its declared addresses and port', () => {
    expect(database.flows).toEqual([
      { peer: { kind: 'addresses', cidrs: ['192.0.2.0/28'] }, ports: [{ port: 6432 }] },
    ]);
  });

  test('is claimed to be nothing (H1)', () => {
    expect(database.highlyAvailable).toBe(false);
    expect(database.failureDomain).toBe('not known: someone else runs the database');
  });
});

describe('a database that is a file', () => {
  const file = (storageClass?: string) =>
    sqliteFile({
      namespace: 'nix-cache',
      name: 'attic-database',
      size: Quantity.parse('storage', '5Gi'),
      storageClass,
    });

  test('is created where there is none, on a volume of its own', () => {
    const { database, claim } = file('local-path');
    expect(database.url).toEqual({ value: 'sqlite:///var/lib/attic/server.db?mode=rwc' });
    expect(database.file).toEqual({ claim: 'attic-database', folder: '/var/lib/attic' });
    expect(claim).toEqual({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'attic-database', namespace: 'nix-cache' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'local-path',
        resources: { requests: { storage: '5Gi' } },
      },
    });
  });

  test('leaves the StorageClass to the cluster where none is named', () => {
    expect(file().claim.spec).not.toHaveProperty('storageClassName');
  });

  test('is on one node (H1)', () => {
    expect(file().database).toMatchObject({
      failureDomain: 'the node and its volume',
      highlyAvailable: false,
    });
  });
});
