import { describe, expect, test } from 'vitest';
import { factsOf } from '../../../constructs/facts.ts';
import { Monitors, type MonitorTarget } from '../../../constructs/monitoring/monitors.ts';
import type { ManagedNamespace } from '../../../constructs/namespace/managed-namespace.ts';
import { type Json, named, synthesizeConstruct } from '../../support/synthesized.ts';

interface Synthesized {
  readonly json: Json;
  readonly objects: Json[];
  readonly notes: string[];
}

function synthesize(targetsIn: (namespace: ManagedNamespace) => MonitorTarget[]): Synthesized {
  let notes: string[] = [];
  const json = synthesizeConstruct((stack, namespace) => {
    new Monitors(stack, 'monitors', {
      releaseName: 'monitors-home',
      namespace,
      targets: targetsIn(namespace),
      labels: { release: 'prometheus' },
    });
    notes = factsOf(stack, 'note').map(({ note }) => note);
  });
  const { objects } = JSON.parse(named(json, 'helm_release', 'monitors-home').values[0]);
  return { json, objects, notes };
}

const managers = synthesize((namespace) => [
  {
    kind: 'gitlab-managers',
    namespace,
    name: 'runner-managers',
    selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['a', 'b'] }] },
  },
]);

const kindsOf = ({ objects }: Synthesized) =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);

describe('Monitors', () => {
  test('scrapes the pods that are chosen, at the port that they have (W-B26)', () => {
    const [monitor] = managers.objects;
    expect(monitor).toEqual({
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PodMonitor',
      metadata: { name: 'runner-managers', namespace: 'home', labels: { release: 'prometheus' } },
      spec: {
        selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['a', 'b'] }] },
        podMetricsEndpoints: [
          { port: 'metrics', path: '/metrics', interval: '30s', honorLabels: false },
        ],
      },
    });
  });

  test('carries the labels by which Prometheus chooses, on monitors and rules', () => {
    expect(managers.objects.map(({ metadata }) => metadata.labels)).toEqual(
      Array(2).fill({ release: 'prometheus' }),
    );
  });

  test('scrapes a Service where that is what there is', () => {
    const { objects } = synthesize((namespace) => [
      {
        kind: 'bazel-cache',
        namespace,
        name: 'bazel-cache',
        selector: { matchLabels: { app: 'bazel-cache' } },
      },
    ]);
    expect(objects[0]).toMatchObject({
      kind: 'ServiceMonitor',
      spec: { endpoints: [{ port: 'http', path: '/metrics' }] },
    });
    // The operator names the job after the Service.
    expect(objects[1].spec.groups[0].rules[0].expr).toBe(
      'absent(up{namespace="home",job="bazel-cache"} == 1)',
    );
  });

  test('makes no monitor for what exports nothing, and says what its alerts need (W-C11)', () => {
    const attic = synthesize((namespace) => [
      { kind: 'deployment', namespace, name: 'attic' },
      { kind: 'volume', namespace, name: 'attic-data' },
    ]);
    expect(kindsOf(attic)).toEqual([
      'PrometheusRule deployment-attic',
      'PrometheusRule volume-attic-data',
    ]);
    expect(attic.notes).toEqual([
      'some alerts see nothing unless Prometheus also scrapes kube-state-metrics',
      'some alerts see nothing unless Prometheus also scrapes the kubelet',
    ]);
  });

  test('keeps the namespace that metrics of the GitHub runners are about', () => {
    const { objects } = synthesize((namespace) => [
      {
        kind: 'arc-listeners',
        namespace,
        name: 'arc-listeners',
        selector: { matchLabels: { a: 'b' } },
      },
    ]);
    expect(objects[0].spec.podMetricsEndpoints[0].honorLabels).toBe(true);
  });

  test('asks while planning whether each type it needs exists, and refuses before any change (W-C16)', () => {
    const asked = Object.entries<Json>(managers.json.data.kubernetes_resources);
    expect(asked.map(([, { field_selector }]) => field_selector)).toEqual([
      'metadata.name=podmonitors.monitoring.coreos.com',
      'metadata.name=prometheusrules.monitoring.coreos.com',
    ]);
    for (const [, { api_version, kind }] of asked) {
      expect(`${api_version} ${kind}`).toBe('apiextensions.k8s.io/v1 CustomResourceDefinition');
    }
    const { precondition } = named(managers.json, 'helm_release', 'monitors-home').lifecycle;
    expect(precondition).toEqual(
      asked.map(([id, { field_selector }]) => ({
        condition: `\${length(data.kubernetes_resources.${id}.objects) > 0}`,
        error_message: `This cluster does not know the type ${field_selector.slice('metadata.name='.length)}. Install the Prometheus Operator, or set monitoring.enabled to false.`,
      })),
    );
  });

  test('asks only for the types it needs', () => {
    const { json } = synthesize((namespace) => [{ kind: 'nodes', namespace, name: 'nodes' }]);
    expect(Object.keys(json.data.kubernetes_resources)).toHaveLength(1);
  });

  test('waits for every namespace that it puts something into', () => {
    const release = named(managers.json, 'helm_release', 'monitors-home');
    expect(release.depends_on).toHaveLength(1);
    expect(release.depends_on[0]).toMatch(/^helm_release\.home_/);
  });
});
