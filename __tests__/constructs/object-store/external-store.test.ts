import { describe, expect, test } from 'vitest';
import { factsOf } from '../../../constructs/facts.ts';
import type { BucketRequest } from '../../../constructs/object-store/bucket-request.ts';
import {
  ExternalStore,
  type ExternalStoreKind,
} from '../../../constructs/object-store/external-store.ts';
import type { BucketAccess } from '../../../constructs/object-store/store-access.ts';
import { awsProvider } from '../../../stacks/aws-provider.ts';
import { Endpoint } from '../../../values/endpoint.ts';
import { type Json, NETWORK, resourcesOf, synthesizeConstruct } from '../../support/synthesized.ts';

const BUCKETS: BucketRequest[] = [
  { name: 'chunks', purpose: 'attic' },
  { name: 'blobs', purpose: 'bazel' },
];
const ACCOUNT = '0123456789abcdef0123456789abcdef';
const AWS: ExternalStoreKind = { kind: 'aws', region: 'eu-west-1' };
const R2: ExternalStoreKind = { kind: 'r2', accountId: ACCOUNT };
const compatible = (address: string, kmsKeyId?: string): ExternalStoreKind => ({
  kind: 'compatible',
  region: 'anywhere',
  endpoint: Endpoint.parse('pod', address),
  kmsKeyId,
});

function define<T>(
  store: ExternalStoreKind,
  change: {
    readonly manage?: boolean;
    readonly protect?: boolean;
    readonly buckets?: readonly BucketRequest[];
  },
  look: (defined: ExternalStore) => T,
): { json: Json; seen: T } {
  const seen: T[] = [];
  const json = synthesizeConstruct((stack, namespace) => {
    const { manage = true, protect = true, buckets = BUCKETS } = change;
    const provider = awsProvider(stack, {
      use: 'objects',
      profile: 'objects',
      region: 'eu-west-1',
    });
    const defined = new ExternalStore(stack, 'store', {
      namespace,
      store,
      network: NETWORK,
      buckets,
      stateKeys: [],
      manage: manage ? { provider, protect } : undefined,
    });
    seen.push(look(defined));
  });
  return { json, seen: seen[0] as T };
}

const typesOf = (json: Json): string[] =>
  Object.keys(json.resource)
    .filter((type) => type.startsWith('aws_'))
    .sort();

const ofBucket = (json: Json, type: string, bucket: string): Json =>
  resourcesOf(json, type).find((resource) => resource.bucket === bucket);

const access = (store: ExternalStoreKind, change = {}): BucketAccess =>
  define(store, change, (defined) => defined.access('chunks')).seen;

describe('ExternalStore on AWS', () => {
  const { json } = define(AWS, {}, () => 0);

  test('makes closed, encrypted buckets', () => {
    for (const bucket of ['chunks', 'blobs']) {
      expect(ofBucket(json, 'aws_s3_bucket', bucket)).toMatchObject({
        force_destroy: false,
        provider: 'aws',
      });
      expect(ofBucket(json, 'aws_s3_bucket_public_access_block', bucket)).toMatchObject({
        block_public_acls: true,
        block_public_policy: true,
        ignore_public_acls: true,
        restrict_public_buckets: true,
      });
    }
    const [encryption] = resourcesOf(json, 'aws_s3_bucket_server_side_encryption_configuration');
    expect(encryption.rule).toEqual([
      { apply_server_side_encryption_by_default: { sse_algorithm: 'AES256' } },
    ]);
  });

  test('forgets protected buckets with all their settings instead of deleting anything, and says how to adopt them', () => {
    const { json: protectedJson, seen } = define(AWS, {}, (store) => factsOf(store, 'note'));
    const managed = typesOf(protectedJson).flatMap((type) => resourcesOf(protectedJson, type));
    expect(managed).toHaveLength(9);
    for (const { lifecycle } of managed) expect(lifecycle).toEqual({ destroy: false });
    const [chunks, blobs] = ['chunks', 'blobs'].map((bucket) => {
      const [address] = Object.entries<Json>(protectedJson.resource.aws_s3_bucket).find(
        ([, resource]) => resource.bucket === bucket,
      ) ?? [''];
      return `tofu import aws_s3_bucket.${address} ${bucket}`;
    });
    expect(seen).toEqual([
      {
        subject: 'object store',
        note: `"tofu destroy" leaves the buckets as they are and forgets them. It ends with an error all the same, unless it is given -suppress-forget-errors. Adopt them before the next apply, which would fail on a bucket that is there: ${chunks}; ${blobs}`,
      },
    ]);
  });

  test.each(['constructor', 'toString'])(
    'takes a bucket named %s, as every object inherits',
    (name) => {
      const buckets: BucketRequest[] = [{ name, purpose: 'attic' }];
      expect(ofBucket(define(R2, { buckets }, () => 0).json, 'aws_s3_bucket', name)).toBeDefined();
    },
  );

  test('encrypts with the key of KMS that is named', () => {
    const kmsKeyId = 'alias/objects';
    const [encryption] = resourcesOf(
      define({ ...AWS, kmsKeyId }, {}, () => 0).json,
      'aws_s3_bucket_server_side_encryption_configuration',
    );
    expect(encryption.rule).toEqual([
      {
        apply_server_side_encryption_by_default: {
          sse_algorithm: 'aws:kms',
          kms_master_key_id: kmsKeyId,
        },
        bucket_key_enabled: true,
      },
    ]);
  });

  test('lets a deletion of chunks be undone, and never deletes what is in use (L18, W-A11)', () => {
    expect(resourcesOf(json, 'aws_s3_bucket_versioning')).toEqual([
      expect.objectContaining({
        bucket: 'chunks',
        versioning_configuration: { status: 'Enabled' },
      }),
    ]);
    const rules = (bucket: string) =>
      ofBucket(json, 'aws_s3_bucket_lifecycle_configuration', bucket).rule;
    const abandoned = {
      id: 'abandoned-uploads',
      status: 'Enabled',
      filter: [{ prefix: '' }],
      abort_incomplete_multipart_upload: [{ days_after_initiation: 7 }],
    };
    expect(rules('chunks')).toEqual([
      abandoned,
      {
        id: 'old-versions',
        status: 'Enabled',
        filter: [{ prefix: '' }],
        noncurrent_version_expiration: [{ noncurrent_days: 14 }],
        expiration: [{ expired_object_delete_marker: true }],
      },
    ]);
    expect(rules('blobs')).toEqual([abandoned]);
  });

  test('may be deleted when empty where the settings protect nothing', () => {
    const { json: loose, seen } = define(AWS, { protect: false }, (store) =>
      factsOf(store, 'note'),
    );
    const [bucket] = resourcesOf(loose, 'aws_s3_bucket');
    expect(bucket.lifecycle).toBeUndefined();
    expect(bucket.force_destroy).toBe(false);
    expect(seen).toEqual([]);
  });

  test('is used after all of a bucket is there, over the internet, as an identity someone made', () => {
    const { endpoint, region, credentials, flows, dependsOn } = access(AWS);
    expect({ endpoint, region, kind: credentials.kind, name: String(credentials) }).toEqual({
      endpoint: undefined,
      region: 'eu-west-1',
      kind: 's3-credentials-external',
      name: 'home/chunks-s3',
    });
    expect(flows).toEqual([
      {
        peer: { kind: 'addresses', cidrs: ['0.0.0.0/0'], except: ['10.0.0.0/8'] },
        ports: [{ port: 443 }],
      },
    ]);
    expect(dependsOn).toHaveLength(5);
  });
});

