import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ClusterFolder } from '../../../operations/rehearsal/cluster/folder.ts';
import { requireSpace } from '../../../operations/rehearsal/disk.ts';
import { StoreFolder } from '../../../operations/rehearsal/store/folder.ts';

const root = join(mkdtempSync(join(tmpdir(), 'flywheel-folder-')), '.rehearsal');
afterAll(() => rmSync(join(root, '..'), { recursive: true }));

const control = { address: '127.0.0.1', port: 1, token: 'word' };
const record = { name: 'one', kind: 'minio', control, startedAt: 'now' } as const;

describe('the folder of what is rehearsed', () => {
  test('is for its owner alone, holds what was noted, and goes as a whole', () => {
    const folder = new StoreFolder('one', root);
    expect(folder.read()).toBeUndefined();
    folder.make(record);
    expect(statSync(folder.path).mode & 0o777).toBe(0o700);
    expect(statSync(folder.file('record')).mode & 0o777).toBe(0o600);
    folder.keep({ ...record, ended: 'why' });
    expect(statSync(folder.file('record')).mode & 0o777).toBe(0o600);
    expect(new StoreFolder('one', root).read()).toEqual({ ...record, ended: 'why' });
    folder.remove();
    expect(existsSync(root)).toBe(false);
  });

  test('belongs to whoever was first', () => {
    const folder = new StoreFolder('one', root);
    folder.make(record);
    expect(() => new StoreFolder('one', root).make({ ...record, kind: 'rustfs' })).toThrow(
      `${folder.path} was taken by another command just now\n    see just store status, or use --name for a second store`,
    );
    expect(folder.read()).toEqual(record);
    expect(readdirSync(root)).toEqual(['store.one']);
    folder.remove();
  });

  test('of a store is none of a cluster, whatever the names are', () => {
    const store = new StoreFolder('one', root);
    const cluster = new ClusterFolder('one', root);
    store.make(record);
    cluster.make({
      ...record,
      context: 'honey',
      server: 'https://127.0.0.1:1',
      serviceRange: '127.64.0.0/17',
      adminToken: 'word',
    });
    expect(StoreFolder.all(root).map(({ path }) => path)).toEqual([store.path]);
    expect(ClusterFolder.all(root).map(({ path }) => path)).toEqual([cluster.path]);
    store.remove();
    expect(existsSync(cluster.path)).toBe(true);
    cluster.remove();
  });

  test.each(['', 'A', '-a', 'a-', 'store.one', '../one', 'a'.repeat(33)])(
    'rejects the name %j',
    (name) => {
      expect(() => new StoreFolder(name, root)).toThrow(/^--name must be up to 32 lower-case/);
    },
  );
});

describe('a disk', () => {
  test('with room is taken', () => {
    requireSpace(tmpdir(), { noun: 'store', mib: 1, instead: 'use another' });
  });

  test('that is full is refused before anything is started', () => {
    expect(() =>
      requireSpace('/data', { noun: 'store', mib: 256, instead: 'use another' }, 3.7 * 2 ** 20),
    ).toThrow(
      'the disk of /data has 3 MiB free, a store needs 256 MiB\n    make room, or use another',
    );
  });
});
