import { describe, expect, test } from 'vitest';
import type { ContainerMode } from '../../../constructs/runner-pool/pool.ts';
import { Quantity } from '../../../values/quantity.ts';
import { type Json, named } from '../../support/synthesized.ts';
import { egressOf, githubPool, IMAGES, synthesizePool } from './pool-fixtures.ts';

const plain = synthesizePool(githubPool());

const inMode = (containerMode: ContainerMode) => synthesizePool(githubPool({ containerMode }));

function runnerOf({ values }: { readonly values: Json }): Json {
  const found = values.template.spec.containers.filter(({ name }: Json) => name === 'runner');
  expect(found).toHaveLength(1);
  return found[0];
}

const variablesOf = (container: Json) =>
  Object.fromEntries(container.env.map(({ name, value }: Json) => [name, value]));

describe('RunnerPool for GitHub', () => {
  test('gives the chart what was reviewed', async () => {
    const text = `${JSON.stringify(plain.values, null, 2)}\n`;
    await expect(text).toMatchFileSnapshot('__snapshots__/scale-set-values.json');
  });

  test('takes the GitHub App from a Secret that exists (W-A3, W-C19)', () => {
    expect(plain.values.githubConfigSecret).toBe('github-app-secret');
    expect(plain.secrets).toContain('github-app jobs/github-app-secret');
  });

  test('names the account of the controller, which a plan could not look for', () => {
    expect(plain.values.controllerServiceAccount).toEqual({
      namespace: 'arc-systems',
      name: 'arc-controller-gha-rs-controller',
    });
  });

  test('serves one label within its bounds', () => {
    const { values } = synthesizePool(
      githubPool({ runners: { min: 1, max: 7 }, runnerGroup: 'g' }),
    );
    expect(values).toMatchObject({
      runnerScaleSetName: 'example-builds',
      minRunners: 1,
      maxRunners: 7,
      runnerGroup: 'g',
    });
  });

  test('lets go of its scale set before its controller does, and waits for that', () => {
    const release = named(plain.json, 'helm_release', 'builds');
    expect(release.wait).toBe(true);
    const controllers = release.depends_on.filter((address: string) =>
      address.includes('controller'),
    );
    expect(controllers).toHaveLength(1);
    expect(controllers[0]).toMatch(/^helm_release\.controller_release/);
  });

  test('runs the runner by digest, with limits, and restarts nothing (W-C1, L5)', () => {
    expect(runnerOf(plain)).toMatchObject({
      image: String(IMAGES['github-runner']),
      command: ['/home/runner/run.sh'],
      resources: {
        requests: { cpu: '100m', memory: '256Mi', 'ephemeral-storage': '1Gi' },
        limits: { cpu: '2', memory: '2Gi', 'ephemeral-storage': '10Gi' },
      },
    });
  });

  test('attaches jobs to the caches of their type', () => {
    const { values } = synthesizePool(githubPool({ type: 'nix' }));
    const variables = variablesOf(runnerOf({ values }));
    expect(variables.ATTIC_SERVER).toBe('http://attic.nix-cache.svc.cluster.local');
    expect(variables.NIX_CONFIG.split('\n')).toHaveLength(6);
  });

  test('gives jobs an account without rights and without a token', () => {
    expect(plain.values.template.spec).toMatchObject({
      serviceAccountName: 'flywheel-jobs',
      automountServiceAccountToken: false,
      priorityClassName: 'runners-job',
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
    });
  });

  test('labels its pods, so that policies and the cleanup find them', () => {
    expect(plain.values.template.metadata.labels).toEqual({
      'flywheel/role': 'job',
      'flywheel/pool': 'builds',
    });
  });

  test('lets its listener pass the Pod Security Standard restricted, with limits of its own', () => {
    const { spec } = plain.values.listenerTemplate;
    expect(spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    const [listener] = spec.containers;
    expect(listener).toMatchObject({
      name: 'listener',
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      resources: { limits: { memory: '256Mi' } },
    });
  });

  test('says nothing of a mode to the chart where the runner runs jobs itself', () => {
    expect(plain.values.containerMode).toBeUndefined();
    expect(runnerOf(plain).volumeMounts).toBeUndefined();
  });

  test('asks for a device and for the nodes that have it', () => {
    const { values } = synthesizePool(
      githubPool({
        type: 'l40s',
        nodeSelector: { gpu: 'l40s' },
        tolerations: [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }],
      }),
    );
    expect(runnerOf({ values }).resources.limits['nvidia.com/gpu']).toBe('1');
    expect(values.template.spec).toMatchObject({
      nodeSelector: { 'kubernetes.io/os': 'linux', gpu: 'l40s' },
      tolerations: [
        { key: 'nvidia.com/gpu', operator: 'Equal', value: 'present', effect: 'NoSchedule' },
      ],
    });
  });

  test('pulls with the Secret of the registry (W-B15)', () => {
    const { values, secrets } = synthesizePool(githubPool(), {
      surroundings: { pullSecret: 'registry' },
      home: { pullSecret: 'registry' },
    });
    expect(values.template.spec.imagePullSecrets).toEqual([{ name: 'registry' }]);
    expect(secrets).toEqual(
      expect.arrayContaining([
        'registry-credentials jobs/registry',
        'registry-credentials arc-systems/registry',
      ]),
    );
  });

  test('lets jobs reach the internet and their caches, and not the API server', () => {
    expect(egressOf(plain.json, 'builds-jobs')).toEqual([
      'kube-system:53,53',
      '0.0.0.0/0:80,443',
      'nix-cache:9092',
    ]);
  });

  test('reaches a GitHub of its own port', () => {
    const { json } = synthesizePool(githubPool({ url: 'https://github.example.org:8443/team' }));
    expect(egressOf(json, 'builds-jobs')).toContain('0.0.0.0/0:80,443,8443');
  });

  test('says that jobs run in the image of the runner, and that no other can be named (W-B14)', () => {
    expect(plain.notes).toContain(
      'jobs run in the image of the runner, and nothing there starts containers: a workflow that names container, services or a container action fails',
    );
    expect(plain.notes.join(' ')).not.toContain('under container');
  });

  test('says that the image of the runner has no Nix', () => {
    const { notes } = synthesizePool(githubPool({ type: 'nix' }));
    expect(notes).toContain('that image has no Nix: a workflow installs it first');
    expect(plain.notes.join(' ')).not.toContain('Nix');
  });

  test('takes the ways of its jobs away after its scale set', () => {
    expect(named(plain.json, 'helm_release', 'builds').depends_on.join(' ')).toContain(
      'network_policy_v1.pool_job-flows',
    );
  });

  test('reaches a GitHub at a private address, which is named for it', () => {
    const { json } = synthesizePool(githubPool({ url: 'https://github.example.org:8443/team' }), {
      surroundings: { forgeRanges: ['192.168.7.9/32'] },
    });
    for (const policy of ['builds-jobs', 'controller', 'listeners']) {
      expect(egressOf(json, policy)).toContain('192.168.7.9/32:8443');
    }
  });
});

