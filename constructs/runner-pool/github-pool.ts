import type { ReleaseConfig } from '@cdktf/provider-helm/lib/release/index.js';
import type { Construct } from 'constructs';
import { runnerType } from '../../config/runner-types.ts';
import { SecretRef } from '../../values/secret-ref.ts';
import type { Resource } from '../binding.ts';
import { ConfigFiles } from '../config-files.ts';
import { stateFact } from '../facts.ts';
import { ChartRelease } from '../helm.ts';
import type { GithubController } from './github-controller.ts';
import { hookTemplateFiles, type RunnerPod, runnerPodTemplate } from './github-runner-pod.ts';
import { scaleSetValues } from './github-values.ts';
import { jobEnvironment } from './job-environment.ts';
import { jobLabels } from './job-labels.ts';
import { DIRECTING_RUNNER } from './pod-sizes.ts';
import { directsPods, type GithubPool, OPERATOR_FALLBACK } from './pool.ts';
import type { PoolSurroundings } from './pool-surroundings.ts';
import type { RunnerNamespace } from './runner-namespace.ts';

/** The release of a GitHub pool. */
export function defineGithubRelease(
  scope: Construct,
  pool: GithubPool,
  home: RunnerNamespace,
  surroundings: PoolSurroundings,
  controller: GithubController,
): Resource<ReleaseConfig> {
  const { charts, mirror, priorities } = surroundings;
  const { namespace } = home;
  const app = SecretRef.of('github-app', namespace.name, pool.appSecret);
  const pod = runnerPod(pool, home, surroundings);
  const hook = directsPods(pool) ? defineHookTemplate(scope, pool, home, pod) : undefined;
  const { release } = new ChartRelease(scope, 'release', {
    chart: charts['github-scale-set'],
    mirror,
    releaseName: pool.name,
    namespace: namespace.name,
    values: scaleSetValues({
      pool,
      controller: { namespace: controller.namespace.name, account: controller.account },
      listenerPriorityClass: priorities.manager,
      template: runnerPodTemplate({ ...pod, hookTemplate: hook?.name }),
    }),
    // So that destroy waits until the controller has let go of the scale set, and only then removes the controller.
    wait: true,
    dependsOn: [
      ...home.resources,
      ...priorities.resources,
      controller.release,
      ...(hook === undefined ? [] : [hook.configMap]),
    ],
  });
  stateFact(scope, 'secret', app);
  if (directsPods(pool)) {
    stateFact(scope, 'warning', {
      subject: `pool ${pool.name}`,
      note: `its runners make the pods of jobs, so a job can read every Secret of ${namespace.name}, the GitHub App among them: give it to trusted repositories only`,
    });
  }
  stateFact(scope, 'component', {
    component: `GitHub pool ${pool.name}`,
    namespace: namespace.name,
    replicas: `${pool.runners.min} to ${pool.runners.max}`,
    failureDomain: 'the one controller (running jobs go on, new ones wait)',
    backup: 'keeps no data',
    highlyAvailable: false,
  });
  return release;
}

function defineHookTemplate(
  scope: Construct,
  pool: GithubPool,
  { namespace, jobAccount }: RunnerNamespace,
  pod: RunnerPod,
): ConfigFiles {
  return new ConfigFiles(scope, 'hook-template', {
    namespace,
    name: `${pool.name}-pod-template`,
    files: hookTemplateFiles(pod, {
      resources: pool.job,
      device: runnerType(pool.type).device,
      account: jobAccount.name,
    }),
  });
}

function runnerPod(
  pool: GithubPool,
  { jobAccount }: RunnerNamespace,
  { images, caches, priorities, pullSecret }: PoolSurroundings,
): RunnerPod {
  const type = runnerType(pool.type);
  const directs = directsPods(pool);
  return {
    containerMode: pool.containerMode,
    runnerImage: images['github-runner'],
    resources: directs ? DIRECTING_RUNNER : pool.job,
    daemon:
      pool.containerMode === 'dind'
        ? { image: images['docker-dind'], resources: type.service }
        : undefined,
    device: directs ? undefined : type.device,
    environment: jobEnvironment(type, caches),
    labels: jobLabels(pool.name),
    account: directs ? undefined : jobAccount,
    // An apply must not be cut short for another job.
    priorityClass: pool.lane === 'operator' ? priorities.manager : priorities.job,
    pullSecret,
    placement: pool,
    hookTemplate: undefined,
  };
}

/** What a person should know of the pool. */
export function githubNotes(pool: GithubPool): string[] {
  const type = runnerType(pool.type);
  const { image } = type;
  return [
    `a workflow names it by runs-on: ${pool.label}`,
    ...(directsPods(pool)
      ? ['a job has to name an image under container']
      : [
          `jobs run in the image of the runner; one that needs the image ${image} names it under container`,
        ]),
    ...(pool.lane === 'operator'
      ? [
          'put it into a runner group that only protected workflows may use; the chart cannot',
          OPERATOR_FALLBACK,
        ]
      : []),
  ];
}
