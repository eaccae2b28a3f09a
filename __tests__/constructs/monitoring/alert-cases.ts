import type { ComponentKind } from '../../../constructs/monitoring/component-table.ts';

/** A course of time series under which an alert fires or stays quiet; `promtool test rules` can play it. */
export interface AlertCase {
  readonly kind: ComponentKind;
  readonly alert: string;
  /** Series in the notation of promtool, one sample a minute. */
  readonly series: Readonly<Record<string, string>>;
  /** When it is asked. */
  readonly at: string;
  readonly fires: boolean;
}

const UP = 'up{namespace="ns",job="ns/x",pod="p"}';

/** The namespace `ns` and the name `x` stand for what is watched. */
export const ALERT_CASES: readonly AlertCase[] = [
  ...pair('gitlab-managers', 'GitlabRunnerManagersGone', '30m', [
    { [UP]: '1x5 0x30' },
    { [UP]: '1x60' },
  ]),
  ...pair('gitlab-managers', 'GitlabRunnerManagerDown', '20m', [
    { [UP]: '1x5 0x30', 'up{namespace="ns",job="ns/x",pod="q"}': '1x60' },
    { [UP]: '1x5 0x2 1x60' },
  ]),
  ...pair('gitlab-managers', 'GitlabRunnerRefused', '40m', [
    { [statuses('403')]: '0+1x60', [statuses('204')]: '0+1x60' },
    { [statuses('403')]: '7x60', [statuses('204')]: '0+1x60' },
  ]),
  ...pair('gitlab-managers', 'GitlabRunnerSystemFailures', '40m', [
    { [failures('runner_system_failure')]: '0+1x60' },
    { [failures('runner_system_failure')]: '5x60', [failures('script_failure')]: '0+1x60' },
  ]),
  ...pair('gitlab-managers', 'GitlabRunnerSaturated', '50m', [
    { [jobs('build')]: '2x60', [jobs('idle')]: '2x60', [concurrent()]: '4x60' },
    { [jobs('build')]: '2x60', [jobs('idle')]: '0x60', [concurrent()]: '4x60' },
  ]),
  ...pair('arc-controller', 'ArcControllerDown', '20m', [{ [UP]: '1x5 _x30' }, { [UP]: '1x60' }]),
  ...pair('arc-controller', 'ArcListenerMissing', '20m', [
    { 'gha_controller_running_listeners{job="ns/x",name="set",namespace="runners"}': '0x60' },
    { 'gha_controller_running_listeners{job="ns/x",name="set",namespace="runners"}': '1x60' },
  ]),
  ...pair('arc-controller', 'ArcRunnersFailed', '30m', [
    { 'gha_controller_failed_ephemeral_runners{job="ns/x",name="set",namespace="r"}': '1x60' },
    { 'gha_controller_failed_ephemeral_runners{job="ns/x",name="set",namespace="r"}': '0x60' },
  ]),
  ...pair('arc-listeners', 'ArcScaleSetSaturated', '50m', [
    { [gha('assigned_jobs')]: '6x60', [gha('max_runners')]: '5x60' },
    { [gha('assigned_jobs')]: '5x60', [gha('max_runners')]: '5x60' },
  ]),
  ...pair('arc-listeners', 'ArcJobsDoNotStart', '30m', [
    { [gha('assigned_jobs')]: '2x60', [gha('running_jobs')]: '0x60' },
    { [gha('assigned_jobs')]: '2x60', [gha('running_jobs')]: '1x60' },
  ]),
  ...pair('runner-namespace', 'RunnerQuotaNearlyUsed', '50m', [
    { [quota('used')]: '97x60', [quota('hard')]: '100x60' },
    { [quota('used')]: '90x60', [quota('hard')]: '100x60' },
  ]),
  ...pair('runner-namespace', 'RunnerCleanupFails', '50m', [
    { [cleanup('created')]: '0x60', [cleanup('status_last_successful_time')]: '600x60' },
    // One run failed an hour ago, and those after it did not.
    {
      'kube_job_status_failed{namespace="ns",job_name="flywheel-cleanup-1"}': '1x60',
      [cleanup('created')]: '0x60',
      [cleanup('status_last_successful_time')]: '0+60x60',
    },
  ]),
  {
    kind: 'runner-namespace',
    alert: 'RunnerCleanupFails',
    at: '50m',
    // It has never had a success, so there is no time of the last one.
    series: { [cleanup('created')]: '0x60' },
    fires: true,
  },
  ...pair('runner-namespace', 'RunnerManagerOutOfMemory', '20m', [
    { [restarts()]: '0x10 1x30', [terminated('OOMKilled')]: '0x10 1x30' },
    { [restarts()]: '0x10 1x30', [terminated('Error')]: '0x10 1x30' },
  ]),
  ...pair('postgres', 'PostgresGone', '20m', [{ [UP]: '1x5 0x30' }, { [UP]: '1x60' }]),
  ...pair('postgres', 'PostgresDown', '20m', [
    { 'cnpg_collector_up{job="ns/x",pod="p"}': '0x60' },
    { 'cnpg_collector_up{job="ns/x",pod="p"}': '1x60' },
  ]),
  ...pair('postgres', 'PostgresReplicaBehind', '30m', [
    { 'cnpg_pg_replication_lag{job="ns/x",pod="p"}': '400x60' },
    { 'cnpg_pg_replication_lag{job="ns/x",pod="p"}': '20x60' },
  ]),
  ...pair('postgres', 'PostgresArchiveFails', '30m', [
    { [archiver('failed')]: '2000x60', [archiver('archived')]: '1000x60' },
    { [archiver('failed')]: '1000x60', [archiver('archived')]: '2000x60' },
  ]),
  ...pair('bazel-cache', 'BazelCacheDown', '30m', [
    { 'up{namespace="ns",job="x"}': '0x60' },
    { 'up{namespace="ns",job="x"}': '1x60' },
  ]),
  ...pair('bazel-cache', 'BazelCacheThrashes', '150m', [
    { [disk('evicted_bytes_total')]: '0+2x200', [limit()]: '100x200' },
    { [disk('evicted_bytes_total')]: '0+1x200', [limit()]: '100x200' },
  ]),
  ...pair('deployment', 'DeploymentUnavailable', '20m', [
    { [deployment('status_replicas_available')]: '0x60', [deployment('spec_replicas')]: '1x60' },
    { [deployment('status_replicas_available')]: '0x60', [deployment('spec_replicas')]: '0x60' },
  ]),
  ...pair('volume', 'VolumeNearlyFull', '30m', [
    { [volume('available', 'x-1')]: '10x60', [volume('capacity', 'x-1')]: '100x60' },
    { [volume('available', 'x')]: '20x60', [volume('capacity', 'x')]: '100x60' },
  ]),
  ...pair('volume', 'VolumeFull', '30m', [
    { [volume('available', 'x')]: '2x60', [volume('capacity', 'x')]: '100x60' },
    { [volume('available', 'x')]: '10x60', [volume('capacity', 'x')]: '100x60' },
  ]),
  ...pair('nodes', 'NodeUnderPressure', '20m', [
    {
      'kube_node_status_condition{node="n",condition="DiskPressure",status="true"}': '1x60',
    },
    {
      'kube_node_status_condition{node="n",condition="DiskPressure",status="true"}': '0x60',
      'kube_node_status_condition{node="n",condition="Ready",status="true"}': '1x60',
    },
  ]),
];

