import { describe, expect, test } from 'vitest';
import type { Settings } from '../../config/settings.ts';
import { bucketPolicy } from '../../constructs/object-store/bucket-rules.ts';
import { bucketIdentities } from '../../stacks/bucket-identities.ts';
import { Endpoint } from '../../values/endpoint.ts';
import { exampleContext } from '../support/synthesized.ts';
import { attic, type Change, withBackup } from './attic-settings.ts';

/** The settings of tinyland with buckets in S3. */
function s3(store: object): Change {
  return (settings) => ({
    ...settings,
    objectStore: {
      kind: 's3',
      region: 'eu-west-1',
      manage: false,
      profile: 'objects',
      buckets: settings.objectStore.buckets,
      ...store,
    } as Settings['objectStore'],
    state: { ...settings.state, store: 'elsewhere' },
  });
}

const identities = (change?: Change) => bucketIdentities(exampleContext('tinyland', change));
const rightsOf = (change: Change, bucket: string) =>
  identities(change).find((identity) => identity.bucket === bucket)?.rights;
const policyOf = (change: Change, bucket: string) => {
  const rights = rightsOf(change, bucket);
  if (rights?.kind !== 'policy') throw new Error(`${bucket} has no policy`);
  return rights.policy;
};

describe('the identities that a person makes', () => {
  test('are none where a store in the cluster has its own', () => {
    expect(identities()).toEqual([]);
    expect(attic('tinyland').output.bucket_identities).toBeUndefined();
  });

  test('are said in an output of the stack, one beside each required Secret (W-A10)', () => {
    const { output } = attic('tinyland', s3({}));
    const secrets = output.required_secrets.value
      .filter(({ kind }: { kind: string }) => kind === 's3-credentials-external')
      .map(({ name }: { name: string }) => name);
    const stated = output.bucket_identities.value.map(({ secret }: { secret: string }) => secret);
    expect(stated.sort()).toEqual(secrets);
    expect(stated).toEqual(['attic-s3', 'bazel-cache-s3']);
  });

  test('may do in AWS and in other stores what they may do in ours', () => {
    const wanted = bucketPolicy({ name: 'bazel-cache', purpose: 'bazel' });
    expect(policyOf(s3({}), 'bazel-cache')).toEqual(wanted);
    const endpoint = Endpoint.parse('pod', 'https://s3.example.org');
    expect(policyOf(s3({ endpoint }), 'bazel-cache')).toEqual(wanted);
    expect(JSON.stringify(wanted)).not.toContain('Delete');
  });

  test.each([
    ['cn-north-1', 'arn:aws-cn:s3:::attic'],
    ['us-gov-west-1', 'arn:aws-us-gov:s3:::attic'],
    ['eu-west-1', 'arn:aws:s3:::attic'],
  ])('name their bucket in the partition of %s', (region, name) => {
    expect(policyOf(s3({ region }), 'attic').Statement[0]?.Resource).toEqual([name]);
  });

  test.each([
    ['arn:aws:kms:eu-west-1:1:key/abc', ['arn:aws:kms:eu-west-1:1:key/abc'], undefined],
    ['abc', ['arn:aws:kms:eu-west-1:*:key/abc'], undefined],
    ['alias/objects', ['arn:aws:kms:eu-west-1:*:key/*'], ['alias/objects']],
    ['arn:aws:kms:eu-west-1:1:alias/objects', ['arn:aws:kms:eu-west-1:*:key/*'], ['alias/objects']],
  ])('may use the key %s that encrypts the bucket', (kmsKeyId, resource, aliases) => {
    const statement = policyOf(s3({ kmsKeyId }), 'attic').Statement.at(-1);
    expect(statement?.Action).toEqual(['kms:Decrypt', 'kms:GenerateDataKey']);
    expect(statement?.Resource).toEqual(resource);
    expect(statement?.Condition?.['ForAnyValue:StringEquals']?.['kms:ResourceAliases']).toEqual(
      aliases,
    );
  });

  test('are tokens of one bucket at R2, which has no policies', () => {
    const [identity] = bucketIdentities(exampleContext('single-node-r2'));
    expect(identity).toEqual({
      bucket: 'attic-cache',
      secret: 'attic-cache-s3',
      rights: {
        kind: 'token',
        permission: 'Object Read & Write',
        scope: 'only the bucket attic-cache',
      },
    });
  });

  test.each([
    ['https://s3.eu-west-1.amazonaws.com', 'policy'],
    ['https://0123.r2.cloudflarestorage.com', 'token'],
    ['http://minio.storage.svc.cluster.local', 'policy'],
  ])('hold for backups in another store too: %s', (address, kind) => {
    const [identity, ...others] = identities(withBackup(address));
    expect(others).toEqual([]);
    expect(identity).toMatchObject({ secret: 'pg-backup-s3', rights: { kind } });
  });
});
