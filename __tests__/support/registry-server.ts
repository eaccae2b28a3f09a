import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { serve, type TestServer } from './http-server.ts';

const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';

/** What a registry of a test has, and how it behaves. */
export interface RegistryBehaviour {
  /** Bodies by repository and reference, such as `app:1.0`. Each can be had by its digest too. */
  readonly manifests?: Readonly<Record<string, string>>;
  readonly contentType?: string | undefined;
  /** Asks for a token of that token server, and takes only what it handed out. */
  readonly tokenServer?: TestServer & { readonly tokens: ReadonlySet<string> };
  /** Asks for this pair, as `user:password`. */
  readonly basic?: string;
  /** Says that every manifest has this digest. */
  readonly claims?: string;
  /** Answers the first requests with these instead. */
  readonly faults?: ((request: IncomingMessage, response: ServerResponse) => void)[];
}

/** The digest that a body has. */
export function digestOf(body: string): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`;
}

/** The body of an index, distinct by its text. */
export function indexBody(text: string): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [], text });
}

/** Starts a registry on loopback. */
export function startRegistry(behaviour: RegistryBehaviour): Promise<TestServer> {
  const faults = [...(behaviour.faults ?? [])];
  return serve((request, response) => {
    const fault = faults.shift();
    if (fault !== undefined) return fault(request, response);
    const challenge = challengeFor(behaviour, request);
    if (challenge !== undefined) {
      return void response.writeHead(401, { 'www-authenticate': challenge }).end();
    }
    const body = findManifest(behaviour, request.url ?? '');
    if (body === undefined) return void response.writeHead(404).end('{"errors":[]}');
    response.writeHead(200, {
      'content-type': behaviour.contentType ?? INDEX_TYPE,
      'content-length': Buffer.byteLength(body),
      'docker-content-digest': behaviour.claims ?? digestOf(body),
    });
    return void response.end(request.method === 'HEAD' ? undefined : body);
  });
}

function challengeFor(
  { tokenServer, basic }: RegistryBehaviour,
  { headers, url }: IncomingMessage,
) {
  const { authorization = '' } = headers;
  if (basic !== undefined) {
    const wanted = `Basic ${Buffer.from(basic).toString('base64')}`;
    return authorization === wanted ? undefined : 'Basic realm="registry"';
  }
  if (tokenServer === undefined) return undefined;
  if (tokenServer.tokens.has(authorization.replace('Bearer ', ''))) return undefined;
  const repository = /^\/v2\/(.*)\/manifests\//.exec(url ?? '')?.[1];
  return `Bearer realm="http://${tokenServer.authority}/token",service="test",scope="repository:${repository}:pull"`;
}

function findManifest({ manifests = {} }: RegistryBehaviour, url: string): string | undefined {
  const [, repository, reference] = /^\/v2\/(.*)\/manifests\/(.*)$/.exec(url) ?? [];
  return Object.entries(manifests).find(
    ([name, body]) =>
      name === `${repository}:${reference}` ||
      (name.startsWith(`${repository}:`) && digestOf(body) === reference),
  )?.[1];
}

/** Starts a token server that hands a token to everybody, or to those who say who they are in one of these ways. */
export async function startTokenServer(accepted?: {
  readonly basic?: string;
  readonly refreshToken?: string;
}): Promise<TestServer & { readonly tokens: ReadonlySet<string>; readonly bodies: string[] }> {
  const tokens = new Set<string>();
  const bodies: string[] = [];
  const server = await serve((request, response, body) => {
    bodies.push(body);
    const form = new URLSearchParams(body);
    const isKnown =
      accepted === undefined ||
      (accepted.refreshToken !== undefined &&
        form.get('refresh_token') === accepted.refreshToken) ||
      (accepted.basic !== undefined &&
        request.headers.authorization ===
          `Basic ${Buffer.from(accepted.basic).toString('base64')}`);
    if (!isKnown) return void response.writeHead(401).end('{}');
    const token = `token-${tokens.size + 1}`;
    tokens.add(token);
    const key = request.method === 'POST' ? 'access_token' : 'token';
    return void response.writeHead(200).end(JSON.stringify({ [key]: token }));
  });
  return { ...server, tokens, bodies };
}
