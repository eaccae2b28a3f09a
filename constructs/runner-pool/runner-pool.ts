import type { ReleaseConfig } from '@cdktf/provider-helm/lib/release/index.js';
import { Construct } from 'constructs';
import { runnerType } from '../../config/runner-types.ts';
import type { Resource } from '../binding.ts';
import { stateFact } from '../facts.ts';
import type { GithubController } from './github-controller.ts';
import { defineGithubRelease, githubNotes } from './github-pool.ts';
import { defineGitlabRelease, gitlabNotes, gitlabTags } from './gitlab-pool.ts';
import { jobFlows } from './job-flows.ts';
import { jobLabels } from './job-labels.ts';
import { definePodFlows } from './pod-flows.ts';
import type { GithubPool, GitlabPool, Pool } from './pool.ts';
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
    this.defineJobFlows(props);
    if (isGitlab(props)) {
      this.selectors = gitlabTags(props.pool);
      this.release = defineGitlabRelease(this, props.pool, home, surroundings, props.gitlabUrl);
      this.stateNotes(props.pool, gitlabNotes(props.pool));
    } else {
      this.selectors = [props.pool.label];
      this.release = defineGithubRelease(this, props.pool, home, surroundings, props.controller);
      this.stateNotes(props.pool, githubNotes(props.pool));
    }
  }

  private defineJobFlows(props: RunnerPoolProps): void {
    const { pool, home, surroundings } = props;
    definePodFlows(this, 'job-flows', {
      namespace: home.namespace,
      name: `${pool.name}-jobs`,
      selector: jobLabels(pool.name),
      network: surroundings.network,
      to: jobFlows(pool, isGitlab(props) ? props.gitlabUrl : props.pool.url, surroundings),
    });
  }

  private stateNotes(pool: Pool, notes: readonly string[]): void {
    const subject = `pool ${pool.name}`;
    const reason = runnerType(pool.type).privilegedBecause;
    if (reason !== undefined) {
      const what = 'privileged containers';
      stateFact(this, 'weakening', { workload: subject, what, reason });
    }
    for (const note of notes) stateFact(this, 'note', { subject, note });
  }
}

function isGitlab(
  props: RunnerPoolProps,
): props is Extract<RunnerPoolProps, { readonly gitlabUrl: string }> {
  return props.pool.forge === 'gitlab';
}
