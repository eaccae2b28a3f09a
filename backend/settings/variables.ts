/** The first part of the names of all variables that say where the state lies. */
const PREFIX = 'TOFU_BACKEND_S3_';

/** What can be said of the store of the states, and the attribute of a backend file that says the same. */
export const ATTRIBUTES = {
  ENDPOINT: 'endpoints.s3',
  BUCKET: 'bucket',
  REGION: 'region',
  PATH_STYLE: 'use_path_style',
  ACCESS_KEY_ID: 'access_key',
  SECRET_ACCESS_KEY: 'secret_key',
  SESSION_TOKEN: 'token',
  CA_FILE: 'custom_ca_bundle',
} as const;

/** Something that can be said of the store. */
export type Said = keyof typeof ATTRIBUTES;

/** Names a file that says it. */
export const CONFIG_FILE = `${PREFIX}CONFIG_FILE`;

/** Repeats the endpoint, as the written consent to send states and keys there in clear. */
export const PLAINTEXT = `${PREFIX}PLAINTEXT`;

const COMPATIBILITY = /^TF_HTTP_/;

/** The name of the variable for it. */
export function variable(said: Said): string {
  return `${PREFIX}${said}`;
}

/** What the environment says; a variable that is empty says nothing. */
export function givenIn(name: string, environment: NodeJS.ProcessEnv): string | undefined {
  const value = environment[name];
  return value === undefined || value === '' ? undefined : value;
}

/** Variables of the family that do not exist, as somebody who has mistyped one sets them. */
export function strangeVariables(environment: NodeJS.ProcessEnv): string[] {
  const known = [
    ...Object.keys(ATTRIBUTES).map((said) => `${PREFIX}${said}`),
    CONFIG_FILE,
    PLAINTEXT,
  ];
  return Object.keys(environment).filter(
    (name) => name.startsWith(PREFIX) && !known.includes(name),
  );
}

/** The names of all variables of the family. */
export function knownVariables(): string[] {
  return [...Object.keys(ATTRIBUTES).map((said) => `${PREFIX}${said}`), CONFIG_FILE, PLAINTEXT];
}

/** What is to be said of variables of the backend over HTTP; undefined where there is none. They change nothing. */
export function compatibilityNote(environment: NodeJS.ProcessEnv): string | undefined {
  const names = Object.keys(environment).filter((name) => COMPATIBILITY.test(name));
  if (names.length === 0) return undefined;
  return `${names.sort().join(', ')}: compatibility only, for archived states; the state of the stacks lies in S3, and nothing is read from there`;
}
