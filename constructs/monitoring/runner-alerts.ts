import { CLEANUP_EVERY_MINUTES, CLEANUP_NAME } from '../runner-pool/cleanup-schedule.ts';
import { type Alert, nothingAnswers, oneDoesNotAnswer } from './alert.ts';

/**
 * Alerts on what GitLab Runner itself exports.
 *
 * @see https://docs.gitlab.com/runner/monitoring/
 */
export const GITLAB_MANAGER_ALERTS: readonly Alert[] = [
  {
    name: 'GitlabRunnerManagersGone',
    severity: 'critical',
    for: '10m',
    expr: nothingAnswers,
    summary: 'no GitLab runner manager answers in this namespace',
    remedy: 'look at the pods of the pools and at their events; no job of these pools runs',
  },
  {
    name: 'GitlabRunnerManagerDown',
    severity: 'warning',
    for: '5m',
    expr: oneDoesNotAnswer,
    summary: 'the GitLab runner manager {{ $labels.pod }} does not answer',
    remedy: 'look at its log; the jobs it holds may be lost',
  },
  {
    name: 'GitlabRunnerRefused',
    severity: 'critical',
    for: '10m',
    expr: ({ job }) =>
      `sum by (namespace, pod) (increase(gitlab_runner_api_request_statuses_total{job="${job}",endpoint="request_job",status="403"}[10m])) > 0`,
    summary: 'GitLab refuses the manager {{ $labels.pod }}',
    remedy:
      'its token was revoked or its runner deleted: put a new token into the Secret and restart it',
  },
  {
    name: 'GitlabRunnerSystemFailures',
    severity: 'warning',
    for: '5m',
    expr: ({ job }) =>
      `sum by (namespace, runner_name) (increase(gitlab_runner_failed_jobs_total{job="${job}",failure_reason="runner_system_failure"}[30m])) > 2`,
    summary: 'jobs of {{ $labels.runner_name }} fail for a reason of the runner',
    remedy: 'the log of such a job says it at its end: quota, image, node or a missing right',
  },
  {
    name: 'GitlabRunnerSaturated',
    severity: 'warning',
    for: '30m',
    expr: ({ job }) =>
      `sum by (namespace, pod) (gitlab_runner_jobs{job="${job}"}) >= on (namespace, pod) gitlab_runner_concurrent{job="${job}"}`,
    summary: 'the manager {{ $labels.pod }} has had all its jobs for half an hour',
    remedy: 'jobs wait: raise concurrent or managers of the pool, as far as the nodes go',
  },
];

/**
 * Alerts on what the controller of the GitHub runners exports.
 *
 * @see https://docs.github.com/en/actions/how-tos/manage-runners/use-actions-runner-controller/deploy-runner-scale-sets
 */
export const ARC_CONTROLLER_ALERTS: readonly Alert[] = [
  {
    name: 'ArcControllerDown',
    severity: 'critical',
    for: '5m',
    expr: nothingAnswers,
    summary: 'the controller of the GitHub runners does not answer',
    remedy: 'no new runner is made; look at its log',
  },
  {
    name: 'ArcListenerMissing',
    severity: 'critical',
    for: '10m',
    expr: ({ job }) => `gha_controller_running_listeners{job="${job}"} == 0`,
    summary: 'the scale set {{ $labels.name }} has no listener',
    remedy:
      'its jobs wait for ever: look at the GitHub App, at the runner group and at the controller',
  },
  {
    name: 'ArcRunnersFailed',
    severity: 'warning',
    for: '15m',
    expr: ({ job }) => `gha_controller_failed_ephemeral_runners{job="${job}"} > 0`,
    summary: 'runners of {{ $labels.name }} have failed for good',
    remedy: 'kubectl describe them, mend the reason, delete them: nobody else does',
  },
];

/** Alerts on what the listeners of scale sets export. */
export const ARC_LISTENER_ALERTS: readonly Alert[] = [
  {
    name: 'ArcScaleSetSaturated',
    severity: 'warning',
    for: '30m',
    expr: ({ job }) =>
      `gha_assigned_jobs{job="${job}"} > on (namespace, name) gha_max_runners{job="${job}"}`,
    summary: 'the scale set {{ $labels.name }} has had more jobs than runners for half an hour',
    remedy: 'jobs wait: raise runners.max of the pool, as far as the nodes go',
  },
  {
    name: 'ArcJobsDoNotStart',
    severity: 'warning',
    for: '15m',
    expr: ({ job }) =>
      `gha_assigned_jobs{job="${job}"} > 0 unless on (namespace, name) gha_running_jobs{job="${job}"} > 0`,
    summary: 'jobs are assigned to {{ $labels.name }} and none runs',
    remedy: 'look at the events of its namespace: quota, image, node',
  },
];

/** Six runs of the cleanup: one that fails is made good by the next. */
const CLEANUP_OVERDUE_SEC = 6 * CLEANUP_EVERY_MINUTES * 60;

/** Alerts on a namespace in which jobs run, from kube-state-metrics. */
export const RUNNER_NAMESPACE_ALERTS: readonly Alert[] = [
  {
    name: 'RunnerQuotaNearlyUsed',
    severity: 'warning',
    for: '30m',
    expr: ({ namespace }) =>
      `kube_resourcequota{namespace="${namespace}",type="used"} / on (namespace, resourcequota, resource) (kube_resourcequota{namespace="${namespace}",type="hard"} > 0) > 0.95`,
    summary: '{{ $labels.resource }} of {{ $labels.namespace }} is nearly used up',
    remedy: 'new jobs will wait: give the pools less to do, or raise runners.quotas',
  },
  {
    name: 'RunnerCleanupFails',
    severity: 'warning',
    for: '5m',
    expr: ({ namespace }) => {
      const cleanup = `{namespace="${namespace}",cronjob="${CLEANUP_NAME}"}`;
      const last = `kube_cronjob_status_last_successful_time${cleanup}`;
      const never = `(time() - kube_cronjob_created${cleanup} > ${CLEANUP_OVERDUE_SEC} unless on (namespace, cronjob) ${last})`;
      return `time() - ${last} > ${CLEANUP_OVERDUE_SEC} or ${never}`;
    },
    summary: 'stuck pods of {{ $labels.namespace }} have not been removed for half an hour',
    remedy: 'look at the log of the last job of {{ $labels.cronjob }}',
  },
  {
    name: 'RunnerManagerOutOfMemory',
    severity: 'warning',
    for: '1m',
    expr: ({ namespace }) =>
      `increase(kube_pod_container_status_restarts_total{namespace="${namespace}"}[15m]) > 0 and on (namespace, pod, container) kube_pod_container_status_last_terminated_reason{namespace="${namespace}",reason="OOMKilled"} == 1`,
    summary: 'the container {{ $labels.container }} of {{ $labels.pod }} was killed for its memory',
    remedy: 'its jobs are lost, and its runner comes back with another identity in GitLab',
  },
];
