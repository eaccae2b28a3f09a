import type { ReleaseConfig } from '@cdktf/provider-helm/lib/release/index.js';
import type { NetworkPolicyV1Config } from '@cdktf/provider-kubernetes/lib/network-policy-v1/index.js';
import type { Construct } from 'constructs';
import { gitlabTags } from '../../config/runner-tags.ts';
import { runnerType } from '../../config/runner-types.ts';
import { SecretRef } from '../../values/secret-ref.ts';
import { Resource } from '../binding.ts';
import { stateFact } from '../facts.ts';
import { ChartRelease } from '../helm.ts';
import { POD_DISRUPTION_BUDGET } from '../kubernetes.ts';
import type { MonitorSelector } from '../monitoring/monitors.ts';
import { apiServerFlow, namespaceFlow } from '../workload/flows.ts';
import { type Forge, forgeFlows } from '../workload/forge-flows.ts';
import { type RunnerConfig, renderConfigToml } from './config-toml.ts';
import { drainSec, gitlabValues, MANAGER_METRICS_PORT } from './gitlab-values.ts';
import { jobEnvironment } from './job-environment.ts';
import { jobLabels } from './job-labels.ts';
import { definePodFlows } from './pod-flows.ts';
import { JOB_HELPER } from './pod-sizes.ts';
import { type GitlabPool, mostJobs, OPERATOR_FALLBACK } from './pool.ts';
import type { PoolSurroundings } from './pool-surroundings.ts';
import type { RunnerNamespace } from './runner-namespace.ts';

const CERTIFICATES = '/certs';
const CLIENT_CERTIFICATES = `${CERTIFICATES}/client`;

/**
 * How a job reaches the Docker daemon that it brings as a service under the alias `docker`: with TLS on both sides, by
 * certificates that the daemon makes. Only the client's half lies in the volume, in memory, that both see.
 */
const DOCKER_SERVICE = {
  environment: {
    DOCKER_HOST: 'tcp://docker:2376',
    DOCKER_TLS_CERTDIR: CERTIFICATES,
    DOCKER_TLS_VERIFY: '1',
    DOCKER_CERT_PATH: CLIENT_CERTIFICATES,
  },
  memoryVolumes: { 'docker-certificates': CLIENT_CERTIFICATES },
};

/** The managers of several pools, for a monitor. */
export function managersOf(pools: readonly Pick<GitlabPool, 'name'>[]): MonitorSelector {
  return {
    matchExpressions: [{ key: 'app', operator: 'In', values: pools.map(({ name }) => name) }],
  };
}

/**
 * The release of a GitLab pool, with the flows and the budget of its managers.
 *
 * @param jobFlows the policy of its jobs, which goes after the release: jobs may still run while it goes
 */
export function defineGitlabRelease(
  scope: Construct,
  pool: GitlabPool,
  home: RunnerNamespace,
  surroundings: PoolSurroundings,
  forge: Forge,
  jobFlows: Resource<NetworkPolicyV1Config>,
): Resource<ReleaseConfig> {
  const { charts, mirror, images, priorities, pullSecret, metricsFrom } = surroundings;
  const { namespace } = home;
  const token = SecretRef.of('runner-token', namespace.name, pool.tokenSecret);
  const selector = managerSelector(pool);
  const managerFlows = defineManagerFlows(scope, pool, home, surroundings, forge);
  const { release } = new ChartRelease(scope, 'release', {
    chart: charts['gitlab-runner'],
    mirror,
    releaseName: pool.name,
    namespace: namespace.name,
    values: gitlabValues({
      name: pool.name,
      url: forge.url,
      image: images['gitlab-runner'],
      config: renderConfigToml(runnerConfig(pool, home, surroundings)),
      tokenSecret: token.name,
      managers: pool.managers,
      concurrent: pool.concurrent,
      timeoutSec: pool.timeout.seconds,
      priorityClass: priorities.manager,
      metrics: metricsFrom !== undefined,
      pullSecret,
      selector,
    }),
    dependsOn: [...home.resources, ...priorities.resources, managerFlows, jobFlows],
  });
  // One manager cannot be drained without a gap, and a budget could only block the drain.
  if (pool.managers > 1) {
    new Resource(scope, 'disruption-budget', POD_DISRUPTION_BUDGET, {
      metadata: { name: pool.name, namespace: namespace.name },
      spec: { maxUnavailable: '1', selector: { matchLabels: selector } },
      dependsOn: [namespace.release],
    });
  }
  stateFact(scope, 'secret', token);
  stateFact(scope, 'component', {
    component: `GitLab pool ${pool.name}`,
    namespace: namespace.name,
    replicas: String(pool.managers),
    failureDomain:
      pool.managers > 1
        ? 'the nodes of its managers; a lost manager loses its jobs'
        : 'node (moves to another, without the jobs it had)',
    backup: 'keeps no data',
    // Managers keep apart where they can, and nothing forces them to.
    highlyAvailable: false,
  });
  return release;
}

