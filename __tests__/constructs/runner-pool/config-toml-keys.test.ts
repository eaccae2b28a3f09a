import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { runnerType } from '../../../config/runner-types.ts';
import { renderConfigToml } from '../../../constructs/runner-pool/config-toml.ts';
import { JOB_HELPER } from '../../../constructs/runner-pool/pod-sizes.ts';
import { isObject, type JsonObject } from '../../../policy/model/json.ts';
import type { Json } from '../../support/synthesized.ts';
import { IMAGES } from './pool-fixtures.ts';

/** The toml tags of the structures in common/config.go, v18.11.3, by the place of their table below `runners`. */
const KNOWN_KEYS: Readonly<Record<string, string>> = {
  '': `
    name limit output_limit request_concurrency strict_check_interval unhealthy_requests_limit
    unhealthy_interval job_status_final_update_retry_limit url id token token_obtained_at
    token_expires_at tls-ca-file tls-cert-file tls-key-file labels executor builds_dir cache_dir
    clone_url environment proxy_exec pre_get_sources_script post_get_sources_script
    pre_build_script post_build_script debug_trace_disabled safe_directory_checkout
    clean_git_config shell custom_build_dir referees cache artifact feature_flags monitoring
    use_slot_cgroups slot_cgroup_template instance ssh docker parallels virtualbox machine
    kubernetes custom autoscaler step_runner_image`,
  kubernetes: `
    host context cert_file key_file ca_file bearer_token_overwrite_allowed bearer_token image
    namespace namespace_overwrite_allowed namespace_per_job privileged runtime_class_name
    allow_privilege_escalation cpu_limit cpu_limit_overwrite_max_allowed cpu_request
    cpu_request_overwrite_max_allowed memory_limit memory_limit_overwrite_max_allowed
    memory_request memory_request_overwrite_max_allowed ephemeral_storage_limit
    ephemeral_storage_limit_overwrite_max_allowed ephemeral_storage_request
    ephemeral_storage_request_overwrite_max_allowed service_cpu_limit
    service_cpu_limit_overwrite_max_allowed service_cpu_request
    service_cpu_request_overwrite_max_allowed service_memory_limit
    service_memory_limit_overwrite_max_allowed service_memory_request
    service_memory_request_overwrite_max_allowed service_ephemeral_storage_limit
    service_ephemeral_storage_limit_overwrite_max_allowed service_ephemeral_storage_request
    service_ephemeral_storage_request_overwrite_max_allowed helper_cpu_limit
    helper_cpu_limit_overwrite_max_allowed helper_cpu_request
    helper_cpu_request_overwrite_max_allowed helper_memory_limit
    helper_memory_limit_overwrite_max_allowed helper_memory_request
    helper_memory_request_overwrite_max_allowed helper_ephemeral_storage_limit
    helper_ephemeral_storage_limit_overwrite_max_allowed helper_ephemeral_storage_request
    helper_ephemeral_storage_request_overwrite_max_allowed pod_cpu_limit
    pod_cpu_limit_overwrite_max_allowed pod_cpu_request pod_cpu_request_overwrite_max_allowed
    pod_memory_limit pod_memory_limit_overwrite_max_allowed pod_memory_request
    pod_memory_request_overwrite_max_allowed allowed_images allowed_pull_policies allowed_services
    allowed_users allowed_groups pull_policy node_selector node_selector_overwrite_allowed
    node_tolerations node_tolerations_overwrite_allowed affinity image_pull_secrets
    use_service_account_image_pull_secrets helper_image helper_image_flavor
    helper_image_autoset_arch_and_os pod_termination_grace_period_seconds
    cleanup_grace_period_seconds cleanup_resources_timeout poll_interval poll_timeout
    resource_availability_check_max_attempts retry_limit retry_backoff_max retry_limits pod_labels
    pod_labels_overwrite_allowed scheduler_name service_account service_account_overwrite_allowed
    automount_service_account_token pod_annotations pod_annotations_overwrite_allowed
    pod_security_context init_permissions_container_security_context
    build_container_security_context helper_container_security_context
    service_container_security_context volumes host_aliases services cap_add cap_drop dns_policy
    dns_config container_lifecycle priority_class_name pod_spec logs_base_dir scripts_base_dir
    print_pod_warning_events pod_disruption_budget autoscaler`,
  'kubernetes.pod_security_context': `
    fs_group run_as_group run_as_non_root run_as_user supplemental_groups selinux_type
    seccomp_profile app_armor_profile`,
  'kubernetes.pod_security_context.seccomp_profile': 'type localhost_profile',
  'kubernetes.volumes': `
    host_path pvc config_map secret empty_dir csi`,
  'kubernetes.volumes.empty_dir': 'name mount_path sub_path medium size_limit',
  'kubernetes.pod_spec': 'name patch_path patch patch_type',
};

