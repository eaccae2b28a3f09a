import { readFileSync } from 'node:fs';
import { closest } from 'fastest-levenshtein';
import type { Settings } from '../../config/settings.ts';
import { isClusterName, isLoopback } from '../../values/endpoint.ts';
import { show } from '../../values/invalid-value.ts';
import { declaredEndpoint } from '../settings/declared-endpoint.ts';
import { endpointFault, originOf } from '../settings/endpoint-rule.ts';
import { givenIn } from '../settings/variables.ts';
import type { StoreAccess } from '../store/store-access.ts';
import { knownVariables, type Said, setVariables, variable } from './variables.ts';

const AWS = /\.amazonaws\.com(\.cn)?$/;
/** For a store that has no regions any word will do. */
const NO_REGION = 'us-east-1';
const CERTIFICATE = /-----BEGIN CERTIFICATE-----/;

/** The bucket of the cache, and as whom it is read. */
export interface BucketAccess extends StoreAccess {
  /** What stands before `cas.v2/` in every key. */
  readonly prefix: string;
}

/** How the bucket is reached, or problems for people, which end nothing by themselves. */
export type FoundBucket =
  | { readonly found: 'bucket'; readonly access: BucketAccess }
  | { readonly found: 'none' }
  | { readonly found: 'problems'; readonly problems: readonly string[] };

/**
 * The bucket as the settings name it, by the identity in `BAZEL_CACHE_S3_*`. Without any of these variables nobody has asked
 * for the bucket to be looked into.
 */
export function bucketAccess(settings: Settings, environment: NodeJS.ProcessEnv): FoundBucket {
  const names = setVariables(environment);
  if (names.length === 0) return { found: 'none' };
  const said = (what: Said) => givenIn(variable(what), environment);
  const endpoint = endpointIn(settings, said);
  const authorities = authoritiesIn(said);
  const problems = [
    ...strangers(names),
    ...missingKeys(said),
    ...endpoint.problems,
    ...authorities.problems,
  ];
  if (problems.length > 0) return { found: 'problems', problems };
  const sessionToken = said('SESSION_TOKEN');
  return {
    found: 'bucket',
    access: {
      endpoint: endpoint.origin,
      bucket: settings.objectStore.buckets.bazel,
      region: regionOf(settings),
      pathStyle: !AWS.test(new URL(endpoint.origin).hostname),
      keys: {
        accessKeyId: said('ACCESS_KEY_ID') ?? '',
        secretAccessKey: said('SECRET_ACCESS_KEY') ?? '',
        ...(sessionToken === undefined ? {} : { sessionToken }),
      },
      ...(authorities.pem === undefined ? {} : { authorities: authorities.pem }),
      prefix: prefixIn(said),
    },
  };
}

/** How to name the bucket's identity, for who has given none. */
export function howToNameBucket(): string {
  const names = (['ENDPOINT', 'ACCESS_KEY_ID', 'SECRET_ACCESS_KEY'] as const).map(variable);
  return `set ${names.join(', ')} to an identity that may list and read the bucket`;
}

type SaidIn = (what: Said) => string | undefined;

function strangers(names: readonly string[]): string[] {
  return names
    .filter((name) => !knownVariables().includes(name))
    .map((name) => `${name} means nothing\n    did you mean ${closest(name, knownVariables())}?`);
}

function missingKeys(said: SaidIn): string[] {
  return (['ACCESS_KEY_ID', 'SECRET_ACCESS_KEY', 'SESSION_TOKEN'] as const).flatMap((key) => {
    const value = said(key);
    if (value === undefined) {
      return key === 'SESSION_TOKEN' ? [] : [`${variable(key)} is missing\n    set it`];
    }
    return /\s/.test(value) ? [`${variable(key)} must hold no blank and no line break`] : [];
  });
}

function endpointIn(
  settings: Settings,
  said: SaidIn,
): { readonly origin: string; readonly problems: readonly string[] } {
  const none = (problem: string) => ({ origin: '', problems: [problem] });
  const given = said('ENDPOINT');
  const endpoint = given ?? declared(settings);
  if (endpoint === undefined) {
    return none(
      `${variable('ENDPOINT')} is missing\n    set it to the address of the store, such as https://s3.example.org; from outside of the cluster forward its port`,
    );
  }
  const source = given === undefined ? 'the endpoint of the settings' : variable('ENDPOINT');
  // Consent to plain text is judged below, since it is given by another variable than that of the states.
  const fault = endpointFault(endpoint, endpoint);
  if (fault !== undefined) {
    const shown = endpoint.includes('@') ? '' : `, got ${show(endpoint)}`;
    return none(`${source} must ${fault.rule}${shown}\n    ${fault.remedy}`);
  }
  const origin = originOf(endpoint);
  const { protocol, hostname } = new URL(origin);
  const isNear = isLoopback(hostname) || isClusterName(hostname);
  if (protocol === 'http:' && !isNear && said('PLAINTEXT') !== origin) {
    return none(
      `${source} must be encrypted: objects and signatures would cross the network in clear, got ${show(origin)}\n    write https://, or set ${variable('PLAINTEXT')}=${origin} to consent to it in writing`,
    );
  }
  return { origin, problems: [] };
}

/** As the store of the states is found, only that this bucket lies in the object store in any case. */
function declared(settings: Settings): string | undefined {
  const state = { ...settings.state, store: 'object-store' as const, region: regionOf(settings) };
  return declaredEndpoint({ ...settings, state });
}

function regionOf({ objectStore }: Settings): string {
  if (objectStore.kind === 's3') return objectStore.region;
  return objectStore.kind === 'r2' ? 'auto' : NO_REGION;
}

function authoritiesIn(said: SaidIn): {
  readonly pem?: string;
  readonly problems: readonly string[];
} {
  const file = said('CA_FILE');
  if (file === undefined) return { problems: [] };
  const refuse = (why: string) => ({
    problems: [
      `${variable('CA_FILE')} must name a file of certificates, got ${show(file)}: ${why}`,
    ],
  });
  try {
    const pem = readFileSync(file, 'utf8');
    return CERTIFICATE.test(pem) ? { pem, problems: [] } : refuse('it holds no certificate in PEM');
  } catch (error) {
    return refuse(String((error as NodeJS.ErrnoException).code));
  }
}

/** bazel-remote puts the slash there itself, so that it may be written or not. */
function prefixIn(said: SaidIn): string {
  const prefix = said('PREFIX');
  return prefix === undefined ? '' : `${prefix.replace(/\/+$/, '')}/`;
}
