import { parseArgs } from 'node:util';
import { atticForPeople } from '../../config/addresses.ts';
import type { Settings } from '../../config/settings.ts';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import { isBindAddress, isClusterName, isLoopback } from '../../values/endpoint.ts';
import { InvalidValue } from '../../values/invalid-value.ts';
import { parseName } from '../../values/name.ts';
import { type AskedPath, parseAskedPath } from './store-path.ts';
import { declaredKeys, parseTrustedKey, type TrustedKey } from './trusted-keys.ts';

/** What somebody wants to have proved, and by what. */
export interface IntegrityRequest {
  readonly paths: readonly AskedPath[];
  readonly endpoint: URL;
  readonly cache: string;
  readonly keys: readonly TrustedKey[];
  readonly token: string | undefined;
  readonly withoutSignature: boolean;
  readonly json: boolean;
}

const OPTIONS = {
  'store-hash': { type: 'string', multiple: true },
  'trusted-key': { type: 'string', multiple: true },
  cache: { type: 'string' },
  endpoint: { type: 'string' },
  'without-signature': { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

/** What is wrong with the words and variables of a request, each with the name of what says it. */
class Problems {
  readonly found: string[] = [];

  /** What a value means, or undefined after its problem was noted. */
  read<Meaning>(name: string, parse: () => Meaning): Meaning | undefined {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      this.found.push(`${name} ${error.message}`);
      return undefined;
    }
  }
}

/**
 * Reads a request from the command line, the environment and the settings.
 *
 * @throws Failure with every problem at once
 */
export function readRequest(
  args: readonly string[],
  settings: Settings,
  environment: NodeJS.ProcessEnv,
): IntegrityRequest {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const { 'store-hash': asked = [], 'trusted-key': trusted = [] } = values;
  const problems = new Problems();
  if (asked.length === 0) problems.found.push('name at least one store path: --store-hash <hash>');
  const paths = asked.map((text) => problems.read('--store-hash', () => parseAskedPath(text)));
  const given = trusted.map((text) => problems.read('--trusted-key', () => parseTrustedKey(text)));
  const cache = problems.read('--cache', () =>
    parseName('cache', values.cache ?? settings.attic.defaultCache),
  );
  const endpoint = readEndpoint(values.endpoint, settings, environment, problems);
  const token = problems.read('ATTIC_TOKEN', () => parseToken(environment.ATTIC_TOKEN));
  if (token !== undefined && endpoint !== undefined && !isPrivateWay(endpoint)) {
    problems.found.push(
      `ATTIC_TOKEN would go to ${endpoint.origin} for everybody to read: write https://, or unset it for a public cache`,
    );
  }
  if (problems.found.length > 0 || cache === undefined || endpoint === undefined)
    throw new Failure(problems.found.join('\n'), EXIT.usage);
  return {
    paths: distinct(paths.filter((path) => path !== undefined)),
    endpoint,
    cache,
    keys: [...given.filter((key) => key !== undefined), ...declaredKeys(settings, cache)],
    token,
    withoutSignature: values['without-signature'] === true,
    json: values.json === true,
  };
}

/** What is said on the command line, else by the environment, which a runner has from its pool, else by the settings. */
function readEndpoint(
  said: string | undefined,
  settings: Settings,
  { ATTIC_SERVER: server }: NodeJS.ProcessEnv,
  problems: Problems,
): URL | undefined {
  if (said !== undefined) return problems.read('--endpoint', () => parseEndpoint(said));
  if (server) return problems.read('ATTIC_SERVER', () => parseEndpoint(server));
  return new URL(String(atticForPeople(settings)));
}

/** Loopback and names of the cluster are both right here: a port may be forwarded, and a job may run in a pod. */
function parseEndpoint(text: string): URL {
  const rule = 'be the address of the server, without the cache';
  const url = /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined)
    throw new InvalidValue(undefined, rule, 'write https://host or http://host:port');
  if (url.username !== '' || url.password !== '')
    throw new InvalidValue(undefined, 'be an address without credentials', 'export ATTIC_TOKEN');
  if (url.search !== '' || url.hash !== '')
    throw new InvalidValue(undefined, 'be an address without a query');
  if (isBindAddress(url.hostname))
    throw new InvalidValue(text, 'be an address to call', 'that is where a server listens');
  return url;
}

/** A line end would be sent as a part of the token, and the server would only say that it is wrong. */
function parseToken(token: string | undefined): string | undefined {
  if (token === undefined || token === '') return undefined;
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new InvalidValue(
    undefined,
    'be a token without blanks or line ends',
    'remove them, often one at the end of a file: export ATTIC_TOKEN="$(cat file)"',
  );
}

function isPrivateWay({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || isLoopback(hostname) || isClusterName(hostname);
}

function distinct(paths: readonly AskedPath[]): AskedPath[] {
  return [...new Map(paths.map((path) => [path.path ?? path.hash, path])).values()];
}