/** The labels that the chart gives to the managers of a pool. */
function managerSelector({ name }: GitlabPool): Record<string, string> {
  return { app: name, release: name };
}

function defineManagerFlows(
  scope: Construct,
  pool: GitlabPool,
  { namespace }: RunnerNamespace,
  { network, metricsFrom }: PoolSurroundings,
  forge: Forge,
): Resource<NetworkPolicyV1Config> {
  return definePodFlows(scope, 'manager-flows', {
    namespace,
    name: `${pool.name}-managers`,
    selector: managerSelector(pool),
    network,
    from: metricsFrom === undefined ? [] : [namespaceFlow(metricsFrom, MANAGER_METRICS_PORT)],
    to: [apiServerFlow(network), ...forgeFlows(network, forge)],
  });
}

function runnerConfig(
  pool: GitlabPool,
  { namespace, jobAccount }: RunnerNamespace,
  { images, caches, priorities, pullSecret }: PoolSurroundings,
): RunnerConfig {
  const type = runnerType(pool.type);
  const docker = pool.type === 'dind' ? DOCKER_SERVICE : { environment: {}, memoryVolumes: {} };
  return {
    name: pool.name,
    namespace: namespace.name,
    concurrent: pool.concurrent,
    image: images[type.image],
    helperImage: images['gitlab-runner-helper'],
    privileged: type.privilegedBecause !== undefined,
    serviceAccount: jobAccount.name,
    token: jobAccount.token,
    // An apply must not be cut short for another job.
    priorityClass: pool.lane === 'operator' ? priorities.manager : priorities.job,
    labels: jobLabels(pool.name),
    environment: { ...jobEnvironment(pool, caches), ...docker.environment },
    job: pool.job,
    helper: JOB_HELPER,
    service: type.service,
    placement: pool,
    memoryVolumes: docker.memoryVolumes,
    device: type.device,
    pullSecret,
  };
}

/** What a person should know of the pool. */
export function gitlabNotes(pool: GitlabPool): string[] {
  const tags = gitlabTags(pool.name, pool).join(', ');
  const only = pool.protected ? ', and to protected branches' : '';
  const jobs = mostJobs(pool);
  const hours = (drainSec(pool.timeout.seconds) / 3600).toFixed(1);
  return [
    `in GitLab, bind its runner to the tags ${tags}, to no untagged jobs${only}: with a token made there the chart cannot`,
    'before this pool is removed or renamed, pause its runner in GitLab and let its jobs end: what goes with the pool are the rights and ways of its managers, which cuts running jobs off',
    `${jobs} ${jobs === 1 ? 'job' : 'jobs'} at a time; a manager that is replaced goes on with its own for up to ${hours} h`,
    ...(pool.type === 'dind'
      ? ['a job brings the daemon as service docker:dind by digest, under the alias docker']
      : []),
    ...(pool.lane === 'operator' ? [OPERATOR_FALLBACK] : []),
  ];
}
