import type { Construct } from 'constructs';
import type { MonitorTarget } from '../constructs/monitoring/monitors.ts';
import {
  CONTROLLER_SELECTOR,
  GithubController,
  LISTENER_SELECTOR,
} from '../constructs/runner-pool/github-controller.ts';
import { RunnerPool } from '../constructs/runner-pool/runner-pool.ts';
import { FlywheelStack } from './flywheel-stack.ts';
import { defineMonitors } from './monitors.ts';
import { cachePushes } from './runner-caches.ts';
import {
  defineRunnerNamespaces,
  namespaceTargets,
  partOf,
  poolSurroundings,
} from './runner-namespaces.ts';
import { githubPools } from './runner-pools.ts';
import { type StackContext, stateOf } from './stack-context.ts';

/** The controller of the GitHub runners, and the scale sets, each in the namespace of its trust level. */
export class ArcRunnersStack extends FlywheelStack {
  constructor(scope: Construct, id: string, context: StackContext) {
    super(scope, id, stateOf(context, 'arcRunners'));
    const { settings, images, charts } = context;
    const surroundings = poolSurroundings(this, context, 'github');
    const scaleSets = githubPools(settings);
    const controller = new GithubController(this, 'controller', {
      namespace: settings.namespaces.arcSystems,
      partOf: partOf('github'),
      keep: settings.protection.data,
      chart: charts['github-controller'],
      image: images['github-controller'],
      urls: scaleSets.map(({ url }) => url),
      forgeRanges: surroundings.forgeRanges,
      mirror: surroundings.mirror,
      network: surroundings.network,
      priorities: surroundings.priorities,
      pullSecret: surroundings.pullSecret,
      metricsFrom: surroundings.metricsFrom,
    });
    const homes = defineRunnerNamespaces(this, context, 'github', scaleSets);
    const defined = homes.flatMap(({ home, pools }) =>
      pools.map((pool) => {
        new RunnerPool(this, `pool-${pool.name}`, { pool, home, surroundings, controller });
        return { pool, namespace: home.namespace.name };
      }),
    );
    defineMonitors(this, context, controller.namespace, [
      ...controllerTargets(controller),
      ...namespaceTargets(homes),
    ]);
    this.output(
      'namespaces',
      [controller.namespace.name, ...homes.map(({ home }) => home.namespace.name)],
      'The namespace of the controller, then those of the runners, one for each trust level',
    );
    this.output(
      'pools',
      Object.fromEntries(
        defined.map(({ pool, namespace }) => [
          pool.name,
          { namespace, runs_on: pool.label, url: pool.url, app_secret: pool.appSecret },
        ]),
      ),
      'For each pool: what a workflow writes under runs-on, and the Secret that takes the GitHub App',
    );
    this.output(
      'cache_pushes',
      cachePushes(context),
      'Where jobs push what they built, and what a push that fails means',
    );
    this.outputRequiredSecrets();
  }
}

function controllerTargets({ namespace }: GithubController): MonitorTarget[] {
  return [
    {
      kind: 'arc-controller',
      namespace,
      name: 'arc-controller',
      selector: { matchLabels: CONTROLLER_SELECTOR },
    },
    {
      kind: 'arc-listeners',
      namespace,
      name: 'arc-listeners',
      selector: { matchLabels: LISTENER_SELECTOR },
    },
  ];
}
