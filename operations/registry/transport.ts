import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { tunnelTo } from './proxy.ts';

/** A request without a body, but for a form. */
export interface Outgoing {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: URLSearchParams | undefined;
}

/** An answer with its whole body. */
export interface Incoming {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** How patient a transport is. */
export interface TransportOptions {
  /** Longest time for one attempt. @default 15000 */
  readonly timeoutMs?: number;
  /** Attempts of a request that fails for a reason that passes. @default 4 */
  readonly attempts?: number;
  /** Longest time to wait between attempts, whatever the server asks for. @default 30000 */
  readonly maxWaitMs?: number;
  /** Largest body. @default 4 MiB, the most that registries take for a manifest */
  readonly maxBytes?: number;
  /** Where proxies are named. @default the environment of the process */
  readonly environment?: NodeJS.ProcessEnv;
}

/** A server that could not be asked, or that answers in a way that says nothing. */
export class Unreachable extends Error {}

const DEFAULTS = {
  timeoutMs: 15_000,
  attempts: 4,
  maxWaitMs: 30_000,
  maxBytes: 4 * 2 ** 20,
  environment: process.env,
};
const FIRST_WAIT_MS = 500;
const MAX_REDIRECTS = 5;
const PASSING = new Set([429, 500, 502, 503, 504]);
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Sends a request and returns the answer to it. */
export type Send = (request: Outgoing) => Promise<Incoming>;

/**
 * Makes a sender that retries what passes, follows redirects, and hands credentials to no other host.
 *
 * 429 and 5xx are retried after `Retry-After`, or after a wait that doubles. An answer that breaks off or is too slow is
 * retried as well. The last answer counts.
 */
export function transport(options: TransportOptions = {}): Send {
  const limits = { ...DEFAULTS, ...options };
  return (request) => follow(request, (next) => persist(next, limits), MAX_REDIRECTS);
}

async function follow(request: Outgoing, send: Send, redirects: number): Promise<Incoming> {
  const answer = await send(request);
  const { location } = answer.headers;
  // A form holds a token, and a redirect may lead anywhere.
  const mayLead = REDIRECTS.has(answer.status) && request.method !== 'POST';
  if (!mayLead || location === undefined) return answer;
  if (redirects === 0) throw new Unreachable('redirects without end');
  const target = URL.canParse(location, request.url.href)
    ? new URL(location, request.url)
    : undefined;
  if (target === undefined || !['http:', 'https:'].includes(target.protocol)) {
    throw new Unreachable('redirects to what is no address');
  }
  if (request.url.protocol === 'https:' && target.protocol === 'http:') {
    throw new Unreachable('redirects to an address without encryption');
  }
  const headers = target.origin === request.url.origin ? request.headers : undefined;
  return follow(
    { ...request, url: target, headers: withoutSecrets(request, headers) },
    send,
    redirects - 1,
  );
}

/** The headers that may go to the host that a redirect names. */
function withoutSecrets(
  request: Outgoing,
  headers: Outgoing['headers'],
): Readonly<Record<string, string>> {
  if (headers !== undefined) return headers;
  const { authorization: _, ...rest } = request.headers ?? {};
  return rest;
}

type Limits = Required<TransportOptions>;

async function persist(request: Outgoing, limits: Limits): Promise<Incoming> {
  for (let attempt = 1; ; attempt += 1) {
    const isLast = attempt >= limits.attempts;
    const outcome = await attemptOnce(request, limits);
    const passes = outcome instanceof Unreachable || PASSING.has(outcome.status);
    if (!passes || isLast) {
      if (outcome instanceof Unreachable) throw outcome;
      return outcome;
    }
    const wait = waitBefore(attempt, outcome);
    if (wait > limits.maxWaitMs) {
      throw new Unreachable(`asks to be left alone for ${Math.ceil(wait / 1000)} s`);
    }
    await sleep(wait);
  }
}

function waitBefore(attempt: number, outcome: Incoming | Unreachable): number {
  const asked = outcome instanceof Unreachable ? undefined : outcome.headers['retry-after'];
  const seconds = asked === undefined ? Number.NaN : Number(asked);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = asked === undefined ? Number.NaN : Date.parse(asked);
  if (Number.isFinite(date)) return Math.max(0, date - Date.now());
  return FIRST_WAIT_MS * 2 ** (attempt - 1);
}

async function attemptOnce(request: Outgoing, limits: Limits): Promise<Incoming | Unreachable> {
  try {
    return await exchange(request, limits);
  } catch (error) {
    if (error instanceof Unreachable) return error;
    const { code, message } = error as NodeJS.ErrnoException;
    return new Unreachable(`cannot be reached: ${code ?? message}`);
  }
}

async function exchange(request: Outgoing, limits: Limits): Promise<Incoming> {
  const signal = AbortSignal.timeout(limits.timeoutMs);
  try {
    const body = request.form === undefined ? undefined : Buffer.from(String(request.form));
    const headers = {
      'user-agent': 'flywheel',
      ...request.headers,
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }),
    };
    const route = await tunnelTo(request.url, limits.environment, signal);
    const isHttps = request.url.protocol === 'https:';
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = {
        method: request.method,
        ...route,
        signal,
        headers: { ...headers, ...route.headers },
      };
      const sent = isHttps ? requestHttps(request.url, options) : requestHttp(request.url, options);
      sent.on('response', resolve).on('error', reject).end(body);
    });
    return {
      status: answer.statusCode ?? 0,
      headers: answer.headers,
      body: await readBody(answer, limits.maxBytes),
    };
  } catch (error) {
    throw signal.aborted
      ? new Unreachable(`does not answer within ${limits.timeoutMs / 1000} s`)
      : error;
  }
}

async function readBody(answer: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) {
        answer.destroy();
        throw new Unreachable(`answers with more than ${maxBytes} bytes`);
      }
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Unreachable) throw error;
    throw new Unreachable('breaks off in the middle of its answer');
  }
  return Buffer.concat(chunks);
}
