import { type RequestOptions, request } from 'node:http';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { isLoopback } from '../../values/endpoint.ts';

/** The part of a request that leads through a proxy; empty for a direct way. */
export type Route = Pick<
  RequestOptions,
  'hostname' | 'port' | 'path' | 'createConnection' | 'agent'
> & {
  readonly headers?: Readonly<Record<string, string>>;
};

/**
 * The proxy that the environment names for an address, or undefined for a direct way.
 *
 * `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are read as curl and Go read them, in lower case too; loopback is always direct.
 */
export function proxyFor(url: URL, environment: NodeJS.ProcessEnv): URL | undefined {
  const read = (name: string) => environment[name.toLowerCase()] || environment[name] || '';
  const named = read(url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  if (named === '' || isLoopback(url.hostname) || isExempt(url, read('NO_PROXY'))) return undefined;
  const text = named.includes('://') ? named : `http://${named}`;
  return URL.canParse(text) ? new URL(text) : undefined;
}

function isExempt({ hostname, port, protocol }: URL, exemptions: string): boolean {
  const ownPort = port === '' ? { 'https:': '443', 'http:': '80' }[protocol] : port;
  return exemptions
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      const [, host = '', entryPort] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
      if (host === '*') return true;
      const suffix = host.replace(/^\*?\./, '');
      const sameHost = hostname === suffix || hostname.endsWith(`.${suffix}`);
      return sameHost && (entryPort === undefined || entryPort === ownPort);
    });
}

/** Opens the way to an address: nothing for a direct one, a tunnel for https, the proxy itself for http. */
export async function tunnelTo(
  url: URL,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Route> {
  const proxy = proxyFor(url, environment);
  if (proxy === undefined) return { agent: false };
  const at = { hostname: proxy.hostname, port: proxy.port === '' ? '80' : proxy.port };
  const authorization = proxyAuthorization(proxy);
  if (url.protocol === 'http:')
    return { ...at, path: url.href, agent: false, headers: { host: url.host, ...authorization } };
  const authority = `${url.hostname}:${url.port === '' ? '443' : url.port}`;
  const headers = { host: authority, ...authorization };
  const socket = await openTunnel({ ...at, method: 'CONNECT', path: authority, headers, signal });
  // Without `agent`, since an agent makes its own connections; and so without the port that an agent knows.
  return {
    headers: { host: url.host },
    createConnection: () => connectTls({ socket, servername: url.hostname }),
  };
}

function openTunnel(options: RequestOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    request(options)
      .on('connect', ({ statusCode }, socket) => {
        if (statusCode === 200) return resolve(socket);
        socket.destroy();
        return reject(new Error(`the proxy answers ${statusCode}`));
      })
      .on('response', ({ statusCode }) => reject(new Error(`the proxy answers ${statusCode}`)))
      .on('error', ({ code, message }: NodeJS.ErrnoException) =>
        reject(new Error(`the proxy cannot be reached: ${code ?? message}`)),
      )
      .end();
  });
}

function proxyAuthorization({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}
