import { type Agent, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { StoreTrouble, troubleOf } from '../store/store-trouble.ts';

/** How long nothing may arrive, in milliseconds, before a server counts as silent. */
const IDLE_MS = 30_000;

/** A question to a server over HTTP, without a body. */
export interface Question {
  readonly method: 'GET' | 'HEAD';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly agent: Agent;
  /** @default 30000 */
  readonly idleMs?: number | undefined;
}

/** An answer whose body is still to come, at whatever length. */
export interface StreamedAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** Throws a StoreTrouble where it breaks off. Whoever stops reading closes the connection. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Bytes of the body so far. */
  readonly arrived: () => number;
}

/**
 * Asks once. Time is limited only while nothing arrives, since an object may have several GB.
 *
 * @throws StoreTrouble when no answer begins
 */
export async function ask(question: Question): Promise<StreamedAnswer> {
  const { method, url, headers, agent, idleMs = IDLE_MS } = question;
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = send(url, { method, headers: { ...headers }, agent });
    const timer = setTimeout(() => outgoing.destroy(silence(idleMs)), idleMs);
    outgoing.once('response', (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
    // A connection may break after its answer began: the body says so then.
    outgoing.on('error', (error) => {
      clearTimeout(timer);
      reject(troubleOf(error));
    });
    outgoing.end();
  });
  let arrived = 0;
  const body = arriving(incoming, idleMs, (bytes) => {
    arrived += bytes;
  });
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    body,
    arrived: () => arrived,
  };
}

/** The beginning of a body that says why there is no other, in one line. */
export async function wordsOf({ body }: Pick<StreamedAnswer, 'body'>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    parts.push(part);
    size += part.length;
    if (size > 4096) break;
  }
  return Buffer.concat(parts);
}

/** Node ends a body that is shorter than its head said with an error. */
async function* arriving(
  incoming: IncomingMessage,
  idleMs: number,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const parts = incoming[Symbol.asyncIterator]();
  try {
    for (;;) {
      const timer = setTimeout(() => incoming.destroy(silence(idleMs)), idleMs);
      const part = await parts.next().finally(() => clearTimeout(timer));
      if (part.done === true) return;
      count(part.value.length);
      yield part.value;
    }
  } catch (error) {
    // What has arrived and was not taken yet is lost with the connection, and has arrived.
    count(incoming.readableLength);
    throw error instanceof Error ? troubleOf(error) : error;
  } finally {
    incoming.destroy();
  }
}

function silence(idleMs: number): StoreTrouble {
  return new StoreTrouble('timeout', `nothing arrived for ${idleMs / 1000} s`);
}
