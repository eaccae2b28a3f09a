import { parseName } from './name.ts';

/**
 * Who brings a Secret into being.
 *
 * - `generated`: random material that the project can make;
 * - `person`: something another system hands out, such as a runner token;
 * - `controller`: an operator in the cluster writes it.
 */
export type SecretOrigin = 'generated' | 'person' | 'controller';

interface KindRule {
  readonly what: string;
  readonly origin: SecretOrigin;
  /** The keys of the Secret, in the words of the program that reads it. */
  readonly keys: readonly string[];
  /** What a value of each key must look like, for a person who has to supply it. */
  readonly shape: string;
}

/**
 * Every kind of secret. One Secret never holds two of them, because they are rotated at different times by
 * different people: the signing key of a cache outlives every token, and a new S3 key must not log anyone out.
 */
export const SECRET_KINDS = {
  'jwt-signing-key': {
    what: 'the key that signs Attic tokens',
    origin: 'generated',
    keys: ['hs256-secret-base64'],
    shape: 'base64 of 64 random bytes',
  },
  'cache-signing-key': {
    what: 'the signing pair of one cache',
    origin: 'generated',
    keys: ['keypair'],
    shape: 'name:base64 of the 64 bytes of an Ed25519 pair',
  },
  'attic-push-token': {
    what: 'a token that may push to Attic',
    origin: 'generated',
    keys: ['token'],
    shape: 'a JSON web token with push on the named caches only',
  },
  's3-credentials': {
    what: 'one access identity of one bucket',
    origin: 'generated',
    keys: ['access-key-id', 'secret-access-key', 'credentials'],
    shape: 'the pair, and the same pair as an AWS credentials file',
  },
  's3-credentials-external': {
    what: 'one access identity of one bucket in a store that someone else runs',
    origin: 'person',
    keys: ['access-key-id', 'secret-access-key', 'credentials'],
    shape: 'the pair as the store hands it out, and the same pair as an AWS credentials file',
  },
  'object-store-root': {
    what: 'the root identity of the object store',
    origin: 'generated',
    keys: ['access-key-id', 'secret-access-key'],
    shape: 'two random words',
  },
  'database-url': {
    what: 'the connection string of a database',
    origin: 'person',
    keys: ['uri'],
    shape:
      'postgresql://user:password@host:5432/database?sslmode=require, the password URL-encoded',
  },
  'database-url-managed': {
    what: 'the connection string that CloudNativePG writes',
    origin: 'controller',
    keys: ['uri'],
    shape: 'written by the operator when the cluster is up',
  },
  'runner-token': {
    what: 'the authentication token of one GitLab runner',
    origin: 'person',
    keys: ['runner-token', 'runner-registration-token'],
    shape: 'glrt-… without a line end; the second key stays empty',
  },
  'github-app': {
    what: 'the GitHub App of the scale sets',
    origin: 'person',
    keys: ['github_app_id', 'github_app_installation_id', 'github_app_private_key'],
    shape: 'two numbers as text and a PEM private key',
  },
  'oauth-client': {
    what: 'the OAuth application of the dashboard',
    origin: 'person',
    keys: ['client-id', 'client-secret'],
    shape: 'as the forge shows them, without blanks',
  },
  'gitlab-api-token': {
    what: 'a token for the GitLab API',
    origin: 'person',
    keys: ['token'],
    shape: 'glpat-… with scope read_api',
  },
  'session-key': {
    what: 'the key that signs dashboard sessions',
    origin: 'generated',
    keys: ['key'],
    shape: 'base64 of 32 random bytes',
  },
  htpasswd: {
    what: 'the accounts that may write to the Bazel cache',
    origin: 'person',
    keys: ['htpasswd'],
    shape: 'lines of user:bcrypt hash',
  },
  'registry-credentials': {
    what: 'the credentials of a private registry',
    origin: 'person',
    keys: ['.dockerconfigjson'],
    shape: 'a Docker configuration file',
  },
  'tls-certificate': {
    what: 'the certificate of a public name, where no cert-manager makes one',
    origin: 'person',
    keys: ['tls.crt', 'tls.key'],
    shape: 'a certificate chain and its private key, both in PEM form',
  },
} as const satisfies Record<string, KindRule>;

/** The kinds of secrets. */
export type SecretKind = keyof typeof SECRET_KINDS;

/** The keys that a Secret of a kind has. */
export type SecretKey<K extends SecretKind> = (typeof SECRET_KINDS)[K]['keys'][number];

/**
 * A Secret by name. Constructs take references, never values: no secret reaches JSON, state or a plan.
 */
export class SecretRef<K extends SecretKind = SecretKind> {
  readonly kind: K;
  readonly namespace: string;
  readonly name: string;

  private constructor(kind: K, namespace: string, name: string) {
    this.kind = kind;
    this.namespace = namespace;
    this.name = name;
  }

  /**
   * Refers to a Secret of that kind.
   *
   * @throws InvalidValue for a namespace or name that Kubernetes would refuse.
   */
  static of<K extends SecretKind>(kind: K, namespace: string, name: string): SecretRef<K> {
    return new SecretRef(kind, parseName('dnsLabel', namespace), parseName('dnsLabel', name));
  }

  /** The keys that a Secret of this kind has. */
  get keys(): (typeof SECRET_KINDS)[K]['keys'] {
    return SECRET_KINDS[this.kind].keys;
  }

  toString(): string {
    return `${this.namespace}/${this.name}`;
  }
}
