import { stringify } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { gitlabJobs, UnreadableConfig } from '../../../policy/model/gitlab-job-pods.ts';
import { readObject } from '../../../policy/model/kubernetes-object.ts';
import type { Json } from '../good/parts.ts';

function jobs(runner: Json, more: Json = {}) {
  const object = readObject(
    { kind: 'Deployment', metadata: { name: 'pool' } },
    {
      stack: 's',
      address: 's: helm_release.pool',
      origin: 'chart',
      namespace: 'home',
    },
  );
  const config = typeof runner === 'string' ? runner : stringify({ runners: [runner] });
  const values = { concurrent: 5, fullnameOverride: 'pool', runners: { config }, ...more };
  return gitlabJobs({ object, values, namespace: 'home', count: 2 });
}

function container(runner: Json, name: string): Json {
  const [found] = jobs(runner);
  return found?.pod.containers.find((candidate) => candidate.name === name);
}

describe('the jobs of a GitLab runner', () => {
  test('run as often as all managers together may, in the namespace and under the account of the settings', () => {
    const [job] = jobs({
      kubernetes: { namespace: 'jobs', service_account: 'job', pod_labels: { a: 'b' } },
    });
    expect(job?.pod).toMatchObject({
      owner: 'jobs of pool',
      namespace: 'jobs',
      account: 'job',
      purpose: 'job',
      count: { min: 0, max: 10 },
      labels: { a: 'b', 'job.runner.gitlab.com/pod': 'any' },
    });
  });

  test('are no more than the limit of the runner entry allows', () => {
    expect(jobs({ limit: 3, kubernetes: {} })[0]?.pod.count.max).toBe(6);
    expect(jobs({ limit: 0, kubernetes: {} })[0]?.pod.count.max).toBe(10);
  });

  test('are made of the build, its helper, an init container and the services', () => {
    const [job] = jobs({
      kubernetes: { image: 'build:1', helper_image: 'helper:1', services: [{ name: 'dind:1' }] },
    });
    expect(job?.pod.containers.map(({ name, image, role }) => [name, image, role])).toEqual([
      ['init-permissions', 'helper:1', 'init'],
      ['build', 'build:1', 'main'],
      ['helper', 'helper:1', 'main'],
      ['svc-0', 'dind:1', 'main'],
    ]);
  });

  test('count what a job may ask for at most', () => {
    const settings = {
      cpu_limit: '1',
      cpu_limit_overwrite_max_allowed: '4',
      memory_request: '1Gi',
    };
    expect(container({ kubernetes: settings }, 'build')).toMatchObject({
      requests: { memory: '1Gi' },
      limits: { cpu: '4' },
    });
  });

  test('are privileged and hold capabilities as the settings say, for all containers or for one', () => {
    const settings = {
      privileged: true,
      cap_add: ['SYS_PTRACE'],
      build_container_security_context: { privileged: false, run_as_user: 5 },
    };
    const context = { capabilities: { add: ['SYS_PTRACE'], drop: ['NET_RAW'] } };
    expect(container({ kubernetes: settings }, 'build').body.securityContext).toEqual({
      ...context,
      privileged: false,
      runAsUser: 5,
    });
    expect(container({ kubernetes: settings }, 'helper').body.securityContext).toEqual({
      ...context,
      privileged: true,
    });
  });

  test('see the volumes of the settings', () => {
    const volumes = {
      host_path: [{ name: 'docker', mount_path: '/run/docker.sock', read_only: true }],
      secret: [{ name: 'token', mount_path: '/token', items: { key: 'file' } }],
    };
    const [job] = jobs({ kubernetes: { volumes } });
    expect(job?.pod.spec.volumes).toEqual([
      { name: 'docker', hostPath: { path: '/run/docker.sock' } },
      { name: 'token', secret: { secretName: 'token', items: [{ key: 'key' }] } },
    ]);
    expect(container({ kubernetes: { volumes } }, 'build').mounts).toEqual([
      { volume: 'docker', path: '/run/docker.sock', readOnly: true },
      { volume: 'token', path: '/token', readOnly: false },
    ]);
    expect(job?.pod.secrets).toEqual([{ name: 'token', keys: ['key'] }]);
  });

  test('are patched before they are made', () => {
    const patch = JSON.stringify({
      hostPID: true,
      containers: [{ name: 'build', resources: { limits: { gpu: '1' } } }],
    });
    const settings = {
      cpu_limit: '1',
      pod_spec: [{ name: 'gpu', patch_type: 'strategic', patch }],
    };
    const [job] = jobs({ kubernetes: settings });
    expect(job?.pod.spec.hostPID).toBe(true);
    expect(container({ kubernetes: settings }, 'build').limits).toEqual({ cpu: '1', gpu: '1' });
  });

  test('may choose an account or a namespace where a pattern lets them', () => {
    const settings = { service_account_overwrite_allowed: '^ci-', namespace_overwrite_allowed: '' };
    expect(jobs({ kubernetes: settings })[0]?.choice).toEqual({
      account: '^ci-',
      namespace: undefined,
    });
  });

  test('are read although the text goes through the template engine of Helm', () => {
    const config = stringify({ runners: [{ kubernetes: { image: 'a{{b}}:1' } }] });
    const [job] = jobs(config.replaceAll('{{', '{{ "{{" }}'));
    expect(job?.pod.containers[1]?.image).toBe('a{{b}}:1');
  });

  test.each([
    ['text that is no TOML', '[[runners]', 'Invalid TOML document'],
    [
      'a patch that is no JSON',
      { kubernetes: { pod_spec: [{ patch: 'hostPID: true' }] } },
      'a patch of pod_spec is not written as JSON',
    ],
  ])('rejects %s', (_, runner, message) => {
    expect(() => jobs(runner)).toThrow(UnreadableConfig);
    expect(() => jobs(runner)).toThrow(message);
  });
});