describe('ExternalStore on R2', () => {
  test('makes the bucket and nothing that R2 does not know', () => {
    const { json } = define(R2, {}, () => 0);
    expect(typesOf(json)).toEqual(['aws_s3_bucket']);
  });

  test.each([
    [undefined, `https://${ACCOUNT}.r2.cloudflarestorage.com`],
    ['eu', `https://${ACCOUNT}.eu.r2.cloudflarestorage.com`],
  ])('is found by account and jurisdiction %s', (jurisdiction, address) => {
    const { endpoint, region } = access({ ...R2, jurisdiction });
    expect({ endpoint: String(endpoint), region }).toEqual({ endpoint: address, region: 'auto' });
  });
});

describe('ExternalStore on a store of another make', () => {
  test('makes the bucket, and encrypts it only where a key is named', () => {
    const types = (kmsKeyId?: string) =>
      typesOf(define(compatible('https://s3.example.org', kmsKeyId), {}, () => 0).json);
    expect(types()).toEqual(['aws_s3_bucket']);
    expect(types('some-key')).toEqual([
      'aws_s3_bucket',
      'aws_s3_bucket_server_side_encryption_configuration',
    ]);
  });

  test.each([
    [
      'http://minio.storage.svc.cluster.local:9000',
      { peer: { kind: 'namespace', namespace: 'storage' }, ports: [] },
    ],
    // Behind the Service the pods listen on 9000, which is what a policy sees.
    ['http://minio.minio.svc:80', { peer: { kind: 'namespace', namespace: 'minio' }, ports: [] }],
    [
      'https://nas.example.org:8443',
      { peer: { kind: 'addresses', cidrs: ['0.0.0.0/0'] }, ports: [{ port: 8443 }] },
    ],
  ])('is reached at %s, also on a private address', (address, flow) => {
    expect(access(compatible(address), { manage: false }).flows).toEqual([flow]);
  });

  test('rejects making buckets at an address that only pods resolve', () => {
    const address = 'http://minio.storage.svc.cluster.local:9000';
    expect(() => define(compatible(address), {}, () => 0)).toThrow(
      `ExternalStore 'stack/store': endpoint must be reachable for whoever applies the stack, got "${address}"; a cluster name resolves only in pods: make the buckets by hand and set manage to false`,
    );
  });
});

describe('ExternalStore', () => {
  test('makes nothing where the buckets are kept by hand, and says so', () => {
    const { json, seen } = define(R2, { manage: false }, (store) => factsOf(store, 'note'));
    expect(typesOf(json)).toEqual([]);
    expect(seen).toEqual([
      {
        subject: 'object store',
        note: 'the buckets chunks, blobs are made and kept by hand',
      },
    ]);
  });

  test.each<[ExternalStoreKind, object]>([
    [
      AWS,
      {
        failureDomain: 'AWS region eu-west-1',
        backup: 'none; deletions can be undone for 14 days',
        highlyAvailable: true,
      },
    ],
    [R2, { failureDomain: 'Cloudflare R2', backup: 'none', highlyAvailable: true }],
    [
      compatible('https://s3.example.org'),
      {
        failureDomain: 'the store at s3.example.org, of which nothing is known',
        backup: 'none',
        highlyAvailable: false,
      },
    ],
  ])('claims no more than is known: $kind (H1)', (store, fact) => {
    const { seen } = define(store, {}, (defined) => factsOf(defined, 'component'));
    expect(seen).toEqual([expect.objectContaining({ ...fact, replicas: 'run elsewhere' })]);
  });

  test('rejects a bucket that it does not have', () => {
    expect(() => define(R2, {}, (store) => store.access('other'))).toThrow(
      `ExternalStore 'stack/store': bucket must be one of its buckets: chunks, blobs, got "other"`,
    );
  });
});