/** The names in helpers/featureflags/flags.go, v18.11.3. A flag that it does not know is passed over without a word. */
const KNOWN_FLAGS = `
  FF_NETWORK_PER_BUILD FF_USE_LEGACY_KUBERNETES_EXECUTION_STRATEGY FF_USE_DIRECT_DOWNLOAD
  FF_SKIP_NOOP_BUILD_STAGES FF_USE_FASTZIP FF_DISABLE_UMASK_FOR_DOCKER_EXECUTOR
  FF_ENABLE_BASH_EXIT_CODE_CHECK FF_USE_WINDOWS_LEGACY_PROCESS_STRATEGY
  FF_USE_NEW_BASH_EVAL_STRATEGY FF_USE_POWERSHELL_PATH_RESOLVER
  FF_USE_DYNAMIC_TRACE_FORCE_SEND_INTERVAL FF_SCRIPT_SECTIONS FF_ENABLE_JOB_CLEANUP
  FF_KUBERNETES_HONOR_ENTRYPOINT FF_POSIXLY_CORRECT_ESCAPES FF_RESOLVE_FULL_TLS_CHAIN
  FF_DISABLE_POWERSHELL_STDIN FF_USE_POD_ACTIVE_DEADLINE_SECONDS
  FF_USE_ADVANCED_POD_SPEC_CONFIGURATION FF_SET_PERMISSIONS_BEFORE_CLEANUP
  FF_SECRET_RESOLVING_FAILS_IF_MISSING FF_PRINT_POD_EVENTS FF_USE_GIT_BUNDLE_URIS
  FF_USE_GIT_NATIVE_CLONE FF_USE_DUMB_INIT_WITH_KUBERNETES_EXECUTOR
  FF_USE_INIT_WITH_DOCKER_EXECUTOR FF_LOG_IMAGES_CONFIGURED_FOR_JOB
  FF_USE_DOCKER_AUTOSCALER_DIAL_STDIO FF_CLEAN_UP_FAILED_CACHE_EXTRACT FF_USE_WINDOWS_JOB_OBJECT
  FF_TIMESTAMPS FF_DISABLE_AUTOMATIC_TOKEN_ROTATION FF_USE_LEGACY_GCS_CACHE_ADAPTER
  FF_DISABLE_UMASK_FOR_KUBERNETES_EXECUTOR FF_USE_LEGACY_S3_CACHE_ADAPTER
  FF_GIT_URLS_WITHOUT_TOKENS FF_WAIT_FOR_POD_TO_BE_REACHABLE FF_MASK_ALL_DEFAULT_TOKENS
  FF_EXPORT_HIGH_CARDINALITY_METRICS FF_USE_FLEETING_ACQUIRE_HEARTBEATS
  FF_USE_EXPONENTIAL_BACKOFF_STAGE_RETRY FF_USE_ADAPTIVE_REQUEST_CONCURRENCY
  FF_USE_GITALY_CORRELATION_ID FF_USE_GIT_PROACTIVE_AUTH FF_HASH_CACHE_KEYS
  FF_ENABLE_JOB_INPUTS_INTERPOLATION FF_USE_JOB_ROUTER FF_SCRIPT_TO_STEP_MIGRATION FF_CONCRETE
  FF_TEST_FEATURE`;

/** Tables whose keys are values themselves. */
const FREE = [
  'feature_flags',
  'kubernetes.node_selector',
  'kubernetes.node_tolerations',
  'kubernetes.pod_labels',
  'kubernetes.retry_limits',
];

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

/** Every key that GitLab Runner would pass over, by its place. */
function unknownKeys(table: JsonObject, place: string): string[] {
  const keys = KNOWN_KEYS[place];
  if (keys === undefined) return FREE.includes(place) ? [] : [`${place} (its keys are not listed)`];
  const known = words(keys);
  return Object.entries(table).flatMap(([key, value]) => {
    const where = place === '' ? key : `${place}.${key}`;
    if (!known.has(key)) return [where];
    const inner = Array.isArray(value) ? value : [value];
    return inner.filter(isObject).flatMap((one) => unknownKeys(one, where));
  });
}

/** A runner with every table that there can be, but for the one that the other lacks. */
function runnerOf(privileged: boolean): Json {
  const text = renderConfigToml({
    name: 'builds',
    namespace: 'jobs',
    concurrent: 3,
    image: IMAGES.nix,
    helperImage: IMAGES['gitlab-runner-helper'],
    privileged,
    serviceAccount: 'flywheel-jobs',
    token: false,
    priorityClass: 'runners-job',
    labels: { 'flywheel/pool': 'builds' },
    environment: { NIX_CONFIG: 'fallback = true\n' },
    job: runnerType('a100').job,
    helper: JOB_HELPER,
    service: runnerType('a100').service,
    placement: {
      nodeSelector: { gpu: 'a100' },
      tolerations: [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }],
    },
    memoryVolumes: { certificates: '/certs' },
    device: 'nvidia.com/gpu',
    pullSecret: 'registry',
  });
  const { runners }: Json = parse(text);
  return runners[0];
}

describe('GitLab Runner, which passes over what it does not know,', () => {
  test.each([true, false])('knows every key, with privileged %s', (privileged) => {
    expect(unknownKeys(runnerOf(privileged), '')).toEqual([]);
  });

  test('knows every feature flag', () => {
    const known = words(KNOWN_FLAGS);
    const flags = Object.keys(runnerOf(false).feature_flags);
    expect(flags).toHaveLength(4);
    expect(flags.filter((flag) => !known.has(flag))).toEqual([]);
  });

  test('would not know a key with a typing error', () => {
    const runner = runnerOf(false);
    runner.kubernetes.volumes.empty_dir[0].mountpath = '/x';
    runner.kubernetes.memory_limits = '1Gi';
    expect(unknownKeys(runner, '')).toEqual([
      'kubernetes.volumes.empty_dir.mountpath',
      'kubernetes.memory_limits',
    ]);
  });
});
