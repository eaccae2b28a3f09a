import { describe, expect, test } from 'vitest';
import { KINDS, storeKind } from '../../../../operations/rehearsal/store/kinds.ts';

const SEAT = {
  folder: '/folder',
  data: '/folder/data',
  address: '127.9.8.7',
  port: 9123,
  region: 'eu-test-1',
  root: { accessKeyId: 'ROOTKEYID', secretAccessKey: 'root-secret' },
};

describe('the kind of a store', () => {
  test.each(['versitygw', 'minio', 'rustfs'])('may be %s', (name) => {
    expect(storeKind(name)).toBe(name);
  });

  test.each([
    ['miniio', 'minio'],
    ['RustFS', 'rustfs'],
    ['versity', 'versitygw'],
  ])('rejects %s, and names %s', (name, near) => {
    expect(() => storeKind(name)).toThrow(
      `--kind must be one of versitygw, minio, rustfs, got: ${name}\n    did you mean ${near}?`,
    );
  });

  test('has to be said', () => {
    expect(() => storeKind(undefined)).toThrow(
      '--kind must say which server is to be the store: versitygw, minio, rustfs\n    try --kind versitygw',
    );
  });
});

describe.each(Object.entries(KINDS))('the start of %s', (_, kind) => {
  const { args, environment, folders } = kind.start(SEAT);
  const all = [...args, ...Object.values(environment)];

  test('names its address, and no other', () => {
    expect(all.filter((text) => text.includes('127.9.8.7:9123'))).toHaveLength(1);
    expect(all.filter((text) => /0\.0\.0\.0|^:\d|=:\d/.test(text))).toEqual([]);
  });

  test('tells the root identity by the environment, since everybody can read arguments', () => {
    expect(args.join(' ')).not.toMatch(/ROOTKEYID|root-secret/);
    expect(Object.values(environment)).toEqual(
      expect.arrayContaining(['ROOTKEYID', 'root-secret']),
    );
  });

  test('writes only where it was told', () => {
    expect(folders.filter((folder) => !folder.startsWith('/folder/'))).toEqual([]);
    expect(all.filter((text) => text.includes('/folder/data')).length).toBeGreaterThan(0);
  });

  test('says the region', () => {
    expect(all.join(' ')).toContain('eu-test-1');
  });
});
