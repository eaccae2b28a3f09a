import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../../console/failure.ts';
import { listen } from '../../operations/rehearsal/ports.ts';
import { sha256, signatureFault } from '../store/signature.ts';
import type { StoreKeys } from '../store/store-access.ts';
import type { StoreRequest } from '../store/store-client.ts';
import { deliver } from './deliver.ts';
import type { Reply, Replying } from './reply.ts';
import { type ErrorCode, errorAnswer } from './s3-answer.ts';

const ADDRESS = '127.0.0.1';
const ANY_PORT = 0;
const HASH = /^[0-9a-f]{64}$/;
const METHODS = ['DELETE', 'GET', 'HEAD', 'POST', 'PUT'] as const;

/** What is served, and to whom. */
export interface ServeOptions {
  readonly store: Replying;
  /** The only identity that is let in. */
  readonly keys: StoreKeys;
  readonly region: string;
  /** @default - a free one */
  readonly port?: number;
  /** How much later than it could be every answer is sent, in milliseconds. @default 0 */
  readonly latencyMs?: number;
  /** Is told of every request that was let in, before it is answered. */
  readonly observe?: (request: StoreRequest) => void;
}

/** A store that answers on this machine, to nobody else. */
export interface ServedStore {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  /** Ends it, and every connection to it. */
  stop(): Promise<void>;
}

/**
 * Lets a store answer over HTTP as S3 does, to one identity whose signature is checked, with the bucket in the path.
 *
 * @throws Failure when the port cannot be had
 */
export async function serveStore(options: ServeOptions): Promise<ServedStore> {
  const door = new Door(options);
  await door.open();
  return door;
}

class Door implements ServedStore {
  private readonly options: ServeOptions;
  private readonly server: Server & { closeAllConnections(): void };
  private port = 0;
  private stopped = false;
  private readonly deaf = new AbortController();

  constructor(options: ServeOptions) {
    this.options = options;
    this.server = createServer((incoming, response) => {
      this.serve(incoming, response).catch((error) => response.destroy(error));
    });
  }

  get endpoint(): string {
    return `http://${ADDRESS}:${this.port}`;
  }

  async open(): Promise<void> {
    const { port = ANY_PORT } = this.options;
    const code = await listen(this.server, ADDRESS, port);
    if (code !== undefined) {
      throw new Failure(`cannot listen on port ${port} of ${ADDRESS}: ${code}`);
    }
    this.port = (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.deaf.abort();
    this.server.closeAllConnections();
    if (!this.server.listening) return;
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { latencyMs = 0, store } = this.options;
    const body = await bodyOf(incoming);
    if (latencyMs > 0) await pause(latencyMs);
    const request = requestOf(incoming, body);
    const fault = await this.faultOf(incoming, request);
    const reply = fault === undefined ? await this.admit(request, store) : fault;
    if (this.stopped) return;
    await deliver({ response, socket: incoming.socket, reply, deafen: (ms) => this.deafen(ms) });
  }

  private admit(request: StoreRequest, store: Replying): Promise<Reply> {
    this.options.observe?.(request);
    return store.reply(request);
  }

  /** The answer to a request that is not let in. */
  private async faultOf(
    incoming: IncomingMessage,
    request: StoreRequest,
  ): Promise<Reply | undefined> {
    const { keys, region } = this.options;
    const { method, query = {}, headers = {}, body = Buffer.alloc(0) } = request;
    if (!METHODS.some((known) => known === incoming.method)) {
      return errorAnswer(request, 'MethodNotAllowed');
    }
    const path = pathOf(incoming);
    const origin = `http://${headers.host}`;
    const fault = await signatureFault({ method, origin, path, query, headers }, { keys, region });
    if (fault !== undefined) return errorAnswer(request, fault);
    const refusal = hashRefusal(headers['x-amz-content-sha256'] ?? '', body);
    return refusal === undefined ? undefined : errorAnswer(request, refusal.code, refusal.message);
  }

  /** Nobody listens for a while, and whoever is connected is no longer. */
  private deafen(ms: number): void {
    if (!this.server.listening) return;
    this.server.close();
    this.server.closeAllConnections();
    pause(ms, undefined, { signal: this.deaf.signal, ref: false })
      .then(() => listen(this.server, ADDRESS, this.port))
      .catch(() => {});
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part);
  return Buffer.concat(parts);
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?')[0] ?? '/';
}

function requestOf(incoming: IncomingMessage, body: Buffer): StoreRequest {
  const method = METHODS.find((known) => known === incoming.method) ?? 'POST';
  const [bucket = '', ...key] = pathOf(incoming).slice(1).split('/').map(decoded);
  const query = new URLSearchParams((incoming.url ?? '').split('?').slice(1).join('?'));
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
  return {
    method,
    bucket,
    ...(key.join('/') === '' ? {} : { key: key.join('/') }),
    query: Object.fromEntries(query),
    headers: Object.fromEntries(headers),
    body,
  };
}

/** What cannot be decoded is named as it stands, and is nothing that is there. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Only what was signed whole is taken: neither an unsigned body nor one that is signed piece by piece. */
function hashRefusal(
  given: string,
  body: Uint8Array,
): { readonly code: ErrorCode; readonly message?: string } | undefined {
  if (!HASH.test(given)) {
    const message = `The body must be sent in one piece with its hash signed, not as ${given}.`;
    return { code: 'NotImplemented', message };
  }
  return given === sha256(body) ? undefined : { code: 'XAmzContentSHA256Mismatch' };
}
