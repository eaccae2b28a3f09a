import { BAZEL_SERVICE, bazelForPods } from '../../config/addresses.ts';
import type { Settings } from '../../config/settings.ts';
import { isBindAddress, isClusterName, isLoopback } from '../../values/endpoint.ts';
import { show } from '../../values/invalid-value.ts';
import { givenIn } from '../settings/variables.ts';
import { ACCOUNT } from './variables.ts';

/** The port on which the Bazel cache speaks HTTP, in its pod and at its Service. */
const HTTP_PORT = 8080;
const ADDRESS = 'BAZEL_REMOTE_CACHE';
const ACCOUNT_FORM = /^[^:\s]+:\S+$/;

/** A server of the cache as it is asked over HTTP. */
export interface ServerAddress {
  /** Scheme, host, port and path, without a slash at the end. */
  readonly url: string;
  /** Where that comes from: an option, a variable, or the settings. */
  readonly source: string;
  /** What to send as `Authorization`. @default - nothing */
  readonly authorization?: string | undefined;
}

/** Where the server is, or problems for people, which end nothing by themselves. */
export type FoundServer =
  | { readonly found: 'server'; readonly server: ServerAddress }
  | { readonly found: 'none' }
  | { readonly found: 'problems'; readonly problems: readonly string[] };

/**
 * The server as far as somebody has named it: by the option, else by `BAZEL_REMOTE_CACHE`, else, in a pod alone, by the
 * settings. An address of gRPC is understood only where it is that of the Service, whose port for HTTP is known.
 */
export function serverAddress(
  given: string | undefined,
  settings: Settings,
  environment: NodeJS.ProcessEnv,
): FoundServer {
  const named = namedAddress(given, settings, environment);
  if (named === undefined) return { found: 'none' };
  const inPods = podAddress(settings);
  const isService = inPods !== undefined && named.text === String(bazelForPods(settings));
  const text = isService ? inPods : named.text;
  const fault = addressFault(text, named.source);
  const account = accountOf(text, environment);
  const problems = [...(fault === undefined ? [] : [fault]), ...account.problems];
  if (problems.length > 0) return { found: 'problems', problems };
  return {
    found: 'server',
    server: {
      url: text.replace(/\/+$/, ''),
      source: named.source,
      authorization: account.authorization,
    },
  };
}

/** How to give an address, for who has given none. */
export function howToNameServer(settings: Settings): string {
  return [
    `give --endpoint http://HOST:${HTTP_PORT}, the port of the cache for HTTP, or set ${ADDRESS} to it; from outside of the cluster:`,
    `kubectl -n ${settings.namespaces.cache} port-forward service/${BAZEL_SERVICE} ${HTTP_PORT}:${HTTP_PORT}, and then --endpoint http://127.0.0.1:${HTTP_PORT}`,
  ].join('\n    ');
}

function namedAddress(
  given: string | undefined,
  settings: Settings,
  environment: NodeJS.ProcessEnv,
): { readonly text: string; readonly source: string } | undefined {
  if (given !== undefined) return { text: given, source: '--endpoint' };
  const told = givenIn(ADDRESS, environment);
  if (told !== undefined) return { text: told, source: ADDRESS };
  const isPod = givenIn('KUBERNETES_SERVICE_HOST', environment) !== undefined;
  const inPods = isPod ? podAddress(settings) : undefined;
  return inPods === undefined ? undefined : { text: inPods, source: 'the settings' };
}

function podAddress(settings: Settings): string | undefined {
  const service = bazelForPods(settings);
  return service === undefined ? undefined : `http://${service.host}:${HTTP_PORT}`;
}

function addressFault(text: string, source: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // Credentials in an address must not be repeated on a screen.
  if (text.includes('@')) {
    return `${source} must be an address without credentials\n    put user:password into ${ACCOUNT}`;
  }
  if (url !== undefined && ['grpc:', 'grpcs:'].includes(url.protocol)) {
    return `${source} must be an address of HTTP, got ${show(text)}\n    a blob is read at the other port of the same server: give --endpoint http://HOST:${HTTP_PORT}`;
  }
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    return `${source} must be an address, got ${show(text)}\n    write http://HOST:${HTTP_PORT} or https://HOST`;
  }
  if (url.search !== '' || url.hash !== '') {
    return `${source} must be an address without a query, got ${show(text)}`;
  }
  return isBindAddress(url.hostname)
    ? `${source} must be an address that can be called, got ${show(text)}\n    write http://127.0.0.1:${url.port || HTTP_PORT} for a server on this machine`
    : undefined;
}

function accountOf(
  address: string,
  environment: NodeJS.ProcessEnv,
): { readonly authorization?: string; readonly problems: readonly string[] } {
  const account = givenIn(ACCOUNT, environment);
  if (account === undefined) return { problems: [] };
  if (!ACCOUNT_FORM.test(account)) {
    return { problems: [`${ACCOUNT} must be user:password, in one line and without blanks`] };
  }
  const { protocol, hostname } = URL.canParse(address)
    ? new URL(address)
    : { protocol: 'https:', hostname: '' };
  if (protocol === 'http:' && !isLoopback(hostname) && !isClusterName(hostname)) {
    const problem = `${ACCOUNT} must not go to another machine in clear: ${hostname} is asked without encryption\n    write https://, or forward the port`;
    return { problems: [problem] };
  }
  return {
    authorization: `Basic ${Buffer.from(account).toString('base64')}`,
    problems: [],
  };
}
