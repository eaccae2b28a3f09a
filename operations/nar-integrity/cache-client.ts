import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { tunnelTo } from '../registry/proxy.ts';
import { silence, Trouble, troubleOf } from './trouble.ts';

/** How a cache is asked. */
export interface CacheAccess {
  /** The server, without the cache. */
  readonly endpoint: URL;
  readonly cache: string;
  /** Sent to the origin of the endpoint, and to no other. */
  readonly token?: string | undefined;
  /** Where proxies are named. */
  readonly environment: NodeJS.ProcessEnv;
  /** Longest time without a byte. @default 30000 */
  readonly idleMs?: number | undefined;
}

/** The beginning of an answer; its body is still to be read. */
export interface Answer {
  readonly status: number;
  /** What has answered in the end, after redirects. It has no query, which may be a signature. */
  readonly from: string;
  /** What has answered is the server of the cache, and not an object store that it names. */
  readonly isCacheServer: boolean;
  readonly body: IncomingMessage;
}

const IDLE_MS = 30_000;
const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const REDIRECT_FIX = 'look at what Attic and the entry before it are told of their own addresses';

/** Asks one cache of a server, follows redirects, and hands the token to no other server. */
export class CacheClient {
  readonly idleMs: number;
  private readonly access: CacheAccess;

  constructor(access: CacheAccess) {
    this.access = access;
    this.idleMs = access.idleMs ?? IDLE_MS;
  }

  /** The address that a narinfo means by its `URL`, as Nix puts it together. */
  addressOf(url: string): URL {
    if (/^https?:/i.test(url)) return new URL(url);
    const { endpoint, cache } = this.access;
    return new URL(`${withoutSlash(endpoint.href)}/${cache}/${url}`);
  }

  /**
   * Asks for something of the cache.
   *
   * @throws Trouble when there is no answer, or one that leads nowhere
   */
  async open(url: string): Promise<Answer> {
    let at = this.addressOf(url);
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const answer = await this.send(at);
      const status = answer.statusCode ?? 0;
      const { location } = answer.headers;
      if (!REDIRECTS.has(status) || location === undefined) {
        const isCacheServer = at.origin === this.access.endpoint.origin;
        return { status, from: shownAddress(at), isCacheServer, body: answer };
      }
      answer.destroy();
      at = redirectTarget(at, location);
    }
    throw new Trouble('redirects without end', REDIRECT_FIX);
  }

  /** The same, with the body as text: the beginning of it, where it is longer than `maxBytes`. */
  async text(url: string, maxBytes: number): Promise<{ status: number; text: string }> {
    const { status, body } = await this.open(url);
    return { status, text: await readText(body, maxBytes, this.idleMs) };
  }

  private async send(url: URL): Promise<IncomingMessage> {
    const { endpoint, token, environment } = this.access;
    const isOwn = url.origin === endpoint.origin;
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), this.idleMs);
    try {
      const route = await tunnelTo(url, environment, stop.signal);
      const headers = {
        'user-agent': 'flywheel',
        ...(isOwn && token !== undefined ? { authorization: `Bearer ${token}` } : {}),
        ...route.headers,
      };
      const send = url.protocol === 'https:' ? requestHttps : requestHttp;
      return await new Promise<IncomingMessage>((resolve, reject) => {
        send(url, { ...route, headers, signal: stop.signal })
          .on('response', resolve)
          .on('error', reject)
          .end();
      });
    } catch (error) {
      const trouble = stop.signal.aborted ? silence(this.idleMs) : troubleOf(error);
      throw isOwn
        ? trouble
        : new Trouble(`leads to ${shownAddress(url)}, which ${trouble.message}`, trouble.fix);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Reads the beginning of a body as text. */
export async function readText(
  body: IncomingMessage,
  maxBytes: number,
  idleMs: number,
): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  const timer = setTimeout(() => body.destroy(silence(idleMs)), idleMs);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      timer.refresh();
      chunks.push(chunk);
      size += chunk.length;
      if (size >= maxBytes) break;
    }
  } catch (error) {
    if (error instanceof Trouble) throw error;
    throw new Trouble('breaks off in the middle of its answer', 'try again; then look at its log');
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks).subarray(0, maxBytes).toString();
}

/** An address as it may be shown: without a query, which may be a signature, and without a password. */
function shownAddress({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

/**
 * Where a redirect leads.
 *
 * @throws Trouble when that is no address, or one without encryption after one with it
 */
export function redirectTarget(at: URL, location: string): URL {
  const target = URL.canParse(location, at.href) ? new URL(location, at) : undefined;
  if (target === undefined || !/^https?:$/.test(target.protocol))
    throw new Trouble('redirects to what is no address', REDIRECT_FIX);
  if (at.protocol === 'https:' && target.protocol === 'http:')
    throw new Trouble('redirects to an address without encryption', REDIRECT_FIX);
  return target;
}

function withoutSlash(address: string): string {
  return address.replace(/\/+$/, '');
}
