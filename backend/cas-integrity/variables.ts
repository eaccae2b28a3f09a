/** The first part of the names of the variables that say how the bucket of the Bazel cache is reached. */
const PREFIX = 'BAZEL_CACHE_S3_';

/** What they say: where the store is, as whom it is asked, and where in the bucket the cache begins. */
const SAID = [
  'ENDPOINT',
  'ACCESS_KEY_ID',
  'SECRET_ACCESS_KEY',
  'SESSION_TOKEN',
  'PREFIX',
  'CA_FILE',
  'PLAINTEXT',
] as const;

/** Something that can be said of the bucket. */
export type Said = (typeof SAID)[number];

/** An account of the server's htpasswd file, as `user:password`. */
export const ACCOUNT = 'BAZEL_CACHE_ACCOUNT';

/** The name of the variable for it. */
export function variable(said: Said): string {
  return `${PREFIX}${said}`;
}

/** All names of the family. */
export function knownVariables(): string[] {
  return SAID.map(variable);
}

/** The variables of the family that are set, known or not. One that is empty says nothing. */
export function setVariables(environment: NodeJS.ProcessEnv): string[] {
  return Object.keys(environment).filter(
    (name) => name.startsWith(PREFIX) && environment[name] !== '',
  );
}
