import { describe, expect, test } from 'vitest';
import { ViewerAccess } from '../../../constructs/dashboard/viewer-access.ts';
import { type Json, named, resourcesOf, synthesizeConstruct } from '../../support/synthesized.ts';

const json = synthesizeConstruct(
  (stack, namespace) =>
    void new ViewerAccess(stack, 'viewer', {
      namespace,
      viewer: { account: 'dashboard', namespace: 'looking' },
    }),
);
const { rule } = named(json, 'kubernetes_role_v1', 'dashboard-viewer');

describe('ViewerAccess', () => {
  test('reads and changes nothing (W-A8)', () => {
    const verbs = new Set(rule.flatMap(({ verbs: some }: Json) => some));
    expect([...verbs].sort()).toEqual(['get', 'list', 'watch']);
  });

  test('sees no Secret, no log and no wildcard (W-A8)', () => {
    const resources = rule.flatMap(({ resources: some }: Json) => some);
    expect(resources).not.toContain('secrets');
    expect(resources).not.toContain('pods/log');
    expect(resources.join(' ')).not.toContain('*');
  });

  test('sees pods, what makes and scales them, and how much they use', () => {
    const seen = rule.flatMap(({ api_groups: [group], resources }: Json) =>
      resources.map((resource: string) => `${group}/${resource}`),
    );
    expect(seen).toEqual(
      expect.arrayContaining([
        '/pods',
        '/events',
        'apps/deployments',
        'autoscaling/horizontalpodautoscalers',
        'metrics.k8s.io/pods',
        'actions.github.com/autoscalingrunnersets',
        'actions.github.com/ephemeralrunners',
      ]),
    );
  });

  test('is limited to the one namespace, and bound to an account elsewhere (W-B30)', () => {
    expect(resourcesOf(json, 'kubernetes_cluster_role_v1')).toEqual([]);
    expect(resourcesOf(json, 'kubernetes_cluster_role_binding_v1')).toEqual([]);
    const binding = named(json, 'kubernetes_role_binding_v1', 'dashboard-viewer');
    expect(binding.metadata.namespace).toBe('home');
    expect(binding.subject).toEqual([
      { kind: 'ServiceAccount', name: 'dashboard', namespace: 'looking' },
    ]);
  });
});
