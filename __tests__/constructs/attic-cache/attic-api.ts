import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A cache as the server keeps it. */
export interface KeptCache {
  pair: string;
  is_public: boolean;
  store_dir: string;
  priority: number;
  upstream_cache_key_names: string[];
  retention_period: 'Global' | { Period: number };
}

/** How the server of a test behaves. */
export interface AtticApiOptions {
  readonly key: Buffer;
  readonly address: string;
  readonly issuer?: string;
  readonly audience?: string;
  /** Answers before it behaves, by status; 0 drops the connection. */
  readonly first?: readonly number[];
  /** It keeps the connection and says nothing. */
  readonly silent?: boolean;
}

type Rights = Partial<Readonly<Record<'r' | 'cc' | 'cr' | 'cq', number>>>;

/**
 * A server with the cache-config API of Attic: the same requests, rights, answers and errors, as its source has them, with
 * tokens verified for real.
 */
export class AtticApi {
  readonly caches = new Map<string, KeptCache>();
  /** Method, cache and rights of every request. */
  readonly requests: string[] = [];

  private readonly options: AtticApiOptions;
  private readonly server: Server;
  private readonly first: number[];

  constructor(options: AtticApiOptions) {
    this.options = options;
    this.first = [...(options.first ?? [])];
    this.server = createServer((request, response) => {
      if (options.silent === true) return;
      this.answer(request).then(
        ([status, body]) => {
          if (status === 0) request.socket.destroy();
          else response.writeHead(status, { 'content-type': 'application/json' }).end(body);
        },
        () => request.socket.destroy(),
      );
    });
  }

  /** Starts it, and says where it is. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async answer(request: IncomingMessage): Promise<[number, string]> {
    const body = await text(request);
    const status = this.first.shift();
    if (status !== undefined) return [status, '{}'];
    const name = /^\/_api\/v1\/cache-config\/([^/]+)$/.exec(request.url ?? '')?.[1];
    if (name === undefined) return failure(404, 'NotFound');
    const cache = decodeURIComponent(name);
    const rights = this.rightsOn(cache, request.headers.authorization);
    this.requests.push(`${request.method} ${cache} ${Object.keys(rights).join(',')}`);
    if (request.method === 'POST') return this.create(cache, rights, JSON.parse(body));
    if (request.method === 'PATCH') return this.configure(cache, rights, JSON.parse(body));
    return this.read(cache, rights);
  }

  /** A bad token is ignored there, so that its bearer is like anybody else. */
  private rightsOn(cache: string, authorization = ''): Rights {
    const [head = '', payload = '', signature] = authorization.replace('Bearer ', '').split('.');
    const signed = createHmac('sha256', this.options.key).update(`${head}.${payload}`);
    if (signed.digest('base64url') !== signature) return {};
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const { issuer, audience } = this.options;
    if (claims.exp * 1000 < Date.now() || claims.iss !== issuer) return {};
    if (audience !== undefined && !claims.aud?.includes(audience)) return {};
    return claims['https://jwt.attic.rs/v1'].caches[cache] ?? {};
  }

  private read(cache: string, rights: Rights): [number, string] {
    const found = this.caches.get(cache);
    const known = Object.keys(rights).length > 0;
    if (found === undefined)
      return known ? failure(404, 'NoSuchCache') : failure(401, 'Unauthorized');
    if (!found.is_public && rights.r !== 1)
      return known ? failure(403, 'AccessError') : failure(401, 'Unauthorized');
    const { pair, ...config } = found;
    const [name = '', payload = ''] = pair.split(':');
    const half = Buffer.from(payload, 'base64').subarray(32).toString('base64');
    const { address } = this.options;
    return ok({
      ...config,
      public_key: `${name}:${half}`,
      api_endpoint: address,
      substituter_endpoint: `${address}${cache}`,
    });
  }

  private create(cache: string, rights: Rights, body: Record<string, never>): [number, string] {
    if (rights.cc !== 1) return failure(401, 'Unauthorized');
    if (this.caches.has(cache)) return failure(400, 'CacheAlreadyExists');
    const { keypair, ...config } = body as unknown as KeptCache & { keypair: { Keypair: string } };
    this.caches.set(cache, { ...config, pair: keypair.Keypair, retention_period: 'Global' });
    return [200, ''];
  }

  private configure(cache: string, rights: Rights, body: Partial<KeptCache>): [number, string] {
    const found = this.caches.get(cache);
    if (found === undefined) return failure(404, 'NoSuchCache');
    if (rights.cr !== 1) return found.is_public ? failure(403, 'AccessError') : failure(401, '');
    if ('retention_period' in body && rights.cq !== 1) return failure(403, 'AccessError');
    if (Object.keys(body).length === 0) {
      return failure(400, 'RequestError', 'General request error: No modifiable fields were set.');
    }
    this.caches.set(cache, { ...found, ...body });
    return [200, ''];
  }
}

async function text(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

function ok(body: unknown): [number, string] {
  return [200, JSON.stringify(body)];
}

function failure(code: number, error: string, message = error): [number, string] {
  return [code, JSON.stringify({ code, error, message })];
}
