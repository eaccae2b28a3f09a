import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { runnerType } from '../../../config/runner-types.ts';
import {
  type RunnerConfig,
  renderConfigToml,
} from '../../../constructs/runner-pool/config-toml.ts';
import { JOB_HELPER } from '../../../constructs/runner-pool/pod-sizes.ts';
import type { Json } from '../../support/synthesized.ts';
import { IMAGES } from './pool-fixtures.ts';

const PLAIN: RunnerConfig = {
  name: 'builds',
  namespace: 'jobs',
  concurrent: 1,
  image: IMAGES.nix,
  helperImage: IMAGES['gitlab-runner-helper'],
  privileged: false,
  serviceAccount: 'flywheel-jobs',
  token: false,
  priorityClass: 'runners-job',
  labels: { 'flywheel/role': 'job', 'flywheel/pool': 'builds' },
  environment: { NIX_CONFIG: 'substituters = a b\nfallback = true\n' },
  job: runnerType('nix').job,
  helper: JOB_HELPER,
  service: runnerType('nix').service,
  placement: { nodeSelector: {}, tolerations: [] },
  memoryVolumes: {},
  device: undefined,
  pullSecret: undefined,
};

function runnerOf(change: Partial<RunnerConfig> = {}): Json {
  const { runners }: Json = parse(renderConfigToml({ ...PLAIN, ...change }));
  expect(runners).toHaveLength(1);
  return runners[0];
}

describe('config.toml', () => {
  test('is what was reviewed', async () => {
    await expect(renderConfigToml(PLAIN)).toMatchFileSnapshot('__snapshots__/config.toml');
  });

  test('has every plain key before the first table of its level', () => {
    const lines = renderConfigToml({
      ...PLAIN,
      placement: { nodeSelector: { gpu: 'a100' }, tolerations: [] },
      device: 'nvidia.com/gpu',
    }).split('\n');
    const start = lines.indexOf('[runners.kubernetes]');
    const firstTable = lines.findIndex((line, at) => at > start && line.startsWith('['));
    const keys = lines.slice(start + 1, firstTable).filter((line) => line !== '');
    expect(keys).toContain('cpu_request = "500m"');
    expect(keys).toContain('service_memory_limit = "1Gi"');
    expect(
      lines.slice(firstTable).filter((line) => /^(cpu|memory|helper|service)_/.test(line)),
    ).toEqual([]);
  });

  test('keeps the lines of a variable', () => {
    expect(runnerOf().environment).toEqual(['NIX_CONFIG=substituters = a b\nfallback = true\n']);
  });

  test('asks for several jobs at a time, but for no more than it can run', () => {
    const requests = [1, 3, 9].map((concurrent) => runnerOf({ concurrent }).request_concurrency);
    expect(requests).toEqual([1, 3, 4]);
  });

  test('gives every container of a job requests and limits, ephemeral storage included (L5, L7)', () => {
    const { kubernetes } = runnerOf();
    for (const prefix of ['', 'helper_', 'service_']) {
      for (const resource of ['cpu', 'memory', 'ephemeral_storage']) {
        expect(kubernetes[`${prefix}${resource}_request`]).toMatch(/^\d/);
        expect(kubernetes[`${prefix}${resource}_limit`]).toMatch(/^\d/);
      }
    }
  });

  test('names its images by digest, the helper among them (W-C1)', () => {
    const { kubernetes } = runnerOf();
    expect(kubernetes.image).toMatch(/^docker\.io\/nixos\/nix:[\d.]+@sha256:[0-9a-f]{64}$/);
    expect(kubernetes.helper_image).toMatch(
      /gitlab-runner-helper:x86_64-v[\d.]+@sha256:[0-9a-f]{64}$/,
    );
  });

  test('lets a job choose neither its account nor its namespace, labels, nodes or resources', () => {
    expect(renderConfigToml(PLAIN)).not.toMatch(/overwrite/);
  });

  test('mounts nothing over /nix (L8)', () => {
    expect(renderConfigToml(PLAIN)).not.toMatch(/volumes|mount_path/);
  });

  test('ends the pod with the time limit of its job, and says in its log what it waits for', () => {
    expect(runnerOf().feature_flags).toEqual({
      FF_CLEAN_UP_FAILED_CACHE_EXTRACT: true,
      FF_PRINT_POD_EVENTS: true,
      FF_USE_POD_ACTIVE_DEADLINE_SECONDS: true,
    });
  });

  test('asks again for a pod that the quota has no room for', () => {
    expect(runnerOf().kubernetes.retry_limits).toEqual({ 'exceeded quota': 900 });
  });

  test('is confined by the default seccomp profile unless it is privileged', () => {
    expect(runnerOf().kubernetes.pod_security_context).toEqual({
      seccomp_profile: { type: 'RuntimeDefault' },
    });
    const privileged = runnerOf({ privileged: true }).kubernetes;
    expect(privileged).toMatchObject({ privileged: true });
    expect(privileged.pod_security_context).toBeUndefined();
  });

  test('patches the pod for a device, because there is no key for one (W-B17)', () => {
    const { feature_flags, kubernetes } = runnerOf({
      device: 'nvidia.com/gpu',
      placement: {
        nodeSelector: { gpu: 'a100' },
        tolerations: [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }],
      },
    });
    expect(feature_flags.FF_USE_ADVANCED_POD_SPEC_CONFIGURATION).toBe(true);
    expect(kubernetes.node_selector).toEqual({ gpu: 'a100' });
    expect(kubernetes.node_tolerations).toEqual({ 'nvidia.com/gpu=present': 'NoSchedule' });
    const [{ patch, patch_type }] = kubernetes.pod_spec;
    expect(patch_type).toBe('strategic');
    expect(JSON.parse(patch)).toEqual({
      containers: [
        {
          name: 'build',
          resources: { requests: { 'nvidia.com/gpu': '1' }, limits: { 'nvidia.com/gpu': '1' } },
        },
      ],
    });
  });

  test('pulls with the Secret of the registry, where there is one (W-B15)', () => {
    expect(runnerOf({ pullSecret: 'registry' }).kubernetes.image_pull_secrets).toEqual([
      'registry',
    ]);
    expect(runnerOf().kubernetes.image_pull_secrets).toBeUndefined();
  });

  test('shares what two containers must both see in memory', () => {
    const { volumes } = runnerOf({ memoryVolumes: { certificates: '/certs/client' } }).kubernetes;
    expect(volumes).toEqual({
      empty_dir: [{ name: 'certificates', mount_path: '/certs/client', medium: 'Memory' }],
    });
  });
});
