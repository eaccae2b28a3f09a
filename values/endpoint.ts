import { InvalidValue } from './invalid-value.ts';

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

const DEFAULT_PORTS: Record<Scheme, string> = { http: '80', https: '443', grpc: '', grpcs: '443' };
const CLUSTER_DOMAIN = 'cluster.local';
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
    if (parts === undefined || scheme === undefined || !(scheme in DEFAULT_PORTS)) {
      throw new InvalidValue(
        text,
        'be an address',
        'write https://host, http://host:port or grpc://host:port',
      );
    }
    const { host = '', port = '', path = '' } = parts;
    requireReachable(context, text, host.toLowerCase());
    requireEncrypted(context, text, scheme);
    return new Endpoint(context, scheme, host.toLowerCase(), port, path);
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

  /** The port in numbers, the scheme's own where none is written. */
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
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    /^127(\.\d+){3}$/.test(host) ||
    host === '[::1]'
  );
}

/** True for "every address of this machine": a place to listen, never a place to call. */
export function isBindAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '[::]' || host === '[::0]';
}

/** True for a name that only the cluster's own DNS resolves. */
export function isClusterName(host: string): boolean {
  return /\.svc(\.|$)/.test(host) || host.endsWith(`.${CLUSTER_DOMAIN}`);
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