describe('the mode dind', () => {
  const dind = synthesizePool(
    githubPool({ type: 'dind', containerMode: 'dind', privilegedReason: 'images are built' }),
    { home: { trust: 'privileged-jobs' } },
  );
  const [copy, daemon] = dind.values.template.spec.initContainers;

  test('has a daemon of a pinned image beside the runner, which the mode of the chart has not (W-C1)', () => {
    expect(dind.values.containerMode).toBeUndefined();
    expect(daemon).toMatchObject({
      name: 'dind',
      image: String(IMAGES['docker-dind']),
      restartPolicy: 'Always',
      securityContext: { privileged: true },
      resources: { limits: { cpu: '4', memory: '8Gi' } },
    });
    expect(daemon.image).toMatch(/@sha256:/);
  });

  test('leads the runner to the socket of that daemon and nowhere else (W-B13)', () => {
    expect(variablesOf(runnerOf(dind))).toEqual({
      DOCKER_HOST: 'unix:///var/run/docker.sock',
      RUNNER_WAIT_FOR_DOCKER_IN_SECONDS: '120',
    });
    expect(daemon.args).toContain('--host=unix:///var/run/docker.sock');
  });

  test('shares socket, work and externals between the containers that need them', () => {
    const mounted = (container: Json) => container.volumeMounts.map(({ name }: Json) => name);
    expect(mounted(copy)).toEqual(['externals']);
    expect(mounted(daemon)).toEqual(['work', 'docker-socket', 'externals']);
    expect(mounted(runnerOf(dind))).toEqual(['work', 'docker-socket']);
    const volumes = dind.values.template.spec.volumes.map(({ name }: Json) => name);
    expect(volumes).toEqual(['work', 'docker-socket', 'externals']);
  });

  test('says that a job may name another image, which the daemon starts (W-B14)', () => {
    expect(dind.notes).toContain(
      `jobs run in the image of the runner; one that needs another, such as ${IMAGES['docker-cli']}, names it under container`,
    );
  });

  test('waits for the daemon as long as the runner does', () => {
    const { periodSeconds, failureThreshold } = daemon.startupProbe;
    expect(periodSeconds * failureThreshold).toBe(120);
  });
});

