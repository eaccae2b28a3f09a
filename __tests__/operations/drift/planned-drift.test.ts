import { describe, expect, test } from 'vitest';
import { driftIn } from '../../../operations/drift/planned-drift.ts';

const METADATA = [{ namespace: 'nix-cache', name: 'attic' }];

/** A plan with one change, as `tofu show -json` prints it. */
function plan(type: string, change: object, mode = 'managed') {
  return { resource_changes: [{ address: `${type}.it`, mode, type, change }] };
}

function deviations(type: string, change: object, mode?: string) {
  return driftIn(plan(type, change, mode)).deviations.map(
    ({ object, field, declared, live }) => `${object} ${field}: ${declared} / ${live}`,
  );
}

describe('what a plan says of drift', () => {
  const before = { metadata: METADATA, spec: [{ replicas: 3 }] };
  const after = { metadata: METADATA, spec: [{ replicas: 1 }] };

  test('is what is there, beside what is declared', () => {
    expect(deviations('kubernetes_deployment_v1', { actions: ['update'], before, after })).toEqual([
      'Deployment nix-cache/attic spec.0.replicas: 1 / 3',
    ]);
  });

  test('is an object that is gone, or that nobody declares', () => {
    const type = 'kubernetes_network_policy_v1';
    expect(deviations(type, { actions: ['create'], before: null, after })).toEqual([
      'NetworkPolicy nix-cache/attic : there / (not there)',
    ]);
    expect(deviations(type, { actions: ['delete'], before, after: null })).toEqual([
      'NetworkPolicy nix-cache/attic : (not there) / there',
    ]);
  });

  test('is nothing for what stays, and for what is only read', () => {
    expect(deviations('kubernetes_deployment_v1', { actions: ['no-op'], before, after })).toEqual(
      [],
    );
    expect(deviations('x', { actions: ['read'], before: null, after }, 'data')).toEqual([]);
  });

  test('leaves out what is known only after the apply', () => {
    const change = {
      actions: ['update'],
      before: { name: 'a', metadata: { revision: 1 }, version: '1' },
      after: { name: 'a', version: '2' },
      after_unknown: { metadata: { revision: true } },
    };
    expect(deviations('helm_release', change)).toEqual(['HelmRelease a version: 2 / 1']);
  });
});

describe('a value that tofu calls sensitive', () => {
  const change = (marks: object) => ({
    actions: ['update'],
    before: { name: 'a', set: [{ name: 'token', value: 'live-value' }] },
    after: { name: 'a', set: [{ name: 'token', value: 'declared-value' }] },
    before_sensitive: {},
    after_sensitive: marks,
  });

  test.each([
    ['the field', { set: [{ value: true }] }],
    ['the item', { set: [true] }],
    ['the list', { set: true }],
    ['another item of the list', { set: [{}, { value: true }] }],
  ])('is not shown when %s is marked', (_, marks) => {
    expect(deviations('helm_release', change(marks))).toEqual([
      'HelmRelease a set.token.value: (not shown) / (not shown)',
    ]);
  });

  test('is shown when nothing is marked', () => {
    expect(deviations('helm_release', change({}))).toEqual([
      'HelmRelease a set.token.value: declared-value / live-value',
    ]);
  });

  test('is every value of a Secret, marked or not', () => {
    const of = (value: string) => ({ metadata: METADATA, data: { token: value } });
    const secret = { actions: ['update'], before: of('old'), after: of('new') };
    expect(deviations('kubernetes_secret_v1', secret)).toEqual([
      'Secret nix-cache/attic data.token: (not shown) / (not shown)',
    ]);
  });
});

test('the releases that the state holds are those in which drift is looked for', () => {
  const resources = [
    {
      mode: 'managed',
      type: 'helm_release',
      address: 'helm_release.pool',
      values: { name: 'pool', namespace: 'runners' },
    },
    { mode: 'managed', type: 'kubernetes_role_v1', address: 'kubernetes_role_v1.it', values: {} },
    { mode: 'data', type: 'kubernetes_namespace', address: 'data.it', values: {} },
  ];
  expect(driftIn({ prior_state: { values: { root_module: { resources } } } })).toEqual({
    resources: 2,
    releases: [{ address: 'helm_release.pool', name: 'pool', namespace: 'runners' }],
    deviations: [],
  });
});
