import { describe, expect, test } from 'vitest';
import { alertRule } from '../../../constructs/monitoring/alert.ts';
import {
  COMPONENTS,
  type ComponentKind,
  type MonitoredComponent,
} from '../../../constructs/monitoring/component-table.ts';
import { ALERT_CASES } from './alert-cases.ts';

/** The metrics that exist, by the program that exports them; each was read in its source or its manual. */
const METRICS = {
  prometheus: ['up'],
  'gitlab-runner': [
    'gitlab_runner_api_request_statuses_total',
    'gitlab_runner_concurrent',
    'gitlab_runner_failed_jobs_total',
    'gitlab_runner_jobs',
  ],
  'gha-runner-scale-set-controller': [
    'gha_assigned_jobs',
    'gha_controller_failed_ephemeral_runners',
    'gha_controller_running_listeners',
    'gha_max_runners',
    'gha_running_jobs',
  ],
  'cloudnative-pg': [
    'cnpg_collector_up',
    'cnpg_pg_replication_lag',
    'cnpg_pg_stat_archiver_last_archived_time',
    'cnpg_pg_stat_archiver_last_failed_time',
  ],
  'bazel-remote': [
    'bazel_remote_disk_cache_evicted_bytes_total',
    'bazel_remote_disk_cache_size_bytes_limit',
  ],
  'kube-state-metrics': [
    'kube_cronjob_created',
    'kube_cronjob_status_last_successful_time',
    'kube_deployment_spec_replicas',
    'kube_deployment_status_replicas_available',
    'kube_node_status_condition',
    'kube_pod_container_status_last_terminated_reason',
    'kube_pod_container_status_restarts_total',
    'kube_resourcequota',
  ],
  kubelet: ['kubelet_volume_stats_available_bytes', 'kubelet_volume_stats_capacity_bytes'],
};

const SCOPE = { namespace: 'ns', name: 'x', job: 'ns/x' };

const ALERTS = Object.entries<MonitoredComponent>(COMPONENTS).flatMap(([kind, { alerts }]) =>
  alerts.map((alert) => ({ kind: kind as ComponentKind, alert, name: alert.name })),
);

describe('the table of alerts', () => {
  test('uses metrics that exist, and no other (W-B26, W-C11)', () => {
    const known = new Set(Object.values(METRICS).flat());
    const used = ALERTS.flatMap(({ alert }) => alert.expr(SCOPE).match(/\b[a-z_]+(?=\{)/g) ?? []);
    expect(used.length).toBeGreaterThan(25);
    expect([...new Set(used)].filter((metric) => !known.has(metric))).toEqual([]);
  });

  test('bears each name once', () => {
    expect(new Set(ALERTS.map(({ name }) => name)).size).toBe(ALERTS.length);
  });

  test.each(ALERTS)('$name says what is wrong and what to do', ({ alert }) => {
    const rule = alertRule(alert, SCOPE);
    expect(rule).toEqual({
      alert: alert.name,
      expr: expect.stringMatching(/\S/),
      for: expect.stringMatching(/^\d+[mh]$/),
      labels: { severity: expect.stringMatching(/^(critical|warning)$/), watched: 'ns/x' },
      annotations: {
        summary: expect.stringMatching(/^\S.*[^.]$/),
        description: expect.stringMatching(/^\S.*[^.]$/),
      },
    });
  });

  test.each(ALERTS)(
    '$name has a course under which it fires, and one under which it does not',
    ({ kind, name }) => {
      const cases = ALERT_CASES.filter((one) => one.kind === kind && one.alert === name);
      expect(new Set(cases.map(({ fires }) => fires))).toEqual(new Set([false, true]));
    },
  );

  test('takes a cleanup for failing once six of its runs have passed without a success', () => {
    const cleanup = ALERTS.find(({ name }) => name === 'RunnerCleanupFails');
    expect(cleanup?.alert.expr(SCOPE)).toBe(
      'time() - kube_cronjob_status_last_successful_time{namespace="ns",cronjob="flywheel-cleanup"} > 1800 or (time() - kube_cronjob_created{namespace="ns",cronjob="flywheel-cleanup"} > 1800 unless on (namespace, cronjob) kube_cronjob_status_last_successful_time{namespace="ns",cronjob="flywheel-cleanup"})',
    );
  });

  test('has no course for an alert that is gone', () => {
    const names = new Set(ALERTS.map(({ name }) => name));
    expect(ALERT_CASES.filter(({ alert }) => !names.has(alert))).toEqual([]);
  });

  test('knows what has to run beside Prometheus for alerts that need more', () => {
    const needs = Object.entries<MonitoredComponent>(COMPONENTS).map(([kind, component]) => {
      const text = component.alerts.map((alert) => alert.expr(SCOPE)).join(' ');
      const found = /\bkube_/.test(text)
        ? 'kube-state-metrics'
        : /\bkubelet_/.test(text)
          ? 'the kubelet'
          : undefined;
      return [kind, component.needs, found];
    });
    expect(needs.filter(([, declared, found]) => declared !== found)).toEqual([]);
  });
});
