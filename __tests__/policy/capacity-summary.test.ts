import { describe, expect, test } from 'vitest';
import { summarizeCapacity } from '../../policy/capacity-summary.ts';
import { clusterOf } from '../../policy/check.ts';
import { capacityLines } from '../../synthesis/capacity-table.ts';
import { committedSummaries } from './committed-summaries.ts';
import { type Draft, goodCluster } from './good-cluster.ts';

const GIB = 2 ** 30;

function summary(change: (draft: Draft) => void = () => {}) {
  const draft = goodCluster();
  change(draft);
  return summarizeCapacity(clusterOf(draft.finished(), committedSummaries));
}

describe('the summary of capacity', () => {
  test('has for each namespace what its pods come to at their most, beside its quota', () => {
    expect(summary().namespaces.find(({ namespace }) => namespace === 'jobs')).toEqual({
      namespace: 'jobs',
      pods: 5,
      requests: { cpu: 1300, memory: 1.625 * GIB },
      limits: { cpu: 6200, memory: 5.25 * GIB },
      quota: {
        'requests.cpu': 2000,
        'requests.memory': 3 * GIB,
        'limits.cpu': 8000,
        'limits.memory': 10 * GIB,
        pods: 5,
      },
    });
  });

  test('adds up to the whole, beside what the nodes offer', () => {
    const { namespaces, total, nodes } = summary();
    expect(total.pods).toBe(namespaces.reduce((sum, { pods }) => sum + pods, 0));
    expect(total.requests.cpu).toBe(namespaces.reduce((sum, own) => sum + own.requests.cpu, 0));
    expect(nodes).toEqual({ cpu: 16_000, memory: 64 * GIB, pods: 110 });
  });

  test('takes the tighter one of two quotas', () => {
    const { namespaces } = summary((draft) => {
      const { kubernetes_resource_quota_v1: quotas } = draft.stack('gitlab').resource;
      quotas.second = structuredClone(quotas.jobs);
      quotas.second.spec.hard = { cpu: '1500m', pods: '20' };
    });
    expect(namespaces.find(({ namespace }) => namespace === 'jobs')?.quota).toMatchObject({
      'requests.cpu': 1500,
      pods: 5,
    });
  });

  test('does not know whether it fits where no nodes are declared', () => {
    const capacity = summary((draft) => {
      draft.declared.nodes = [];
    });
    expect(capacity.nodes).toBeNull();
    expect(capacityLines(capacity).at(-1)).toBe(
      'second numbers are quotas; whether all of it fits is not known: cluster.nodes declares none',
    );
  });

  test('is printed with both numbers side by side', () => {
    const lines = capacityLines(summary());
    expect(lines.find((line) => line.startsWith('jobs '))).toMatch(
      /^jobs +5 of 5 +1\.3 CPU of 2 CPU +1\.63 GiB of 3 GiB +6\.2 CPU of 8 CPU +5\.25 GiB of 10 GiB$/,
    );
    expect(lines.find((line) => line.startsWith('all '))).toMatch(
      / of 110 .* of 16 CPU .* of 64 GiB/,
    );
  });

  test('is empty without pods', () => {
    const nothing = { pods: 0, requests: { cpu: 0, memory: 0 }, limits: { cpu: 0, memory: 0 } };
    expect(capacityLines({ namespaces: [], total: nothing, nodes: null })).toEqual([]);
  });
});
