import type { ReleaseConfig } from '@cdktf/provider-helm/lib/release/index.js';
import type { NetworkPolicyV1Config } from '@cdktf/provider-kubernetes/lib/network-policy-v1/index.js';
import type { Construct } from 'constructs';
import type { Images } from '../../config/images.ts';
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

/**
 * The release of a GitHub pool.
 *
 * @param jobFlows the policy of its jobs, which goes after the release: jobs may still run while it goes
 */
export function defineGithubRelease(
  scope: Construct,
  pool: GithubPool,
  home: RunnerNamespace,
  surroundings: PoolSurroundings,
  controller: GithubController,
  jobFlows: Resource<NetworkPolicyV1Config>,
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
      jobFlows,
      ...(hook === undefined ? [] : [hook.configMap]),
    ],
  });
  stateFact(scope, 'secret', app);
  if (directsPods(pool)) {
    stateFact(scope, 'warning', {
      subject: `pool ${pool.name}`,
      note: `its runners make the pods of jobs, so a job can read every Secret of ${namespace.name}, the GitHub App among them, which ARC looks for in the namespace of its runners: give it to trusted repositories only, and write that down as a waiver of privilege-reachability, which refuses it`,
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
    environment: jobEnvironment(pool, caches),
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
export function githubNotes(pool: GithubPool, images: Images): string[] {
  return [
    `a workflow names it by runs-on: ${pool.label}`,
    whereJobsRun(pool, images),
    ...(pool.type === 'nix' && pool.containerMode === 'none'
      ? ['that image has no Nix: a workflow installs it first']
      : []),
    ...(pool.lane === 'operator'
      ? [
          'put it into a runner group that only protected workflows may use; the chart cannot',
          OPERATOR_FALLBACK,
        ]
      : []),
  ];
}

/**
 * In which image a job runs.
 *
 * The image of a type cannot stand in for that of the runner: a scale set starts `/home/runner/run.sh` in it, which only
 * an image made for that has.
 */
function whereJobsRun({ type, containerMode }: GithubPool, images: Images): string {
  const image = images[runnerType(type).image];
  switch (containerMode) {
    case 'none':
      return 'jobs run in the image of the runner, and nothing there starts containers: a workflow that names container, services or a container action fails';
    case 'dind':
      return `jobs run in the image of the runner; one that needs another, such as ${image}, names it under container`;
    default:
      return `a job has to name an image under container; that of its type is ${image}`;
  }
}
