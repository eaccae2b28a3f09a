import { hostname, userInfo } from 'node:os';

/** Who runs this, as a witness is to remember it: `user@host`, or `job <url>` in a pipeline. */
export function whoRuns(environment: NodeJS.ProcessEnv = process.env): string {
  const job = jobUrl(environment);
  return job === undefined ? `${userName(environment)}@${hostname()}` : `job ${job}`;
}

function jobUrl(environment: NodeJS.ProcessEnv): string | undefined {
  const { CI_JOB_URL, GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID } = environment;
  if (CI_JOB_URL) return CI_JOB_URL;
  if (!GITHUB_SERVER_URL || !GITHUB_REPOSITORY || !GITHUB_RUN_ID) return undefined;
  return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`;
}

/** An account of a container may have a number and no name. */
function userName(environment: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username;
  } catch {
    return environment.USER ?? `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
