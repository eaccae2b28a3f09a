import { InvalidValue } from './invalid-value.ts';
import { nameRule } from './name.ts';

/**
 * From where an address is used. The same text means different machines in each:
 *
 * - `pod`: inside the cluster;
 * - `operator`: the workstation or job that applies the stacks;
 * - `developer`: a person's machine that only consumes;
 * - `host`: a process on the machine that runs the server itself, where loopback is right;
 * - `container`: a container on such a machine, where loopback is the container and nothing else.
 */
export type Context = 'pod' | 'operator' | 'developer' | 'host' | 'container';

/** The URL schemes a consumer may be given. */
export type Scheme = 'http' | 'https' | 'grpc' | 'grpcs';

/** gRPC without TLS has no port of its own. */
const DEFAULT_PORTS: Record<Scheme, string> = { http: '80', https: '443', grpc: '', grpcs: '443' };
const MAX_PORT = 65_535;
const CLUSTER_DOMAIN = 'cluster.local';
/** The notation of an address, for a schema; what it lets pass is still parsed. */
export const ENDPOINT_PATTERN = /^(https?|grpcs?):\/\/[^\s/?#@]+(\/[^\s?#]*)?$/;

const URL_PARTS =
  /^(?<scheme>[a-z]+):\/\/(?<host>\[[0-9a-f:]+\]|[A-Za-z0-9.-]+)(?::(?<port>\d{1,5}))?(?<path>\/[^\s?#]*)?$/;

/**
 * The address of a server as one kind of consumer reaches it.
 *
 * A consumer takes only its own context, so that a cluster name cannot reach a developer's machine and a
 * loopback address cannot reach a container: neither compiles, and neither gets through {@link parse}.
 */
export class Endpoint<C extends Context> {
  readonly context: C;
  readonly scheme: Scheme;
  readonly host: string;
  /** The port as written, empty where the scheme's own port is meant. */
  readonly port: string;
  /** The path without a trailing "/", empty for none. */
  readonly path: string;

  private constructor(context: C, scheme: Scheme, host: string, port: string, path: string) {
    this.context = context;
    this.scheme = scheme;
    this.host = host;
    this.port = port === DEFAULT_PORTS[scheme] ? '' : port;
    this.path = path.replace(/\/+$/, '');
  }

  /**
   * Reads the address a consumer of that context is given.
   *
   * @throws InvalidValue for a bind address, a loopback address outside `host`, a cluster name outside `pod`,
   * a plaintext scheme outside the cluster, credentials in the address, or no URL at all.
   */
  static parse<C extends Context>(context: C, text: string): Endpoint<C> {
    if (/^[a-z]+:\/\/[^/]*@/i.test(text)) {
      throw new InvalidValue(text, 'be an address without credentials', 'keep them in a Secret');
    }
    const parts = URL_PARTS.exec(text)?.groups;
    const scheme = parts?.scheme as Scheme | undefined;
    const host = canonicalHost(parts?.host ?? '');
    if (scheme === undefined || host === undefined || !Object.hasOwn(DEFAULT_PORTS, scheme)) {
      throw new InvalidValue(
        text,
        'be an address',
        'write https://host, http://host:port or grpc://host:port',
      );
    }
    const port = (parts?.port ?? '').replace(/^0+(?=\d)/, '');
    requirePort(text, port === '' ? DEFAULT_PORTS[scheme] : port);
    requireReachable(context, text, host);
    requireEncrypted(context, text, scheme);
    return new Endpoint(context, scheme, host, port, parts?.path ?? '');
  }

  /** The address of a Service, by its full cluster name. */
  static service(scheme: Scheme, name: string, namespace: string, port?: number): Endpoint<'pod'> {
    return new Endpoint(
      'pod',
      scheme,
      `${name}.${namespace}.svc.${CLUSTER_DOMAIN}`,
      port === undefined ? '' : String(port),
      '',
    );
  }

  /** The same server, one level down: a cache below its server, say. */
  below(segment: string): Endpoint<C> {
    return new Endpoint(this.context, this.scheme, this.host, this.port, `${this.path}/${segment}`);
  }

  /** Host, and port where it is not the scheme's own: what an HTTP client sends as `Host`. */
  get authority(): string {
    return this.port === '' ? this.host : `${this.host}:${this.port}`;
  }

  /** The port as a number, the scheme's own where none is written. */
  get portNumber(): number {
    return Number(this.port === '' ? DEFAULT_PORTS[this.scheme] : this.port);
  }

  toString(): string {
    return `${this.scheme}://${this.authority}${this.path}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** True for an address that means "this machine" wherever it is read. */
export function isLoopback(host: string): boolean {
  return /^(.+\.)?localhost$|^127\.|^\[::1\]$|^\[::ffff:7f/.test(canonicalHost(host) ?? host);
}

/** True for "every address of this machine": a place to listen, never a place to call. */
export function isBindAddress(host: string): boolean {
  return ['0.0.0.0', '[::]', '[::ffff:0:0]'].includes(canonicalHost(host) ?? host);
}

/** True for a name that only the cluster's own DNS resolves. */
export function isClusterName(host: string): boolean {
  const name = canonicalHost(host) ?? host;
  return /\.svc(\.|$)/.test(name) || name.endsWith(`.${CLUSTER_DOMAIN}`);
}

/**
 * The one way to write a host, or undefined for what is none.
 *
 * `127.1`, `0x7f.1` and `2130706433` all reach 127.0.0.1, and a name with a dot at its end is the same name.
 */
function canonicalHost(text: string): string | undefined {
  if (!URL.canParse(`http://${text}`)) return undefined;
  const host = new URL(`http://${text}`).hostname.replace(/\.$/, '');
  const { pattern, maxLength } = nameRule('dnsName');
  const isName = pattern.test(host) && host.length <= maxLength;
  return isName || host.startsWith('[') ? host : undefined;
}

function requirePort(text: string, port: string): void {
  if (port === '') {
    throw new InvalidValue(text, 'name its port', 'write grpc://host:port');
  }
  if (Number(port) < 1 || Number(port) > MAX_PORT) {
    throw new InvalidValue(text, `have a port from 1 to ${MAX_PORT}`);
  }
}

function requireReachable(context: Context, text: string, host: string): void {
  if (isBindAddress(host)) {
    throw new InvalidValue(
      text,
      'be an address to call',
      '0.0.0.0 is where a server listens; name the server',
    );
  }
  if (isLoopback(host) && context !== 'host') {
    throw new InvalidValue(
      text,
      `be reachable from a ${context}`,
      `loopback is the ${context} itself; name the server`,
    );
  }
  if (isClusterName(host) && context !== 'pod') {
    throw new InvalidValue(
      text,
      `be reachable from a ${context}`,
      'a cluster name resolves only in pods; give the public address',
    );
  }
  if (context === 'pod' && !host.includes('.') && !host.startsWith('[')) {
    throw new InvalidValue(
      text,
      'mean the same in every namespace',
      'write name.namespace.svc.cluster.local',
    );
  }
}

function requireEncrypted(context: Context, text: string, scheme: Scheme): void {
  const leavesTheCluster = context === 'developer' || context === 'operator';
  if (leavesTheCluster && (scheme === 'http' || scheme === 'grpc')) {
    throw new InvalidValue(
      text,
      'be encrypted outside the cluster',
      `write ${scheme === 'http' ? 'https' : 'grpcs'}://`,
    );
  }
}
