import type { Construct } from 'constructs';
import { namespaceOfPool, runnerNamespaces } from '../config/runner-namespaces.ts';
import type { MonitorTarget } from '../constructs/monitoring/monitors.ts';
import type { Pool } from '../constructs/runner-pool/pool.ts';
import type { PoolSurroundings } from '../constructs/runner-pool/pool-surroundings.ts';
import { RunnerNamespace } from '../constructs/runner-pool/runner-namespace.ts';
import { RunnerPriorities } from '../constructs/runner-pool/runner-priorities.ts';
import { ownValue } from '../values/own-value.ts';
import { jobCaches } from './runner-caches.ts';
import { runnerFlows } from './runner-flows.ts';
import { chartMirror, clusterNetwork, type StackContext } from './stack-context.ts';

type Forge = Pool['forge'];

/** Which stack a forge's pools belong to, and the namespace that is always there. */
const FORGES = {
  gitlab: { partOf: 'gitlab-runners', common: 'gitlabRunners' },
  github: { partOf: 'arc-runners', common: 'arcRunners' },
} as const;

/** The label of everything that belongs to the pools of a forge. */
export function partOf(forge: Forge): string {
  return FORGES[forge].partOf;
}

/** What the pools of a forge find around them; the priority classes are made here. */
export function poolSurroundings(
  scope: Construct,
  context: StackContext,
  forge: Forge,
): PoolSurroundings {
  const { settings, images, charts } = context;
  const { monitoring, namespaces } = settings;
  return {
    network: clusterNetwork(context),
    priorities: new RunnerPriorities(scope, 'priorities', namespaces[FORGES[forge].common]),
    caches: jobCaches(context),
    flows: runnerFlows(context),
    forgeRanges: settings.runners[forge].cidrs,
    images,
    charts,
    mirror: chartMirror(context),
    pullSecret: settings.images.pullSecret,
    metricsFrom: monitoring.enabled ? monitoring.namespace : undefined,
  };
}

/** A namespace with the pools that live in it. */
export interface RunnerHome<P extends Pool> {
  readonly home: RunnerNamespace;
  readonly pools: readonly P[];
}

/** The alerts that every namespace of jobs has. */
export function namespaceTargets(homes: readonly RunnerHome<Pool>[]): MonitorTarget[] {
  return homes.map(({ home: { namespace } }) => ({
    kind: 'runner-namespace',
    namespace,
    name: namespace.name,
  }));
}

/** A namespace for each trust level among the pools; the common one comes first. */
export function defineRunnerNamespaces<P extends Pool>(
  scope: Construct,
  context: StackContext,
  forge: Forge,
  pools: readonly P[],
): RunnerHome<P>[] {
  const { settings, images } = context;
  const { namespaces, protection, runners } = settings;
  return runnerNamespaces(settings, forge).map(({ name, trust }) => {
    const living = pools.filter(
      (pool) => namespaceOfPool(settings, forge, pool.name, pool).name === name,
    );
    const home = new RunnerNamespace(scope, `namespace-${name}`, {
      name,
      trust,
      partOf: partOf(forge),
      keep: protection.data,
      pools: living,
      quota: ownValue(runners.quotas, name),
      network: clusterNetwork(context),
      cleanup: { image: images.node, ages: runners.cleanup },
      viewer: { account: namespaces.dashboard, namespace: namespaces.dashboard },
      pullSecret: settings.images.pullSecret,
    });
    return { home, pools: living };
  });
}
