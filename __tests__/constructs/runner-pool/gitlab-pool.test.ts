import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { escapeHelmTemplate } from '../../../constructs/runner-pool/gitlab-values.ts';
import { Duration } from '../../../values/duration.ts';
import { type Json, named, resourcesOf } from '../../support/synthesized.ts';
import { egressOf, gitlabPool, IMAGES, synthesizePool } from './pool-fixtures.ts';

const plain = synthesizePool(gitlabPool());

function kubernetesOf({ values }: { readonly values: Json }): Json {
  const { runners }: Json = parse(values.runners.config);
  return runners[0].kubernetes;
}

describe('RunnerPool for GitLab', () => {
  test('gives the chart what was reviewed', async () => {
    const text = `${JSON.stringify(plain.values, null, 2)}\n`;
    await expect(text).toMatchFileSnapshot('__snapshots__/gitlab-values.json');
  });

  test('takes its token from a Secret that exists, and holds none (W-A3, L3)', () => {
    expect(plain.values.runners.secret).toBe('builds-token');
    expect(plain.secrets).toContain('runner-token jobs/builds-token');
    expect(JSON.stringify(plain.values)).not.toMatch(/runnerToken|runnerRegistrationToken|glrt-/);
  });

  test('says nothing that a glrt- token forbids (W-B18)', () => {
    const { tags, locked, runUntagged, protected: only, maximumTimeout } = plain.values.runners;
    expect([tags, locked, runUntagged, only, maximumTimeout]).toEqual(Array(5).fill(undefined));
  });

  test('runs the manager by digest (W-C1)', () => {
    const { registry, image, tag } = plain.values.image;
    expect(`${registry}/${image}:${tag}`).toBe(String(IMAGES['gitlab-runner']));
    expect(tag).toMatch(/^alpine-v[\d.]+@sha256:[0-9a-f]{64}$/);
  });

  test('grants the manager single verbs on single resources of its own namespace', () => {
    const { create, rules, clusterWideAccess } = plain.values.rbac;
    expect({ create, clusterWideAccess }).toEqual({ create: true, clusterWideAccess: undefined });
    expect(rules).not.toHaveLength(0);
    for (const { apiGroups, resources, verbs } of rules) {
      expect([...apiGroups, ...resources, ...verbs]).not.toContain('*');
      expect(verbs.length * resources.length).toBeGreaterThan(0);
    }
    expect(plain.values.serviceAccount).toEqual({ create: true, name: 'builds' });
  });

  test('hardens the manager as far as the Pod Security Standard restricted goes', () => {
    expect(plain.values.podSecurityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: 100,
      runAsGroup: 65_533,
      fsGroup: 65_533,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(plain.values.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  test('bounds the manager in memory, so that it never takes the host down (L5)', () => {
    expect(plain.values.resources).toEqual({
      requests: { cpu: '50m', memory: '128Mi', 'ephemeral-storage': '64Mi' },
      limits: { cpu: '500m', memory: '256Mi', 'ephemeral-storage': '256Mi' },
    });
  });

  test('replaces a manager only when another is ready, and lets it finish the jobs it has (F3)', () => {
    const { values } = synthesizePool(gitlabPool({ timeout: Duration.parse('go', '2h') }));
    expect(values).toMatchObject({
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      terminationGracePeriodSeconds: 7800,
      shutdown_timeout: 60,
      unregisterRunners: false,
    });
    const [shell, flag, script] = values.deploymentLifecycle.preStop.exec.command;
    expect([shell, flag]).toEqual(['/bin/sh', '-c']);
    expect(script).toBe('kill -QUIT 1 && while true; do sleep 1; done');
  });

  test('takes a manager for ready only when it has been registered for two minutes (F3, F5)', () => {
    const { periodSeconds, successThreshold } = plain.values.readinessProbe;
    // Shorter than the pause between two attempts to register, and longer than any attempt.
    expect(periodSeconds).toBeLessThan(5);
    expect(periodSeconds * successThreshold).toBe(120);
  });

  test('survives ten minutes without GitLab', () => {
    expect(plain.values.livenessProbe).toEqual({ failureThreshold: 10 });
  });

  test('keeps a fixed number of managers: their CPU says nothing about the queue (W-B24)', () => {
    const { json, values } = synthesizePool(gitlabPool({ managers: 3, concurrent: 7 }));
    expect(values).toMatchObject({ replicas: 3, concurrent: 7 });
    expect(values.hpa).toBeUndefined();
    expect(resourcesOf(json, 'kubernetes_horizontal_pod_autoscaler_v2')).toEqual([]);
  });

  test('spreads several managers and lets a drain take one at a time (W-B29)', () => {
    const { json, values, components } = synthesizePool(gitlabPool({ managers: 2 }));
    expect(values.topologySpreadConstraints[0].labelSelector.matchLabels).toEqual({
      app: 'builds',
      release: 'builds',
    });
    const budget = named(json, 'kubernetes_pod_disruption_budget_v1', 'builds').spec;
    expect(budget.max_unavailable).toBe('1');
    expect(components.at(-1)).toMatchObject({ replicas: '2', highlyAvailable: false });
  });

  test('has no budget for one manager, because it could only block the drain (W-B29)', () => {
    expect(resourcesOf(plain.json, 'kubernetes_pod_disruption_budget_v1')).toEqual([]);
    expect(plain.components.at(-1)).toMatchObject({ replicas: '1', highlyAvailable: false });
  });

  test('lets managers reach the API server and GitLab, and jobs the internet and their caches', () => {
    expect(egressOf(plain.json, 'builds-managers')).toEqual([
      'kube-system:53,53',
      '10.43.0.1/32:443,6443',
      '0.0.0.0/0:443',
    ]);
    expect(egressOf(plain.json, 'builds-jobs')).toEqual([
      'kube-system:53,53',
      '0.0.0.0/0:80,443',
      'nix-cache:8080',
      'nix-cache:9092',
    ]);
  });

  test('lets nobody call a job or a manager, and Prometheus only where it scrapes', () => {
    const ingress = (json: Json, name: string) =>
      named(json, 'kubernetes_network_policy_v1', name).spec.ingress;
    expect(ingress(plain.json, 'builds-jobs')).toEqual([]);
    expect(ingress(plain.json, 'builds-managers')).toEqual([]);
    const { json, values } = synthesizePool(gitlabPool(), {
      surroundings: { metricsFrom: 'monitoring' },
    });
    expect(values.metrics).toEqual({ enabled: true, port: 9252, portName: 'metrics' });
    expect(ingress(json, 'builds-managers')[0].ports).toEqual([{ port: '9252', protocol: 'TCP' }]);
  });

  test('gives jobs an account without rights and without a token', () => {
    expect(kubernetesOf(plain)).toMatchObject({
      namespace: 'jobs',
      service_account: 'flywheel-jobs',
      automount_service_account_token: false,
      privileged: false,
      priority_class_name: 'runners-job',
    });
    const account = named(plain.json, 'kubernetes_service_account_v1', 'flywheel-jobs');
    expect(account.automount_service_account_token).toBe(false);
  });

  test('runs a job that names no image in that of its type (W-B14)', () => {
    expect(kubernetesOf(plain).image).toBe(String(IMAGES.nix));
    const rocky = synthesizePool(gitlabPool({ type: 'rocky9' }));
    expect(kubernetesOf(rocky).image).toBe(String(IMAGES.rocky9));
  });

  test('pulls managers and jobs with the Secret of the registry (W-B15)', () => {
    const { values } = synthesizePool(gitlabPool(), { surroundings: { pullSecret: 'registry' } });
    expect(values.imagePullSecrets).toEqual([{ name: 'registry' }]);
    expect(kubernetesOf({ values }).image_pull_secrets).toEqual(['registry']);
  });

  test('says which tags to set in GitLab: those of the type, then its own, each once', () => {
    const { notes } = synthesizePool(gitlabPool({ tags: ['nix', 'arm'] }));
    expect(notes).toEqual(
      expect.arrayContaining([
        'in GitLab, bind its runner to the tags nix, flakes, arm, to no untagged jobs: with a token made there the chart cannot',
        '4 jobs at a time; a manager that is replaced goes on with its own for up to 1.2 h',
        'before this pool is removed or renamed, pause its runner in GitLab and let its jobs end: what goes with the pool are the rights and ways of its managers, which cuts running jobs off',
      ]),
    );
  });

  test('waits for its namespace, its account and its priorities, and makes none of them itself', () => {
    const release = named(plain.json, 'helm_release', 'builds');
    expect(release.create_namespace).toBe(false);
    expect(release.wait).toBe(false);
    expect(release.depends_on.join(' ')).toMatch(
      /helm_release\.home-of-jobs.*service_account_v1.*priority_class_v1/,
    );
  });

  test('takes the ways of managers and jobs away after the managers, and not with them', () => {
    expect(named(plain.json, 'helm_release', 'builds').depends_on.join(' ')).toMatch(
      /network_policy_v1\.pool_manager-flows.*network_policy_v1\.pool_job-flows/,
    );
  });

  test('reaches a GitLab at a private address, which is named for it', () => {
    const { json } = synthesizePool(gitlabPool(), {
      surroundings: { forgeRanges: ['192.168.7.9/32'] },
    });
    for (const policy of ['builds-managers', 'builds-jobs']) {
      expect(egressOf(json, policy)).toContain('192.168.7.9/32:443');
    }
  });

  test('escapes what Helm would take for a template', () => {
    expect(escapeHelmTemplate('echo {{ .Values.x }} }}')).toBe('echo {{ "{{" }} .Values.x }} }}');
  });
});

describe('RunnerPool of the type dind for GitLab', () => {
  const dind = synthesizePool(
    gitlabPool({ type: 'dind', privilegedReason: 'images are built by a daemon' }),
    { home: { trust: 'privileged-jobs' } },
  );

  test('is privileged in a namespace that allows it, and says so (W-A16)', () => {
    expect(kubernetesOf(dind)).toMatchObject({ privileged: true, namespace: 'jobs' });
    expect(dind.weakenings).toEqual(['Pod Security Standard privileged', 'privileged containers']);
  });

  test('reaches the daemon of the job by its alias with TLS on both sides', () => {
    const { runners }: Json = parse(dind.values.runners.config);
    expect(runners[0].environment).toEqual([
      'DOCKER_HOST=tcp://docker:2376',
      'DOCKER_TLS_CERTDIR=/certs',
      'DOCKER_TLS_VERIFY=1',
      'DOCKER_CERT_PATH=/certs/client',
    ]);
    expect(kubernetesOf(dind).volumes.empty_dir).toEqual([
      { name: 'docker-certificates', mount_path: '/certs/client', medium: 'Memory' },
    ]);
    expect(kubernetesOf(dind).services).toBeUndefined();
  });

  test('gives the daemon what builds need', () => {
    expect(kubernetesOf(dind)).toMatchObject({
      service_cpu_limit: '4',
      service_memory_limit: '8Gi',
    });
  });
});

describe('the operator lane for GitLab', () => {
  const lane = synthesizePool(
    gitlabPool({ name: 'lane', lane: 'operator', protected: true, concurrent: 1 }),
    { home: { name: 'lane', trust: 'operator' } },
  );

  test('runs jobs under the account that applies the stacks, with its token', () => {
    expect(kubernetesOf(lane)).toMatchObject({
      service_account: 'flywheel-operator',
      automount_service_account_token: true,
      privileged: false,
    });
  });

  test('serves its own tags and none of its type, which any job may ask for', () => {
    const { notes } = synthesizePool(
      gitlabPool({ name: 'lane', lane: 'operator', protected: true, tags: ['apply', 'apply'] }),
      { home: { name: 'lane', trust: 'operator' } },
    );
    expect(notes[0]).toContain('bind its runner to the tags apply, to no untagged jobs');
  });

  test('reads no result from a cache that any job may write to', () => {
    const { runners }: Json = parse(lane.values.runners.config);
    expect(runners[0].environment.join(' ')).not.toContain('BAZEL_REMOTE_CACHE');
    expect(egressOf(lane.json, 'lane-jobs')).not.toContain('nix-cache:9092');
    const note =
      'its jobs use no Bazel cache, since every job may write to it; set bazelCache.authenticatedWrites to give it to them';
    expect(lane.notes).toContain(note);
    expect(plain.notes).not.toContain(note);
  });

  test('keeps its jobs as long as managers are kept (F3)', () => {
    expect(kubernetesOf(lane).priority_class_name).toBe('runners-manager');
  });

  test('reaches the API server and the store of the state', () => {
    expect(egressOf(lane.json, 'lane-jobs')).toEqual(
      expect.arrayContaining(['nix-cache:9000', '10.43.0.1/32:443,6443']),
    );
  });

  test('tells what only GitLab can hold, and what happens without it (F2, F5)', () => {
    expect(lane.notes).toEqual(
      expect.arrayContaining([
        'in GitLab, bind its runner to the tags lane, to no untagged jobs, and to protected branches: with a token made there the chart cannot',
        '1 job at a time; a manager that is replaced goes on with its own for up to 1.2 h',
        'applies the stacks; while it is down or being changed, the same recipes apply from a workstation',
      ]),
    );
  });
});
