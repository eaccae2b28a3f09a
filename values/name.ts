import { InvalidValue } from './invalid-value.ts';

interface NameRule {
  readonly what: string;
  readonly pattern: RegExp;
  readonly maxLength: number;
  readonly allowed: string;
}

const DNS_LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const LABEL_CHARS =
  'lower-case letters, digits and "-", beginning and ending with a letter or digit';

/**
 * Every kind of name the project writes, with the limits of the product that reads it.
 *
 * - DNS-1123 label and subdomain: Kubernetes objects, namespaces, hosts.
 * - `service`: DNS-1035, a Service must begin with a letter.
 * - `helmRelease`: Helm refuses more than 53 characters.
 * - `scaleSet`: the ARC scale-set chart fails above 45 characters.
 * - `cache`: Attic's `MAX_NAME_LENGTH` is 50.
 * - `bucket`: S3 general-purpose buckets, 3 to 63 characters.
 * - `signingKey`: the part before the colon of a Nix key.
 * - `labelKey`, `labelValue`: labels of Kubernetes objects, and keys and values of taints.
 * - `tag`: what a GitLab job names under `tags`.
 */
const NAME_RULES = {
  dnsLabel: { what: 'a DNS label', pattern: DNS_LABEL, maxLength: 63, allowed: LABEL_CHARS },
  service: {
    what: 'a Service name',
    pattern: /^[a-z]([a-z0-9-]*[a-z0-9])?$/,
    maxLength: 63,
    allowed: 'lower-case letters, digits and "-", beginning with a letter',
  },
  dnsName: {
    what: 'a host name',
    pattern: /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/,
    maxLength: 253,
    allowed: 'DNS labels joined by "."',
  },
  helmRelease: {
    what: 'a Helm release name',
    pattern: DNS_LABEL,
    maxLength: 53,
    allowed: LABEL_CHARS,
  },
  scaleSet: { what: 'a scale set name', pattern: DNS_LABEL, maxLength: 45, allowed: LABEL_CHARS },
  cache: {
    what: 'an Attic cache name',
    pattern: /^[A-Za-z0-9][A-Za-z0-9_+-]*$/,
    maxLength: 50,
    allowed: 'letters, digits, "-", "_" and "+", beginning with a letter or digit',
  },
  bucket: {
    what: 'a bucket name',
    pattern: /^(?=.{3})[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
    maxLength: 63,
    allowed: 'at least 3 lower-case letters, digits and "-"',
  },
  signingKey: {
    what: 'a signing key name',
    pattern: /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
    maxLength: 100,
    allowed: 'letters, digits, ".", "_" and "-", never ":"',
  },
  secretKey: {
    what: 'a key of a Secret',
    pattern: /^[A-Za-z0-9._-]+$/,
    maxLength: 253,
    allowed: 'letters, digits, ".", "_" and "-"',
  },
  labelKey: {
    what: 'a label key',
    pattern: /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/,
    maxLength: 317,
    allowed: 'at most 63 letters, digits and "._-", after a host name and "/" if you like',
  },
  labelValue: {
    what: 'a label value',
    pattern: /^([A-Za-z0-9]([\w.-]*[A-Za-z0-9])?)?$/,
    maxLength: 63,
    allowed: 'letters, digits and "._-", beginning and ending with a letter or digit',
  },
  tag: {
    what: 'a runner tag',
    pattern: /^[A-Za-z0-9][A-Za-z0-9._:/-]*$/,
    maxLength: 255,
    allowed: 'letters, digits and "._:/-", beginning with a letter or digit',
  },
} as const satisfies Record<string, NameRule>;

/** The kinds of names that {@link parseName} knows. */
export type NameKind = keyof typeof NAME_RULES;

/** The pattern and length limit of a kind of name, for a schema or a form. */
export function nameRule(kind: NameKind): NameRule {
  return NAME_RULES[kind];
}

/**
 * The text itself when it is a legal name of that kind.
 *
 * @throws InvalidValue naming the limit that is broken.
 */
export function parseName(kind: NameKind, text: string): string {
  const { what, pattern, maxLength, allowed } = NAME_RULES[kind];
  if (text !== text.trim()) {
    throw new InvalidValue(text, `be ${what} without blanks or line ends`, 'remove them');
  }
  if (text.length > maxLength) {
    throw new InvalidValue(
      text,
      `be ${what} of at most ${maxLength} characters`,
      `it has ${text.length}`,
    );
  }
  if (!pattern.test(text)) throw new InvalidValue(text, `be ${what}: ${allowed}`);
  return text;
}

/** The shape of a state key. */
export const STATE_KEY_PATTERN = /^(?!.*\.\.)[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*\.tfstate$/;

/**
 * A state key: path segments joined by "/", as OpenTofu's S3 backend takes it.
 *
 * @throws InvalidValue for a leading or trailing "/", an empty segment or another ending than `.tfstate`.
 * @see https://opentofu.org/docs/language/settings/backends/s3/
 */
export function parseStateKey(text: string): string {
  if (!STATE_KEY_PATTERN.test(text)) {
    throw new InvalidValue(
      text,
      'be a state key: segments of letters, digits and "._-" joined by "/", ending in .tfstate',
    );
  }
  return text;
}
