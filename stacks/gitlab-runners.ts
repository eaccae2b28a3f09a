import type { Construct } from 'constructs';
import { managersOf } from '../constructs/runner-pool/gitlab-pool.ts';
import type { GitlabPool } from '../constructs/runner-pool/pool.ts';
import { RunnerPool } from '../constructs/runner-pool/runner-pool.ts';
import { warnOfOpenApiServer } from './api-server-access.ts';
import { FlywheelStack } from './flywheel-stack.ts';
import { defineMonitors } from './monitors.ts';
import { cachePushes } from './runner-caches.ts';
import {
  defineRunnerNamespaces,
  namespaceTargets,
  poolSurroundings,
  type RunnerHome,
} from './runner-namespaces.ts';
import { gitlabPools } from './runner-pools.ts';
import { type StackContext, stateOf } from './stack-context.ts';

type Home = RunnerHome<GitlabPool>;

/** The GitLab pools, each in the namespace of its trust level. */
export class GitlabRunnersStack extends FlywheelStack {
  constructor(scope: Construct, id: string, context: StackContext) {
    super(scope, id, stateOf(context, 'gitlabRunners'));
    const { settings } = context;
    const surroundings = poolSurroundings(this, context, 'gitlab');
    const homes = defineRunnerNamespaces(this, context, 'gitlab', gitlabPools(settings));
    const defined = homes.flatMap(({ home, pools }) =>
      pools.map((pool) => {
        const gitlabUrl = settings.runners.gitlab.url;
        const { selectors } = new RunnerPool(this, `pool-${pool.name}`, {
          pool,
          home,
          surroundings,
          gitlabUrl,
        });
        return { pool, namespace: home.namespace.name, selectors };
      }),
    );
    this.defineMonitors(context, homes);
    warnOfOpenApiServer(this, context);
    this.output(
      'namespaces',
      homes.map(({ home }) => home.namespace.name),
      'The namespaces of managers and jobs, one for each trust level',
    );
    this.output(
      'pools',
      Object.fromEntries(
        defined.map(({ pool, namespace, selectors }) => [
          pool.name,
          { namespace, tags: selectors, protected: pool.protected, token_secret: pool.tokenSecret },
        ]),
      ),
      'For each pool: what to set on its runner in GitLab, and the Secret that takes its token',
    );
    this.output(
      'cache_pushes',
      cachePushes(context),
      'Where jobs push what they built, and what a push that fails means',
    );
    this.outputRequiredSecrets();
  }

  private defineMonitors(context: StackContext, homes: readonly Home[]): void {
    const [common] = homes;
    if (common === undefined) return;
    const managers = homes
      .filter(({ pools }) => pools.length > 0)
      .map(({ home, pools }) => ({
        kind: 'gitlab-managers' as const,
        namespace: home.namespace,
        name: 'runner-managers',
        selector: managersOf(pools),
      }));
    defineMonitors(this, context, common.home.namespace, [
      ...managers,
      ...namespaceTargets(homes),
      { kind: 'nodes', namespace: common.home.namespace, name: 'nodes' },
    ]);
  }
}
