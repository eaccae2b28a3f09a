import { type Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { signedHeaders } from './signature.ts';
import type { StoreAccess } from './store-access.ts';
import { escaped, storeAddress, storeAgent } from './store-address.ts';
import { StoreTrouble, troubleOf } from './store-trouble.ts';

const DEADLINE_MS = 30_000;
/** A state of 100 MB is read; what is far beyond is no state. */
const BODY_BYTES = 256 * 1024 * 1024;

/** A request to a store. */
export interface StoreRequest {
  readonly method: 'DELETE' | 'GET' | 'HEAD' | 'POST' | 'PUT';
  /** @default - the bucket of the state; an empty one asks the store itself */
  readonly bucket?: string;
  /** Not encoded. @default - the bucket itself */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** How long the whole answer may take, in milliseconds. @default 30000 */
  readonly deadlineMs?: number;
}

/** A whole answer: its body was read to the end, and is as long as its head said. */
export interface StoreAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Something that answers like a store: one over the wire, or one in the same process. */
export interface Store {
  /**
   * Sends one request, once: nothing is tried again.
   *
   * @throws StoreTrouble when no whole answer came
   */
  send(request: StoreRequest): Promise<StoreAnswer>;
}

/** A store over the wire, as one identity. */
export class StoreClient implements Store {
  /** How many requests were sent. */
  sent = 0;
  private readonly access: StoreAccess;
  private readonly agent: Agent;

  constructor(access: StoreAccess) {
    this.access = access;
    this.agent = storeAgent(access);
  }

  async send(request: StoreRequest): Promise<StoreAnswer> {
    const { method, query = {}, body = Buffer.alloc(0) } = request;
    const { origin, path } = storeAddress(this.access, request);
    const { keys, region } = this.access;
    const sentHeaders = { ...request.headers, ...lengthOf(method, body) };
    const headers = await signedHeaders(
      { method, origin, path, query, headers: sentHeaders },
      body,
      {
        keys,
        region,
      },
    );
    const url = new URL(`${origin}${path}${queryText(query)}`);
    this.sent += 1;
    return await this.exchange(url, { ...request, headers, body });
  }

  /** Gives the connections back. */
  close(): void {
    this.agent.destroy();
  }

  private exchange(url: URL, request: StoreRequest): Promise<StoreAnswer> {
    const { method, headers, body = Buffer.alloc(0), deadlineMs = DEADLINE_MS } = request;
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const outgoing = send(url, { method, headers: { ...headers }, agent: this.agent });
      const deadline = setTimeout(() => {
        outgoing.destroy(new StoreTrouble('timeout', `no whole answer within ${deadlineMs} ms`));
      }, deadlineMs);
      const fail = (error: Error) => {
        clearTimeout(deadline);
        reject(troubleOf(error));
      };
      outgoing.once('error', fail);
      outgoing.once('response', (incoming) => {
        wholeOf(incoming).then((answer) => {
          clearTimeout(deadline);
          resolve(answer);
        }, fail);
      });
      outgoing.end(body);
    });
  }
}

/** Node ends a body that is shorter than its head said with an error, and so does this with one that is too long. */
async function wholeOf(incoming: IncomingMessage): Promise<StoreAnswer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of incoming) {
    size += part.length;
    if (size > BODY_BYTES) {
      incoming.destroy();
      throw new StoreTrouble('too-large', `the answer has more than ${BODY_BYTES} bytes`);
    }
    parts.push(part);
  }
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
  );
  return { status: incoming.statusCode ?? 0, headers, body: Buffer.concat(parts) };
}

function lengthOf(method: string, body: Uint8Array): Record<string, string> {
  return method === 'PUT' || method === 'POST' ? { 'content-length': String(body.length) } : {};
}

function queryText(query: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(query).map(([name, value]) => `${escaped(name)}=${escaped(value)}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}
