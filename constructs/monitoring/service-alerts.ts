import { type Alert, type AlertScope, nothingAnswers } from './alert.ts';

/**
 * Alerts on what CloudNativePG exports for an instance: the collector itself, and the queries that its chart installs.
 *
 * @see https://cloudnative-pg.io/documentation/current/monitoring/
 */
export const POSTGRES_ALERTS: readonly Alert[] = [
  {
    name: 'PostgresGone',
    severity: 'critical',
    for: '5m',
    expr: nothingAnswers,
    summary: 'no instance of the database answers',
    remedy: 'Attic answers nothing without it: look at the pods of the cluster',
  },
  {
    name: 'PostgresDown',
    severity: 'critical',
    for: '5m',
    expr: ({ job }) => `cnpg_collector_up{job="${job}"} == 0`,
    summary: 'PostgreSQL does not run in {{ $labels.pod }}',
    remedy: 'look at the log of the instance; a full volume is the usual reason',
  },
  {
    name: 'PostgresReplicaBehind',
    severity: 'warning',
    for: '10m',
    expr: ({ job }) => `cnpg_pg_replication_lag{job="${job}"} > 300`,
    summary: 'the replica {{ $labels.pod }} is minutes behind',
    remedy: 'it is of little use as a successor: look at its disk and at the network',
  },
  {
    name: 'PostgresArchiveFails',
    severity: 'critical',
    for: '15m',
    expr: ({ job }) =>
      `cnpg_pg_stat_archiver_last_failed_time{job="${job}"} > on (namespace, pod) cnpg_pg_stat_archiver_last_archived_time{job="${job}"}`,
    summary: 'the write-ahead log is not archived',
    remedy: 'backups grow stale and the volume fills: look at the object store of the backups',
  },
];

/** Alerts on what bazel-remote exports. Losing it slows builds and breaks none, so nothing here is critical. */
export const BAZEL_CACHE_ALERTS: readonly Alert[] = [
  {
    name: 'BazelCacheDown',
    severity: 'warning',
    for: '10m',
    expr: nothingAnswers,
    summary: 'the Bazel cache does not answer',
    remedy: 'builds go on without it; after a start it reads its index before it answers',
  },
  {
    name: 'BazelCacheThrashes',
    severity: 'warning',
    for: '1h',
    expr: ({ job }) =>
      `increase(bazel_remote_disk_cache_evicted_bytes_total{job="${job}"}[1h]) > on (namespace, pod) bazel_remote_disk_cache_size_bytes_limit{job="${job}",type="evict"}`,
    summary: 'the Bazel cache replaces its whole disk within an hour',
    remedy: 'its disk is too small for the builds: raise bazelCache.hotCache',
  },
];

/** An alert on a Deployment of ours that exports nothing itself, from kube-state-metrics. */
export const DEPLOYMENT_ALERTS: readonly Alert[] = [
  {
    name: 'DeploymentUnavailable',
    severity: 'critical',
    for: '5m',
    expr: ({ namespace, name }) =>
      `kube_deployment_status_replicas_available{namespace="${namespace}",deployment="${name}"} == 0 and on (namespace, deployment) kube_deployment_spec_replicas{namespace="${namespace}",deployment="${name}"} > 0`,
    summary: '{{ $labels.deployment }} in {{ $labels.namespace }} has no pod that is ready',
    remedy: 'look at its pods and at their events',
  },
];

/** How full a volume may still get, for a claim and for those that carry a number behind its name. */
function freeShare({ namespace, name }: AlertScope): string {
  const claims = `namespace="${namespace}",persistentvolumeclaim=~"${name}(-[0-9]+)?"`;
  return `kubelet_volume_stats_available_bytes{${claims}} / on (namespace, persistentvolumeclaim) kubelet_volume_stats_capacity_bytes{${claims}}`;
}

/** Alerts on volume claims, from the kubelet. */
export const VOLUME_ALERTS: readonly Alert[] = [
  {
    name: 'VolumeNearlyFull',
    severity: 'warning',
    for: '15m',
    expr: (scope) => `${freeShare(scope)} < 0.15`,
    summary: 'the volume {{ $labels.persistentvolumeclaim }} is nearly full',
    remedy: 'enlarge it in the settings while there is room: it can grow, never shrink',
  },
  {
    name: 'VolumeFull',
    severity: 'critical',
    for: '5m',
    expr: (scope) => `${freeShare(scope)} < 0.03`,
    summary: 'the volume {{ $labels.persistentvolumeclaim }} is full',
    remedy: 'enlarge it now; what lives on it stops',
  },
];

/** Alerts on the nodes, from kube-state-metrics: they end in evicted jobs. */
export const NODE_ALERTS: readonly Alert[] = [
  {
    name: 'NodeUnderPressure',
    severity: 'critical',
    for: '5m',
    expr: () =>
      'kube_node_status_condition{condition=~"DiskPressure|MemoryPressure|PIDPressure",status="true"} == 1',
    summary: 'the node {{ $labels.node }} is under {{ $labels.condition }}',
    remedy: 'jobs are evicted, managers last: free what is short, or give pools less to do',
  },
];
