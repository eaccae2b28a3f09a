import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../console/failure.ts';

/** How a person proves to a registry who he is. */
export type Credentials =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  | { readonly kind: 'identity-token'; readonly token: string };

/** Finds the credentials for a registry, or undefined where there are none. */
export type CredentialStore = (registry: string) => Promise<Credentials | undefined>;

interface AuthEntry {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

interface DockerConfig {
  readonly auths?: Readonly<Record<string, AuthEntry>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
}

const DOCKER_HUB = 'docker.io';
/** The name under which Docker keeps the credentials of its own registry. */
const DOCKER_HUB_KEY = 'https://index.docker.io/v1/';
const HELPER_TIMEOUT_MS = 15_000;
/** What a helper hands out instead of a user name when its secret is an identity token. */
const TOKEN_USER = '<token>';

/**
 * The credentials that `docker login` has stored: in the file itself, or with a helper program that the file names.
 *
 * @throws Failure for a file that cannot be read as such, or a helper that cannot be run
 * @see https://docs.docker.com/reference/cli/docker/login/#credential-stores
 */
export function dockerCredentials(environment: NodeJS.ProcessEnv = process.env): CredentialStore {
  const folder = environment.DOCKER_CONFIG || join(environment.HOME || homedir(), '.docker');
  const config = readConfig(join(folder, 'config.json'));
  return async (registry) => {
    const helper = own(config.credHelpers, registry) ?? config.credsStore;
    const server = registry === DOCKER_HUB ? DOCKER_HUB_KEY : registry;
    const stored = helper === undefined ? undefined : await askHelper(helper, server, environment);
    return stored ?? fromEntry(findEntry(config, registry));
  };
}

function readConfig(file: string): DockerConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return {};
    throw new Failure(`${file} cannot be read: ${code}`);
  }
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // The parser's words can quote what they stumble over, and that can be a password.
  }
  throw new Failure(`${file} is no Docker configuration: it is not JSON`);
}

function findEntry({ auths = {} }: DockerConfig, registry: string): AuthEntry | undefined {
  return Object.entries(auths).find(([key]) => hostOf(key) === registry)?.[1];
}

/** The registry that a key of the file means; older clients wrote whole addresses. */
function hostOf(key: string): string {
  const [host = ''] = key.replace(/^https?:\/\//, '').split('/');
  return ['index.docker.io', 'registry-1.docker.io'].includes(host) ? DOCKER_HUB : host;
}

function fromEntry(entry: AuthEntry | undefined): Credentials | undefined {
  if (entry === undefined) return undefined;
  if (entry.identitytoken) return { kind: 'identity-token', token: entry.identitytoken };
  const pair = Buffer.from(entry.auth ?? '', 'base64').toString('utf8');
  const [, pairUser, pairPassword] = /^([^:]+):(.*)$/s.exec(pair) ?? [];
  const username = pairUser ?? entry.username;
  const password = pairPassword ?? entry.password;
  return username === undefined || password === undefined
    ? undefined
    : { kind: 'password', username, password };
}

async function askHelper(
  name: string,
  server: string,
  environment: NodeJS.ProcessEnv,
): Promise<Credentials | undefined> {
  if (!/^[\w.-]+$/.test(name)) throw new Failure(`${JSON.stringify(name)} is no credential helper`);
  const program = `docker-credential-${name}`;
  const { code, stdout } = await runHelper(program, server, environment);
  // Helpers end with 1 for everything, and say which of it on either stream; a registry without credentials is no fault.
  if (code !== 0) return undefined;
  const answer = parseAnswer(stdout);
  if (answer === undefined)
    throw new Failure(`${program} answers with something that is no credential`);
  const { Username: username, Secret: secret } = answer;
  return username === TOKEN_USER
    ? { kind: 'identity-token', token: secret }
    : { kind: 'password', username, password: secret };
}

function runHelper(program: string, server: string, env: NodeJS.ProcessEnv) {
  return new Promise<{ code: number | null; stdout: string }>((resolve, reject) => {
    const child = spawn(program, ['get'], {
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: HELPER_TIMEOUT_MS,
    });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.on('error', ({ code }: NodeJS.ErrnoException) =>
      reject(
        new Failure(`${program}, which the Docker configuration names, cannot be run: ${code}`),
      ),
    );
    child.on('close', (code) => resolve({ code, stdout }));
    // A helper may end before it has read anything.
    child.stdin.on('error', () => {}).end(server);
  });
}

function parseAnswer(text: string): { Username: string; Secret: string } | undefined {
  try {
    const { Username, Secret } = JSON.parse(text) as Record<string, unknown>;
    return typeof Username === 'string' && typeof Secret === 'string'
      ? { Username, Secret }
      : undefined;
  } catch {
    return undefined;
  }
}

function own(
  record: Readonly<Record<string, string>> | undefined,
  key: string,
): string | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}
