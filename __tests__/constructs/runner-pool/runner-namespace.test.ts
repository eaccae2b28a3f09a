import { describe, expect, test } from 'vitest';
import { factsOf } from '../../../constructs/facts.ts';
import type { Pool } from '../../../constructs/runner-pool/pool.ts';
import type { RunnerNamespaceProps } from '../../../constructs/runner-pool/runner-namespace.ts';
import { RunnerPriorities } from '../../../constructs/runner-pool/runner-priorities.ts';
import { Quantity } from '../../../values/quantity.ts';
import { resources } from '../../../values/resources.ts';
import { type Json, named, resourcesOf, synthesizeConstruct } from '../../support/synthesized.ts';
import { gitlabPool, homeIn } from './pool-fixtures.ts';

interface Synthesized {
  readonly json: Json;
  readonly weakenings: Json[];
}

function synthesize(
  pools: readonly Pool[],
  change: Partial<RunnerNamespaceProps> = {},
): Synthesized {
  let weakenings: Json[] = [];
  const json = synthesizeConstruct((stack) => {
    homeIn(stack, pools, change);
    weakenings = factsOf(stack, 'weakening');
  });
  return { json, weakenings };
}

const labelsOf = ({ json }: Synthesized) =>
  JSON.parse(named(json, 'helm_release', 'namespace-jobs').values[0]).objects[0].metadata.labels;

const quotaOf = ({ json }: Synthesized) =>
  resourcesOf(json, 'kubernetes_resource_quota_v1').map(({ spec }) => spec.hard);

describe('RunnerNamespace', () => {
  test.each([
    ['jobs', 'baseline'],
    ['privileged-jobs', 'privileged'],
    ['operator', 'baseline'],
  ] as const)('of the trust level %s enforces %s (W-A16)', (trust, podSecurity) => {
    expect(labelsOf(synthesize([], { trust }))).toMatchObject({
      'flywheel/trust': trust,
      'pod-security.kubernetes.io/enforce': podSecurity,
    });
  });

  test('writes down why it is privileged, pool by pool', () => {
    const pools = [
      gitlabPool({ name: 'a', type: 'dind', privilegedReason: 'the first' }),
      gitlabPool({ name: 'b', type: 'dind', privilegedReason: 'the second' }),
    ];
    expect(synthesize(pools, { trust: 'privileged-jobs' }).weakenings).toEqual([
      {
        workload: 'jobs',
        what: 'Pod Security Standard privileged',
        reason: 'a: the first; b: the second',
      },
    ]);
    expect(synthesize([]).weakenings).toEqual([]);
  });

  test('allows exactly what its pools need at their most, and the cleanup (W-B25)', () => {
    expect(quotaOf(synthesize([gitlabPool({ managers: 2, concurrent: 4 })]))).toEqual([
      {
        'requests.cpu': '5020m',
        'requests.memory': '10816Mi',
        'limits.cpu': '50200m',
        'limits.memory': '78976Mi',
        pods: '13',
      },
    ]);
  });

  test('allows what the settings say instead, where they say it', () => {
    const amounts = { cpu: Quantity.parse('cpu', 16), memory: Quantity.parse('memory', '32Gi') };
    const quota = { requests: amounts, limits: amounts, pods: 50 };
    expect(quotaOf(synthesize([gitlabPool()], { quota }))[0]).toMatchObject({
      'requests.cpu': '16',
      pods: '50',
    });
  });

  test('has a limit range that covers the largest job, and gives the rest a size (L5, L7)', () => {
    const job = resources(['1', '12'], ['2Gi', '48Gi'], ['1Gi', '50Gi']);
    const { json } = synthesize([gitlabPool({ job })]);
    const [limit] = named(json, 'kubernetes_limit_range_v1', 'containers').spec.limit;
    expect(limit.max).toEqual({ cpu: '12', memory: '48Gi' });
    expect(limit.default).toEqual({ cpu: '500m', memory: '512Mi', 'ephemeral-storage': '5Gi' });
  });

  test('lets no pod of it talk to anyone by default', () => {
    const { json } = synthesize([]);
    const { objects } = JSON.parse(named(json, 'helm_release', 'namespace-jobs').values[0]);
    expect(objects.at(-1)).toMatchObject({
      kind: 'NetworkPolicy',
      metadata: { name: 'default-deny', namespace: 'jobs' },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] },
    });
  });

  test('lets the dashboard look, before that exists and at no Secret (W-A8, W-B30)', () => {
    const { json } = synthesize([]);
    const { subject } = named(json, 'kubernetes_role_binding_v1', 'runner-dashboard-viewer');
    expect(subject).toEqual([
      { kind: 'ServiceAccount', name: 'runner-dashboard', namespace: 'runner-dashboard' },
    ]);
  });

  test('has one account with rights: that of its cleanup', () => {
    const { json } = synthesize([]);
    const bound = resourcesOf(json, 'kubernetes_role_binding_v1').flatMap(({ subject }) => subject);
    expect(bound.map(({ name }: Json) => name).sort()).toEqual([
      'flywheel-cleanup',
      'runner-dashboard',
    ]);
    expect(resourcesOf(json, 'kubernetes_cluster_role_binding_v1')).toEqual([]);
  });
});

describe('RunnerPriorities', () => {
  const json = synthesizeConstruct(
    (stack) => void new RunnerPriorities(stack, 'priorities', 'runners'),
  );

  test('keep managers longer than services, and services longer than jobs (L6)', () => {
    const value = (name: string) => named(json, 'kubernetes_priority_class_v1', name).value;
    expect(value('runners-manager')).toBeGreaterThan(0);
    expect(value('runners-job')).toBeLessThan(0);
  });

  test('let no job push another pod out, and make no class the default', () => {
    expect(named(json, 'kubernetes_priority_class_v1', 'runners-job')).toMatchObject({
      preemption_policy: 'Never',
      global_default: false,
    });
  });
});
