import { randomBytes } from 'node:crypto';
import { SECRET_KINDS, type SecretKind } from '../../values/secret-ref.ts';
import { mintPushToken, type PushRight, tokenProblem } from './push-token.ts';
import { credentialsFile, fileProblem, makeIdentity } from './s3-pair.ts';
import {
  accounts,
  base64Of,
  databaseUrl,
  dockerConfig,
  nothing,
  rsaPrivateKey,
  type Shape,
  word,
  wordLike,
  wordOf,
} from './shape.ts';
import { makePair, pairProblem, publicHalf } from './signing-pair.ts';
import { certificate, serverKey, tlsProblem } from './tls-pair.ts';

/** Values of a Secret by key. */
export type Values = Readonly<Record<string, string>>;

/** What has to be known about one Secret besides its kind. */
export interface Surroundings {
  /** The cache whose signing pair it is, with the public half that the settings name. */
  readonly cache: { readonly name: string; readonly publicKey: string | undefined } | undefined;
  /** What a push token must be good for. */
  readonly push: PushRight | undefined;
  /** The key that signs tokens, where it is there or is being made. */
  readonly jwtKey: string | undefined;
  /** Seconds since 1970. */
  readonly nowSec: number;
}

/** How the Secrets of one kind are made and judged. */
export interface Practice {
  /** What each key must look like. */
  readonly shapes: Readonly<Record<string, Shape>>;
  /** Keys that span several lines, so that a prompt asks for a file. */
  readonly files?: readonly string[];
  /** Keys that follow from the others. */
  readonly derive?: (values: Values) => Values;
  /** Makes the keys that do not follow from others; undefined when what it needs is not there. */
  readonly make?: (surroundings: Surroundings) => Values | undefined;
  /** What is wrong with values that are right each by itself; by key. */
  readonly relation?: (values: Values, surroundings: Surroundings) => Values;
  /** True where an apply starts anew whatever reads it, so that nothing has to be restarted by hand. */
  readonly restartedByApply?: boolean;
  /** What holds once another value is in place. */
  readonly afterwards: string;
}

const pair: Practice = {
  shapes: {
    'access-key-id': wordOf(3, 128),
    'secret-access-key': wordOf(8),
    credentials: (text) => (text === '' ? 'is empty' : undefined),
  },
  derive: (values) => ({
    credentials: credentialsFile(values['access-key-id'] ?? '', values['secret-access-key'] ?? ''),
  }),
  relation: (values) =>
    named(
      'credentials',
      fileProblem(
        values.credentials ?? '',
        values['access-key-id'] ?? '',
        values['secret-access-key'] ?? '',
      ),
    ),
  restartedByApply: true,
  afterwards:
    'raise objectStore.credentialsGeneration by one, run just synth, and apply attic: the store learns the new pair, and whatever uses it starts anew. The old identity stays in the store, and is good, until somebody removes it. Of the bucket of the states, the pair in TOFU_BACKEND_S3_* has to change after that apply',
};

/** Well-known first passwords of stores. */
const FACTORY = /^(rustfsadmin|minioadmin|admin|root)$/i;

