import { describe, expect, test } from 'vitest';
import {
  ManagedNamespace,
  type ManagedNamespaceProps,
} from '../../../constructs/namespace/managed-namespace.ts';
import { Quantity } from '../../../values/quantity.ts';
import { resources } from '../../../values/resources.ts';
import { type Json, named, resourcesOf, synthesizeConstruct } from '../../support/synthesized.ts';

const MINIMAL: ManagedNamespaceProps = {
  name: 'jobs',
  podSecurity: 'baseline',
  trust: 'jobs',
  partOf: 'runners',
  keep: false,
};
const CLAIM = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data', namespace: 'jobs' },
  spec: { accessModes: ['ReadWriteOnce'] },
};

function synthesize(change: Partial<ManagedNamespaceProps> = {}): Json {
  return synthesizeConstruct(
    (stack) => void new ManagedNamespace(stack, 'jobs', { ...MINIMAL, ...change }),
  );
}

const releaseOf = (json: Json) => named(json, 'helm_release', 'namespace-jobs');
const objectsOf = (json: Json): Json[] => JSON.parse(releaseOf(json).values[0]).objects;

describe('ManagedNamespace', () => {
  test('enforces its Pod Security Standard and carries its trust level (W-A16)', () => {
    expect(objectsOf(synthesize())[0].metadata.labels).toEqual({
      'app.kubernetes.io/part-of': 'runners',
      'flywheel/trust': 'jobs',
      'pod-security.kubernetes.io/enforce': 'baseline',
      'pod-security.kubernetes.io/enforce-version': 'latest',
      'pod-security.kubernetes.io/warn': 'restricted',
      'pod-security.kubernetes.io/audit': 'restricted',
    });
  });

  test('takes over a namespace that people have made for their Secrets', () => {
    expect(releaseOf(synthesize())).toMatchObject({
      take_ownership: true,
      create_namespace: false,
      namespace: 'default',
    });
  });

  test('outlives a destroy together with its contents when it is kept, and waits for no claim (S9)', () => {
    const json = synthesize({ keep: true, contents: [CLAIM] });
    const policies = objectsOf(json).map(
      ({ metadata }) => metadata.annotations['helm.sh/resource-policy'],
    );
    expect(policies).toEqual(['keep', 'keep', 'keep']);
    expect(releaseOf(json).wait).toBe(false);
  });

  test('goes with a destroy when it is not kept', () => {
    for (const { metadata } of objectsOf(synthesize()))
      expect(metadata.annotations).toBeUndefined();
  });

  test('denies every flow that no pod declares, for as long as the namespace is there', () => {
    const json = synthesize({ keep: true, contents: [CLAIM] });
    expect(objectsOf(json).at(-1)).toEqual({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: {
        name: 'default-deny',
        namespace: 'jobs',
        annotations: { 'helm.sh/resource-policy': 'keep' },
      },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] },
    });
    expect(resourcesOf(json, 'kubernetes_network_policy_v1')).toEqual([]);
  });

  test('bounds what its pods may ask for together', () => {
    const cpu = (text: string) => Quantity.parse('cpu', text);
    const memory = (text: string) => Quantity.parse('memory', text);
    const json = synthesize({
      quota: {
        requests: { cpu: cpu('4'), memory: memory('8Gi') },
        limits: { cpu: cpu('8'), memory: memory('16Gi') },
        pods: 20,
      },
    });
    expect(named(json, 'kubernetes_resource_quota_v1', 'pods').spec.hard).toEqual({
      'requests.cpu': '4',
      'requests.memory': '8Gi',
      'limits.cpu': '8',
      'limits.memory': '16Gi',
      pods: '20',
    });
  });

  test('gives containers that say nothing a request and a limit', () => {
    const json = synthesize({
      containerDefaults: {
        fallback: resources(['100m', '1'], ['128Mi', '1Gi']),
        max: { cpu: Quantity.parse('cpu', '4'), memory: Quantity.parse('memory', '8Gi') },
      },
    });
    expect(named(json, 'kubernetes_limit_range_v1', 'containers').spec.limit).toEqual([
      {
        type: 'Container',
        default: { cpu: '1', memory: '1Gi' },
        default_request: { cpu: '100m', memory: '128Mi' },
        max: { cpu: '4', memory: '8Gi' },
      },
    ]);
  });

  test('has neither without being asked', () => {
    const json = synthesize();
    expect(resourcesOf(json, 'kubernetes_resource_quota_v1')).toEqual([]);
    expect(resourcesOf(json, 'kubernetes_limit_range_v1')).toEqual([]);
  });
});
