import { createHash } from 'node:crypto';
import { isLoopback } from '../../values/endpoint.ts';
import type { Image } from '../../values/image.ts';
import { parseChallenge } from './challenge.ts';
import type { CredentialStore, Credentials } from './credentials.ts';
import { type Incoming, type Send, Unreachable } from './transport.ts';

/** Whether a digest names an image for every platform, or for one. */
export type ManifestKind = 'index' | 'platform';

/** What a registry has under a tag or digest. */
export interface Manifest {
  readonly digest: string;
  readonly kind: ManifestKind;
}

const INDEX_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const PLATFORM_TYPES = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
const ACCEPT = [...INDEX_TYPES, ...PLATFORM_TYPES].join(', ');
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Docker Hub answers under another name than the one that images bear. */
const API_HOSTS: Readonly<Record<string, string>> = { 'docker.io': 'registry-1.docker.io' };

/**
 * A client of the registry API, as far as tags and digests go.
 *
 * Every digest it returns from a body is the hash of that body, never only what the registry says it is.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
export class Registry {
  private readonly send: Send;
  private readonly credentials: CredentialStore;
  /** What to send as `Authorization`, by repository. */
  private readonly granted = new Map<string, string>();

  constructor(send: Send, credentials: CredentialStore) {
    this.send = send;
    this.credentials = credentials;
  }

  /**
   * What the registry has under the image's tag, or undefined when it has no such tag.
   *
   * Where the registry says that the tag still has the image's digest, that is believed: asking for headers alone does not
   * count against the limits of a registry. Anything else is fetched and hashed.
   *
   * @throws Unreachable when the registry cannot be asked, refuses, or contradicts itself
   */
  async manifestOf(image: Image): Promise<Manifest | undefined> {
    const headers = await this.ask('HEAD', image, image.tag);
    const told = headers.status === 200 ? describe(headers) : undefined;
    if (told !== undefined && told.digest === image.digest) return told;
    return this.fetchManifest(image, image.tag);
  }

  /** True when the registry still has what the digest names. */
  async has(image: Image, digest: string): Promise<boolean> {
    const { status } = await this.ask('HEAD', image, digest);
    if (status !== 200 && status !== 404) throw refusal(image, status);
    return status === 200;
  }

  private async fetchManifest(image: Image, reference: string): Promise<Manifest | undefined> {
    const answer = await this.ask('GET', image, reference);
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw refusal(image, answer.status);
    const digest = `sha256:${createHash('sha256').update(answer.body).digest('hex')}`;
    const claimed = answer.headers['docker-content-digest'];
    if (claimed !== undefined && claimed !== digest) {
      throw new Unreachable('sends content that is not what it says it is');
    }
    const kind = kindOf(answer);
    if (kind === undefined) throw new Unreachable('answers with what is no manifest');
    return { digest, kind };
  }

  private async ask(method: 'GET' | 'HEAD', image: Image, reference: string): Promise<Incoming> {
    const url = new URL(`${apiOf(image)}/v2/${image.repository}/manifests/${reference}`);
    const send = (authorization: string | undefined) =>
      this.send({
        method,
        url,
        headers: { accept: ACCEPT, ...(authorization === undefined ? {} : { authorization }) },
      });
    const answer = await send(this.granted.get(image.name));
    if (answer.status !== 401) return answer;
    const authorization = await this.authorize(image, answer);
    if (authorization === undefined) return answer;
    this.granted.set(image.name, authorization);
    return send(authorization);
  }

  private async authorize(image: Image, { headers }: Incoming): Promise<string | undefined> {
    const challenge = parseChallenge(headers['www-authenticate']);
    const credentials = await this.credentials(image.registry);
    if (challenge === undefined) return undefined;
    if (challenge.scheme === 'basic') return basic(credentials);
    const realm = URL.canParse(challenge.realm) ? new URL(challenge.realm) : undefined;
    if (realm === undefined || !isSafe(realm)) {
      throw new Unreachable('sends to a token server without encryption');
    }
    const scope = challenge.scope ?? `repository:${image.repository}:pull`;
    const token = await this.fetchToken(realm, challenge.service, scope, credentials);
    return `Bearer ${token}`;
  }

  private async fetchToken(
    realm: URL,
    service: string | undefined,
    scope: string,
    credentials: Credentials | undefined,
  ): Promise<string> {
    const parameters = new URLSearchParams({
      ...(service === undefined ? {} : { service }),
      scope,
    });
    const answer =
      credentials?.kind === 'identity-token'
        ? await this.send({
            method: 'POST',
            url: realm,
            form: exchangeForm(parameters, credentials.token),
          })
        : await this.send({ method: 'GET', ...withQuery(realm, parameters, basic(credentials)) });
    const token = answer.status === 200 ? readToken(answer.body) : undefined;
    if (token === undefined) {
      throw new Unreachable(`refuses a token: its token server answers ${answer.status}`);
    }
    return token;
  }
}

function apiOf({ registry }: Image): string {
  const host = API_HOSTS[registry] ?? registry;
  const isLocal = isLoopback(host.replace(/:\d+$/, ''));
  return `${isLocal ? 'http' : 'https'}://${host}`;
}

function isSafe({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

function basic(credentials: Credentials | undefined): string | undefined {
  if (credentials?.kind !== 'password') return undefined;
  const { username, password } = credentials;
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function withQuery(realm: URL, parameters: URLSearchParams, authorization: string | undefined) {
  const url = new URL(realm);
  for (const [name, value] of parameters) url.searchParams.append(name, value);
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  return { url, headers };
}

function exchangeForm(parameters: URLSearchParams, identityToken: string): URLSearchParams {
  const form = new URLSearchParams(parameters);
  form.set('grant_type', 'refresh_token');
  form.set('client_id', 'flywheel');
  form.set('refresh_token', identityToken);
  return form;
}

function readToken(body: Buffer): string | undefined {
  try {
    const { token, access_token: accessToken } = JSON.parse(body.toString('utf8'));
    const found = token ?? accessToken;
    return typeof found === 'string' && found !== '' ? found : undefined;
  } catch {
    return undefined;
  }
}

/** What the headers alone say. */
function describe(answer: Incoming): Manifest | undefined {
  const digest = answer.headers['docker-content-digest'];
  const kind = kindOf(answer);
  return typeof digest === 'string' && DIGEST.test(digest) && kind !== undefined
    ? { digest, kind }
    : undefined;
}

function kindOf({ headers, body }: Incoming): ManifestKind | undefined {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
  if (INDEX_TYPES.includes(type)) return 'index';
  if (PLATFORM_TYPES.includes(type)) return 'platform';
  return body.length === 0 ? undefined : kindOfBody(body);
}

/** Some registries say no more than that it is JSON; the manifest says itself what it is. */
function kindOfBody(body: Buffer): ManifestKind | undefined {
  try {
    const { mediaType, manifests, layers } = JSON.parse(body.toString('utf8'));
    if (INDEX_TYPES.includes(mediaType) || Array.isArray(manifests)) return 'index';
    return PLATFORM_TYPES.includes(mediaType) || Array.isArray(layers) ? 'platform' : undefined;
  } catch {
    return undefined;
  }
}

function refusal({ registry }: Image, status: number): Unreachable {
  if (status === 401 || status === 403) {
    return new Unreachable(`refuses access; if the image is private: docker login ${registry}`);
  }
  if (status === 429) return new Unreachable('limits requests; try again later');
  return new Unreachable(`answers ${status}`);
}
