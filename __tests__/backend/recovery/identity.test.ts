import { describe, expect, test } from 'vitest';
import { identityOf } from '../../../backend/recovery/identity.ts';
import { declaredResources } from '../../../backend/recovery/orphan.ts';
import { EXAMPLES } from '../../support/examples.ts';
import { exampleContext, synthesizeStacks } from '../../support/synthesized.ts';

describe('by what a resource is found', () => {
  test.each(EXAMPLES)('is known of everything that the stacks of %s declare', (example) => {
    const declared = Object.values(synthesizeStacks(exampleContext(example))).flatMap((text) =>
      declaredResources(JSON.parse(text)),
    );
    expect(declared.length).toBeGreaterThan(20);
    expect(declared.filter(({ identity }) => identity.kind === 'unknown')).toEqual([]);
    const ids = declared.map(({ type, identity }) =>
      'importId' in identity ? `${type} ${identity.importId}` : '',
    );
    expect(new Set(ids).size).toBe(declared.length);
  });

  test.each<[string, object, object]>([
    [
      'kubernetes_role_v1',
      { metadata: { name: 'pool', namespace: 'ci' } },
      {
        kind: 'object',
        importId: 'ci/pool',
        path: '/apis/rbac.authorization.k8s.io/v1/namespaces/ci/roles/pool',
      },
    ],
    [
      'kubernetes_storage_class_v1',
      { metadata: { name: 'fast' } },
      { kind: 'object', importId: 'fast', path: '/apis/storage.k8s.io/v1/storageclasses/fast' },
    ],
    [
      'kubernetes_service_v1',
      { metadata: { name: 'web', namespace: 'ci' } },
      { kind: 'object', importId: 'ci/web', path: '/api/v1/namespaces/ci/services/web' },
    ],
    [
      'helm_release',
      { name: 'pool', namespace: 'ci' },
      { kind: 'release', importId: 'ci/pool', namespace: 'ci', name: 'pool' },
    ],
    [
      'helm_release',
      { name: 'pool' },
      { kind: 'release', importId: 'default/pool', namespace: 'default', name: 'pool' },
    ],
    ['aws_s3_bucket', { bucket: 'caches' }, { kind: 'elsewhere', importId: 'caches' }],
    ['aws_s3_bucket_versioning', { bucket: 'caches' }, { kind: 'elsewhere', importId: 'caches' }],
    [
      'aws_route53_record',
      { zone_id: 'Z1', name: 'a.example', type: 'A' },
      { kind: 'elsewhere', importId: 'Z1_a.example_A' },
    ],
    ['terraform_data', { input: 'x' }, { kind: 'none' }],
  ])('%s %j', (type, resource, identity) => {
    expect(identityOf(type, resource)).toEqual(identity);
  });

  test.each<[string, object]>([
    ['kubernetes_role_v1', { metadata: { generate_name: 'pool-' } }],
    ['helm_release', { name: `\${var.name}` }],
    ['aws_s3_bucket_versioning', { bucket: `\${aws_s3_bucket.a.id}` }],
    ['aws_route53_record', { zone_id: 'Z1', type: 'A' }],
  ])('is not guessed where the JSON does not tell: %s %j', (type, resource) => {
    expect(identityOf(type, resource)).toEqual({
      kind: 'unknown',
      because: 'its JSON does not tell its name',
    });
  });

  test('is not guessed for a type that nobody knows', () => {
    expect(identityOf('google_thing', { name: 'x' })).toMatchObject({
      kind: 'unknown',
      because: 'nobody knows here how a google_thing is found',
    });
  });
});
