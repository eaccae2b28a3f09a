import { type Agent, type IncomingMessage, request as requestHttp } from 'node:http';
import { type RequestOptions, request as requestHttps } from 'node:https';
import { asObjects, asText, at, isObject, type JsonObject } from '../../policy/model/json.ts';
import type { ClusterClient, SeenObject } from './cluster-client.ts';
import { ClusterTrouble, connectionTrouble } from './cluster-trouble.ts';
import type { KubeAccess } from './kube-access.ts';

/** How patient a client is. */
export interface ClientOptions {
  /** Longest time for one request. @default 10000 */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 32 * 2 ** 20;
const CONNECTIONS = 8;
const JSON_TYPE = 'application/json';
const MERGE_PATCH = 'application/merge-patch+json';
/** JSON is YAML. */
const APPLY_PATCH = 'application/apply-patch+yaml';
const DRY_APPLY = 'dryRun=All&force=true&fieldManager=flywheel';

/** The status of an object that is not there, or of a kind that the server does not know. */
const NOT_FOUND = 404;

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** A client that asks the API server over HTTPS, as the person or account of the kubeconfig. */
export class HttpsClient implements ClusterClient {
  readonly server: string;
  private readonly access: KubeAccess;
  private readonly timeoutMs: number;
  private prepared: Promise<RequestOptions> | undefined;

  constructor(access: KubeAccess, { timeoutMs = TIMEOUT_MS }: ClientOptions = {}) {
    this.server = access.server;
    this.access = access;
    this.timeoutMs = timeoutMs;
  }

  async get(path: string): Promise<JsonObject | undefined> {
    const { status, body } = await this.ask('GET', path);
    return status === NOT_FOUND ? undefined : this.good(path, { status, body });
  }

  async create(path: string, body: JsonObject): Promise<JsonObject> {
    return this.good(path, await this.ask('POST', path, JSON_TYPE, body));
  }

  async change(path: string, body: JsonObject): Promise<JsonObject> {
    return this.good(path, await this.ask('PATCH', path, MERGE_PATCH, body));
  }

  async wouldApply(path: string, body: JsonObject): Promise<JsonObject> {
    return this.good(path, await this.ask('PATCH', `${path}?${DRY_APPLY}`, APPLY_PATCH, body));
  }

  async remove(path: string, seen: SeenObject): Promise<void> {
    const options = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { ...seen } };
    this.good(path, await this.ask('DELETE', path, JSON_TYPE, options));
  }

  /** Credentials are found once: a helper program of the kubeconfig may take a second each time. */
  private credentials(): Promise<RequestOptions> {
    this.prepared ??= (async () => {
      const options: RequestOptions = { headers: {} };
      try {
        await this.access.config.applyToHTTPSOptions(options);
      } catch (error) {
        const because = error instanceof Error ? error.message.split('\n')[0] : 'it fails';
        throw new ClusterTrouble(
          'unauthorized',
          `${this.access.source} gives no credentials: ${because}`,
        );
      }
      keepConnections(options.agent);
      return options;
    })();
    return this.prepared;
  }

  private async ask(
    method: string,
    path: string,
    type?: string,
    content?: JsonObject,
  ): Promise<Answer> {
    const credentials = await this.credentials();
    const signal = AbortSignal.timeout(this.timeoutMs);
    const body = content === undefined ? undefined : JSON.stringify(content);
    const options: RequestOptions = {
      ...credentials,
      method,
      signal,
      headers: {
        ...credentials.headers,
        accept: JSON_TYPE,
        'user-agent': 'flywheel',
        ...(body === undefined
          ? {}
          : { 'content-type': type, 'content-length': Buffer.byteLength(body) }),
      },
    };
    try {
      const answer = await send(new URL(this.server.replace(/\/$/, '') + path), options, body);
      return { status: answer.statusCode ?? 0, body: await readJson(answer) };
    } catch (error) {
      if (error instanceof ClusterTrouble) throw error;
      if (!signal.aborted) throw connectionTrouble(this.server, error);
      throw new ClusterTrouble(
        'unreachable',
        `${this.server} does not answer within ${this.timeoutMs / 1000} s`,
      );
    }
  }

  private good(path: string, { status, body }: Answer): JsonObject {
    if (status >= 200 && status < 300) {
      if (isObject(body)) return body;
      throw new ClusterTrouble(
        'unreachable',
        `${this.server} answers with something that is no Kubernetes API`,
      );
    }
    throw refusal(this.server, path, { status, body });
  }
}

/** The library makes an agent without; a hundred questions would shake hands a hundred times. */
function keepConnections(agent: RequestOptions['agent']): void {
  if (typeof agent !== 'object') return;
  const shared: Agent & Sharing = agent as Agent & Sharing;
  shared.keepAlive = true;
  shared.options.keepAlive = true;
  shared.maxSockets = CONNECTIONS;
}

/** What an agent has and its types leave out. */
interface Sharing {
  keepAlive: boolean;
  readonly options: { keepAlive?: boolean };
}

function send(url: URL, options: RequestOptions, body: string | undefined) {
  return new Promise<IncomingMessage>((resolve, reject) => {
    const request = url.protocol === 'https:' ? requestHttps : requestHttp;
    request(url, options).on('response', resolve).on('error', reject).end(body);
  });
}

async function readJson(answer: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error(`its answer is larger than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** What a refusal means. Of requests on Secrets only the names of fields are repeated, since the rest may quote a value. */
function refusal(server: string, path: string, { status, body }: Answer): ClusterTrouble {
  const reason = asText(at(body, 'reason')) ?? `status ${status}`;
  const said = /\/secrets(\/|$)/.test(path) ? fieldsOf(body) : (asText(at(body, 'message')) ?? '');
  const sentence = said === '' ? `${path}: ${reason}` : `${path}: ${said}`;
  if (status === 401) {
    return new ClusterTrouble(
      'unauthorized',
      `${server} does not know who asks (401): the credentials of the kubeconfig have expired or belong to another cluster`,
    );
  }
  if (status === 403) return new ClusterTrouble('forbidden', `${sentence} (403)`);
  if (status === 409) return new ClusterTrouble('conflict', `${sentence} (409)`);
  return new ClusterTrouble(
    status >= 500 || !isObject(body) ? 'unreachable' : 'refused',
    `${server} answers ${status} for ${sentence}`,
  );
}

function fieldsOf(body: unknown): string {
  const fields = asObjects(at(body, 'details', 'causes')).flatMap(
    ({ field }) => asText(field) ?? [],
  );
  const reason = asText(at(body, 'reason')) ?? '';
  return fields.length === 0 ? reason : `${reason} (${fields.join(', ')})`;
}
