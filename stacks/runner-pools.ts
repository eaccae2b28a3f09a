import type { Settings } from '../config/settings.ts';
import type { GithubPool, GitlabPool } from '../constructs/runner-pool/pool.ts';

/** The GitLab pools of the settings, by name, so that their order in the file never shows in a plan. */
export function gitlabPools({ runners }: Settings): GitlabPool[] {
  return sorted(runners.gitlab.pools).map(([name, pool]) => ({
    ...pool,
    forge: 'gitlab',
    name,
    tokenSecret: pool.tokenSecret ?? `${name}-token`,
  }));
}

/** The GitHub pools of the settings, by name. */
export function githubPools({ runners }: Settings): GithubPool[] {
  const { github } = runners;
  return sorted(github.scaleSets).map(([name, pool]) => ({
    ...pool,
    forge: 'github',
    name,
    label: pool.label ?? name,
    containerMode: pool.containerMode ?? (pool.type === 'dind' ? 'dind' : 'none'),
    // A pool without any address is refused before.
    url: pool.url ?? github.url ?? '',
    appSecret: pool.appSecret ?? github.appSecret,
  }));
}

function sorted<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1));
}
