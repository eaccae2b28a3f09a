import type { ReleaseConfig } from '@cdktf/provider-helm/lib/release/index.js';
import type { NetworkPolicyV1Config } from '@cdktf/provider-kubernetes/lib/network-policy-v1/index.js';
import { Construct } from 'constructs';
import { gitlabTags } from '../../config/runner-tags.ts';
import { runnerType } from '../../config/runner-types.ts';
import type { Resource } from '../binding.ts';
import { stateFact } from '../facts.ts';
import type { Forge } from '../workload/forge-flows.ts';
import type { GithubController } from './github-controller.ts';
import { defineGithubRelease, githubNotes } from './github-pool.ts';
import { defineGitlabRelease, gitlabNotes } from './gitlab-pool.ts';
import { usesBazelCache } from './job-environment.ts';
import { jobFlows } from './job-flows.ts';
import { jobLabels } from './job-labels.ts';
import { definePodFlows } from './pod-flows.ts';
import type { GithubPool, GitlabPool } from './pool.ts';
import type { PoolSurroundings } from './pool-surroundings.ts';
import type { RunnerNamespace } from './runner-namespace.ts';

/** Settings of a {@link RunnerPool}. */
export type RunnerPoolProps = {
  /** The namespace of its trust level. */
  readonly home: RunnerNamespace;
  readonly surroundings: PoolSurroundings;
} & (
  | { readonly pool: GitlabPool; readonly gitlabUrl: string }
  | { readonly pool: GithubPool; readonly controller: GithubController }
);

/**
 * Runners of one type for one forge: what starts jobs, what jobs may do, and whom they may call.
 *
 * - GitLab: a release of the official chart with a fixed number of managers. Their CPU says nothing about the queue, so
 *   nothing scales them; `managers` times `concurrent` is what runs at a time.
 * - GitHub: a scale set, which makes a runner for each job that waits, up to its maximum.
 */
export class RunnerPool extends Construct {
  /** What a job writes to be run here: GitLab tags, or the one GitHub label. */
  readonly selectors: readonly string[];

  /** The release of the chart, for `dependsOn` and `addOverride`. */
  readonly release: Resource<ReleaseConfig>;

  constructor(scope: Construct, id: string, props: RunnerPoolProps) {
    super(scope, id);
    const { home, surroundings } = props;
    const flows = this.defineJobFlows(props);
    if (isGitlab(props)) {
      const { pool } = props;
      this.selectors = gitlabTags(pool.name, pool);
      this.release = defineGitlabRelease(this, pool, home, surroundings, forgeOf(props), flows);
      this.stateNotes(props, gitlabNotes(pool));
    } else {
      const { pool, controller } = props;
      this.selectors = [pool.label];
      this.release = defineGithubRelease(this, pool, home, surroundings, controller, flows);
      this.stateNotes(props, githubNotes(pool, surroundings.images));
    }
  }

  private defineJobFlows(props: RunnerPoolProps): Resource<NetworkPolicyV1Config> {
    const { pool, home, surroundings } = props;
    return definePodFlows(this, 'job-flows', {
      namespace: home.namespace,
      name: `${pool.name}-jobs`,
      selector: jobLabels(pool.name),
      network: surroundings.network,
      to: jobFlows(pool, forgeOf(props), surroundings),
    });
  }

  private stateNotes({ pool, surroundings }: RunnerPoolProps, notes: readonly string[]): void {
    const subject = `pool ${pool.name}`;
    const { privilegedBecause: reason, caches } = runnerType(pool.type);
    if (reason !== undefined) {
      const what = 'privileged containers';
      stateFact(this, 'weakening', { workload: subject, what, reason });
    }
    for (const note of notes) stateFact(this, 'note', { subject, note });
    const { bazel } = surroundings.caches;
    if (caches.bazel && bazel !== undefined && !usesBazelCache(pool, surroundings.caches)) {
      const note =
        'its jobs use no Bazel cache, since every job may write to it; set bazelCache.authenticatedWrites to give it to them';
      stateFact(this, 'note', { subject, note });
    }
  }
}

function forgeOf(props: RunnerPoolProps): Forge {
  const { forgeRanges: cidrs } = props.surroundings;
  return { url: isGitlab(props) ? props.gitlabUrl : props.pool.url, cidrs };
}

function isGitlab(
  props: RunnerPoolProps,
): props is Extract<RunnerPoolProps, { readonly gitlabUrl: string }> {
  return props.pool.forge === 'gitlab';
}