describe('the modes in which another pod runs the job', () => {
  const modes = ['kubernetes', 'kubernetes-novolume'] as const;

  test.each(modes)('%s reaches the chart (W-B14)', (mode) => {
    expect(inMode(mode).values.containerMode.type).toBe(mode);
  });

  test('kubernetes claims the volume that the settings describe', () => {
    const { values } = synthesizePool(
      githubPool({
        containerMode: 'kubernetes',
        workVolume: { size: Quantity.parse('storage', '40Gi'), storageClass: 'fast' },
      }),
    );
    expect(values.containerMode.kubernetesModeWorkVolumeClaim).toEqual({
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'fast',
      resources: { requests: { storage: '40Gi' } },
    });
    expect(values.template.spec.securityContext.fsGroup).toBe(1001);
  });

  test('kubernetes leaves the StorageClass to the cluster where none is named', () => {
    const { kubernetesModeWorkVolumeClaim: claim } = inMode('kubernetes').values.containerMode;
    expect(Object.keys(claim)).toEqual(['accessModes', 'resources']);
  });

  test.each(modes)(
    '%s leaves the account to the chart, which knows the rights it needs',
    (mode) => {
      expect(inMode(mode).values.template.spec.serviceAccountName).toBeUndefined();
    },
  );

  test.each(modes)('%s gives the pod of the job its limits, labels and account', (mode) => {
    const { json, values } = inMode(mode);
    expect(runnerOf({ values }).resources.limits.memory).toBe('1Gi');
    const variables = variablesOf(runnerOf({ values }));
    expect(variables.ACTIONS_RUNNER_CONTAINER_HOOK_TEMPLATE).toBe(
      '/home/runner/pod-template/pod.yaml',
    );
    const { data } = named(json, 'kubernetes_config_map_v1', 'builds-pod-template');
    const template = JSON.parse(data['pod.yaml']);
    expect(template.metadata.labels).toEqual({ 'flywheel/role': 'job', 'flywheel/pool': 'builds' });
    expect(template.spec).toMatchObject({
      serviceAccountName: 'flywheel-jobs',
      automountServiceAccountToken: false,
      priorityClassName: 'runners-job',
    });
    expect(template.spec.containers).toEqual([
      {
        name: '$job',
        env: [
          {
            name: 'BAZEL_REMOTE_CACHE',
            value: 'grpc://bazel-cache.nix-cache.svc.cluster.local:9092',
          },
        ],
        resources: {
          requests: { cpu: '100m', memory: '256Mi', 'ephemeral-storage': '1Gi' },
          limits: { cpu: '2', memory: '2Gi', 'ephemeral-storage': '10Gi' },
        },
      },
    ]);
  });

  test.each(modes)('%s reaches the API server, and warns of what that means', (mode) => {
    const { json, warnings } = inMode(mode);
    expect(egressOf(json, 'builds-jobs')).toContain('10.43.0.1/32:443,6443');
    expect(warnings).toEqual([
      'its runners make the pods of jobs, so a job can read every Secret of jobs, the GitHub App among them, which ARC looks for in the namespace of its runners: give it to trusted repositories only, and write that down as a waiver of privilege-reachability, which refuses it',
    ]);
  });

  test.each(modes)('%s asks for an image, and names that of the type (W-B14)', (mode) => {
    const { notes } = synthesizePool(githubPool({ type: 'rocky9', containerMode: mode }));
    expect(notes).toContain(
      `a job has to name an image under container; that of its type is ${IMAGES.rocky9}`,
    );
  });

  test('a device belongs to the job and not to the runner', () => {
    const { json, values } = synthesizePool(
      githubPool({ type: 'a100', containerMode: 'kubernetes-novolume' }),
    );
    expect(runnerOf({ values }).resources.limits['nvidia.com/gpu']).toBeUndefined();
    const { data } = named(json, 'kubernetes_config_map_v1', 'builds-pod-template');
    expect(data['pod.yaml']).toContain('"nvidia.com/gpu": "1"');
  });
});

describe('the operator lane for GitHub', () => {
  const lane = synthesizePool(
    githubPool({ name: 'lane', type: 'nix', lane: 'operator', runners: { min: 0, max: 1 } }),
    { home: { name: 'lane', trust: 'operator' } },
  );

  test('runs jobs under the account that applies the stacks, and keeps them (F3)', () => {
    expect(lane.values.template.spec).toMatchObject({
      serviceAccountName: 'flywheel-operator',
      automountServiceAccountToken: true,
      priorityClassName: 'runners-manager',
    });
  });

  test('tells what only GitHub can hold, and what happens without it (F2)', () => {
    expect(lane.notes).toEqual(
      expect.arrayContaining([
        'put it into a runner group that only protected workflows may use; the chart cannot',
        'applies the stacks; while it is down or being changed, the same recipes apply from a workstation',
      ]),
    );
  });
});