/** What every kind needs, one row for each. */
export const PRACTICES: Readonly<Record<SecretKind, Practice>> = {
  'jwt-signing-key': {
    shapes: { 'hs256-secret-base64': base64Of(32) },
    make: () => ({ 'hs256-secret-base64': randomBytes(64).toString('base64') }),
    afterwards:
      'every token signed with the old key is refused from then on: rotate attic-push-token next, and mint those of people anew. What is cached stays, and stays signed',
  },
  'cache-signing-key': {
    shapes: { keypair: (text) => word(text) ?? pairProblem(text) },
    make: ({ cache }) => (cache === undefined ? undefined : { keypair: makePair(cache.name) }),
    relation: ({ keypair = '' }, { cache }) => {
      const half = publicHalf(keypair);
      const other =
        cache?.publicKey !== undefined && half !== undefined && half !== cache.publicKey;
      return named(
        'keypair',
        other
          ? `belongs to ${half}, and the settings say ${cache.publicKey} under attic.caches.${cache.name}.publicKey`
          : undefined,
      );
    },
    afterwards:
      'Attic goes on signing with the pair that a cache was made with, so a new pair serves only a cache that is made after it: give the cache a new name in the settings, with the new publicKey, and keep the old one until its readers have moved',
  },
  'attic-push-token': {
    shapes: { token: word },
    make: ({ jwtKey, push, nowSec }) =>
      jwtKey === undefined || push === undefined
        ? undefined
        : { token: mintPushToken(jwtKey, push, nowSec) },
    relation: ({ token = '' }, { jwtKey, push, nowSec }) =>
      named('token', push && tokenProblem(token, push, jwtKey, nowSec)),
    afterwards: 'the old token goes on working until it ends: Attic cannot take one back',
  },
  's3-credentials': { ...pair, make: makeIdentity },
  's3-credentials-external': {
    ...pair,
    restartedByApply: false,
    afterwards: 'take the old pair back at the store, once nothing uses it any more',
  },
  'object-store-root': {
    shapes: {
      'access-key-id': wordOf(3, 128),
      'secret-access-key': (text) =>
        FACTORY.test(text) ? 'is the password that stores come with' : wordOf(8)(text),
    },
    make: makeIdentity,
    afterwards:
      'restart the store first, then raise objectStore.credentialsGeneration by one, run just synth, and apply attic',
  },
  'database-url': {
    shapes: { uri: databaseUrl },
    afterwards:
      'when it leads to another database, move the data first: Attic starts with an empty one otherwise',
  },
  'database-url-managed': {
    shapes: { uri: wordLike(/^postgres(ql)?:\/\/[^@]+@[^/]+\/.+$/, 'the address of a database') },
    afterwards: 'CloudNativePG writes it',
  },
  'runner-token': {
    shapes: {
      'runner-token': wordLike(
        /^glrt-[\w.-]{20,}$/,
        'a token of a runner: glrt- and at least 20 characters, as GitLab shows it once when a runner is made',
      ),
      'runner-registration-token': nothing,
    },
    derive: () => ({ 'runner-registration-token': '' }),
    afterwards: 'the manager reads its token when it starts',
  },
  'github-app': {
    shapes: {
      github_app_id: wordLike(/^(\d{1,12}|Iv[\w.]{14,30})$/, 'the number or client id of an App'),
      github_app_installation_id: wordLike(/^\d{1,12}$/, 'the number of an installation'),
      github_app_private_key: rsaPrivateKey,
    },
    files: ['github_app_private_key'],
    afterwards:
      'the controller hands it to listeners that are made after it: delete the listeners, and it makes them anew. Then delete the old key in the settings of the App',
  },
  'oauth-client': {
    shapes: { 'client-id': wordOf(8), 'client-secret': wordOf(16) },
    afterwards: 'nobody can sign in until the dashboard has started anew',
  },
  'gitlab-api-token': {
    shapes: {
      token: wordLike(/^glpat-[\w.-]{20,}$/, 'an access token: glpat- and at least 20 characters'),
    },
    afterwards: 'take the old token back in GitLab',
  },
  'session-key': {
    shapes: { key: base64Of(32) },
    make: () => ({ key: randomBytes(32).toString('base64') }),
    afterwards: 'everybody has to sign in to the dashboard again',
  },
  htpasswd: {
    shapes: { htpasswd: accounts },
    files: ['htpasswd'],
    afterwards: 'the Bazel cache reads it when it starts',
  },
  'registry-credentials': {
    shapes: { '.dockerconfigjson': dockerConfig },
    files: ['.dockerconfigjson'],
    afterwards: 'nodes use it for the next image that they pull',
  },
  'tls-certificate': {
    shapes: { 'tls.crt': certificate, 'tls.key': serverKey },
    files: ['tls.crt', 'tls.key'],
    relation: (values, { nowSec }) =>
      named('tls.crt', tlsProblem(values['tls.crt'] ?? '', values['tls.key'] ?? '', nowSec)),
    afterwards: 'the ingress controller serves it at once',
  },
};

function named(key: string, problem: string | undefined): Values {
  return problem === undefined ? {} : { [key]: problem };
}

/** Keys that somebody has to bring or make; the others follow from them. */
export function primaryKeys(kind: SecretKind): readonly string[] {
  const derived = PRACTICES[kind].derive?.({}) ?? {};
  return SECRET_KINDS[kind].keys.filter((key) => !Object.hasOwn(derived, key));
}

/** What is wrong with the values of a Secret, by key; nothing for a key that is missing. */
export function problemsOf(kind: SecretKind, values: Values, surroundings: Surroundings): Values {
  const { shapes, relation } = PRACTICES[kind];
  const found: Record<string, string> = {};
  for (const [key, shape] of Object.entries(shapes)) {
    const value = values[key];
    const problem = value === undefined ? undefined : shape(value);
    if (problem !== undefined) found[key] = problem;
  }
  const complete = SECRET_KINDS[kind].keys.every((key) => values[key] !== undefined);
  const isSound = Object.keys(found).length === 0 && complete;
  return isSound ? { ...relation?.(values, surroundings) } : found;
}

/** True for a word that names a kind of secret. */
export function isSecretKind(text: string): text is SecretKind {
  return Object.hasOwn(SECRET_KINDS, text);
}