function pair(
  kind: ComponentKind,
  alert: string,
  at: string,
  [firing, quiet]: readonly [AlertCase['series'], AlertCase['series']],
): AlertCase[] {
  return [
    { kind, alert, at, series: firing, fires: true },
    { kind, alert, at, series: quiet, fires: false },
  ];
}

function statuses(status: string): string {
  return `gitlab_runner_api_request_statuses_total{job="ns/x",namespace="ns",pod="p",endpoint="request_job",status="${status}"}`;
}

function failures(reason: string): string {
  return `gitlab_runner_failed_jobs_total{job="ns/x",namespace="ns",pod="p",runner_name="pool",failure_reason="${reason}"}`;
}

function jobs(stage: string): string {
  return `gitlab_runner_jobs{job="ns/x",namespace="ns",pod="p",stage="${stage}"}`;
}

function concurrent(): string {
  return 'gitlab_runner_concurrent{job="ns/x",namespace="ns",pod="p"}';
}

function gha(metric: string): string {
  return `gha_${metric}{job="ns/x",namespace="runners",name="set",pod="p"}`;
}

function quota(type: string): string {
  return `kube_resourcequota{namespace="ns",resourcequota="pods",resource="limits.cpu",type="${type}"}`;
}

function cleanup(what: string): string {
  return `kube_cronjob_${what}{namespace="ns",cronjob="flywheel-cleanup"}`;
}

function restarts(): string {
  return 'kube_pod_container_status_restarts_total{namespace="ns",pod="p",container="c"}';
}

function terminated(reason: string): string {
  return `kube_pod_container_status_last_terminated_reason{namespace="ns",pod="p",container="c",reason="${reason}"}`;
}

function archiver(event: string): string {
  return `cnpg_pg_stat_archiver_last_${event}_time{job="ns/x",namespace="ns",pod="p"}`;
}

function disk(metric: string): string {
  return `bazel_remote_disk_cache_${metric}{job="x",namespace="ns",pod="p"}`;
}

function limit(): string {
  return 'bazel_remote_disk_cache_size_bytes_limit{job="x",namespace="ns",pod="p",type="evict"}';
}

function deployment(metric: string): string {
  return `kube_deployment_${metric}{namespace="ns",deployment="x"}`;
}

function volume(metric: string, claim: string): string {
  return `kubelet_volume_stats_${metric}_bytes{namespace="ns",persistentvolumeclaim="${claim}"}`;
}
