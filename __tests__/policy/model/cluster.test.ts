import { describe, expect, test } from 'vitest';
import { readCluster } from '../../../policy/model/cluster.ts';
import type { Pod } from '../../../policy/model/pod.ts';
import { committedSummaries } from '../committed-summaries.ts';
import { IMAGE, type Json, RESOURCES } from '../good/parts.ts';
import { type Draft, goodCluster } from '../good-cluster.ts';

function read(change: (draft: Draft) => void = () => {}) {
  const draft = goodCluster();
  change(draft);
  return readCluster(draft.finished(), committedSummaries);
}

function pods(change?: (draft: Draft) => void): Pod[] {
  return [...read(change).pods];
}

describe('the cluster that the stacks make', () => {
  test('holds the pods of every source, with how many there can be', () => {
    const told = pods().map(({ owner, namespace, purpose, count, origin }) => [
      `${namespace}: ${owner}`,
      purpose,
      origin,
      `${count.min}-${count.max}`,
    ]);
    expect(told).toEqual([
      ['apps: CronJob nightly', 'task', 'resource', '0-1'],
      ['apps: Deployment api', 'service', 'resource', '2-2'],
      ['apps: Deployment store', 'service', 'resource', '1-1'],
      ['jobs: Deployment docker', 'service', 'chart', '1-1'],
      ['lane: Deployment lane', 'service', 'chart', '1-1'],
      ['controllers: Deployment controller-gha-rs-controller', 'service', 'chart', '1-1'],
      ['apps: instances of db', 'service', 'manifest', '1-1'],
      ['runners: runners of set', 'job', 'chart', '0-3'],
      ['controllers: listener of set', 'service', 'chart', '1-1'],
      ['jobs: jobs of docker', 'job', 'chart', '0-4'],
      ['lane: jobs of lane', 'job', 'chart', '0-4'],
    ]);
  });

  test('knows every namespace with its trust level and what it enforces', () => {
    const told = [...read().namespaces.values()].map(({ name, trust, podSecurity }) => [
      name,
      trust,
      podSecurity,
    ]);
    expect(told).toEqual([
      ['apps', 'services', 'restricted'],
      ['jobs', 'jobs', 'baseline'],
      ['lane', 'operator', 'baseline'],
      ['controllers', 'controllers', 'restricted'],
      ['runners', 'jobs', 'baseline'],
    ]);
  });

  test('takes a namespace that says nothing for one that enforces nothing', () => {
    const { namespaces } = read((draft) => {
      delete draft.objects('apps-namespace')[0].metadata.labels;
    });
    expect(namespaces.get('apps')).toMatchObject({ trust: undefined, podSecurity: 'privileged' });
  });

  test('makes a listener from the template of its scale set and the image of its controller', () => {
    const listener = pods().find(({ owner }) => owner === 'listener of set');
    expect(listener?.labels).toMatchObject({
      'app.kubernetes.io/component': 'runner-scale-set-listener',
      'actions.github.com/scale-set-name': 'set',
    });
    expect(listener?.containers).toMatchObject([
      {
        name: 'listener',
        image: expect.stringMatching(/^registry\.example\/controller:1\.0\.0@/),
        limits: RESOURCES.limits,
      },
    ]);
  });

  test('makes the backup sidecar of a database beside its instances', () => {
    const database = pods().find(({ owner }) => owner === 'instances of db');
    expect(database?.containers.map(({ name, role, limits }) => [name, role, limits])).toEqual([
      ['bootstrap-controller', 'init', RESOURCES.limits],
      ['plugin-barman-cloud', 'sidecar', RESOURCES.limits],
      ['postgres', 'main', RESOURCES.limits],
    ]);
  });

  test('finds the archive of a chart in a folder of the stack by its file', () => {
    const { releases, gaps } = read((draft) => {
      draft.stack('gitlab').resource.helm_release.docker.chart =
        './assets/docker_chart_0123/ABCD/gitlab-runner-0.86.0.tgz';
    });
    expect(gaps).toEqual([]);
    expect(releases.map(({ release }) => release.chart)).toContain('gitlab-runner');
  });

  test('follows an autoscaler at both of its ends', () => {
    const api = pods((draft) => {
      draft.stack('services').resource.kubernetes_horizontal_pod_autoscaler_v2 = {
        api: {
          metadata: { name: 'api', namespace: 'apps' },
          spec: {
            min_replicas: 3,
            max_replicas: 9,
            scale_target_ref: { kind: 'Deployment', name: 'api' },
          },
        },
      };
    }).find(({ owner }) => owner === 'Deployment api');
    expect(api?.count).toEqual({ min: 3, max: 9 });
  });

  test('lets an account say that its token is not mounted, and a pod overrule it', () => {
    const { access, pods: all } = read((draft) => {
      const { kubernetes_deployment_v1: deployments } = draft.stack('services').resource;
      delete deployments.api.spec.template.spec.automount_service_account_token;
    });
    const [api, store] = ['Deployment api', 'Deployment store'].map((owner) =>
      all.find((pod) => pod.owner === owner),
    );
    expect([api, store].map((pod) => pod && access.mountsToken(pod))).toEqual([false, false]);
  });
});

describe('runners that make the pods of their jobs', () => {
  const kubernetesMode = (draft: Draft, template: Json) => {
    const values = draft.values('scale-set');
    values.containerMode = { type: 'kubernetes-novolume' };
    const [runner] = values.template.spec.containers;
    runner.env = [{ name: 'ACTIONS_RUNNER_CONTAINER_HOOK_TEMPLATE', value: '/template/pod.yaml' }];
    runner.volumeMounts = [{ name: 'template', mountPath: '/template' }];
    values.template.spec.volumes = [{ name: 'template', configMap: { name: 'hook' } }];
    draft.stack('github').resource.kubernetes_config_map_v1 = {
      hook: { metadata: { name: 'hook', namespace: 'runners' }, data: { 'pod.yaml': template } },
    };
  };

  test('make them after the template of their hook', () => {
    const template = {
      metadata: { labels: { 'flywheel/role': 'job' } },
      spec: {
        serviceAccountName: 'set-job',
        containers: [{ name: '$job', image: IMAGE, resources: RESOURCES }],
      },
    };
    const job = pods((draft) => kubernetesMode(draft, JSON.stringify(template))).find(
      ({ owner }) => owner === 'job containers of set',
    );
    expect(job).toMatchObject({
      account: 'set-job',
      purpose: 'job',
      count: { min: 0, max: 3 },
      labels: { 'flywheel/role': 'job' },
      containers: [{ name: '$job', limits: RESOURCES.limits }],
    });
  });

  test('make them without limits, labels and account of their own where the template cannot be read', () => {
    const job = pods((draft) => kubernetesMode(draft, 'spec: {}')).find(
      ({ owner }) => owner === 'job containers of set',
    );
    expect(job).toMatchObject({ account: 'default', containers: [{ name: '$job', limits: {} }] });
    expect(job?.labels).toEqual({ 'runner-pod': 'set-runner' });
  });
});
