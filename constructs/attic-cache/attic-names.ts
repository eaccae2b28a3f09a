import { createHash } from 'node:crypto';
import { selectorLabels } from '../labels.ts';

/** The port on which the server listens; the Service answers on 80. */
export const ATTIC_PORT = 8080;

/** The larger whole that all parts of the cache belong to. */
export const PART_OF = 'nix-cache';

const MAX_SECRET_NAME = 63;
const HASH_DIGITS = 8;

/** The workloads of a cache server, by the part they play. The first name is also that of the Service. */
export interface AtticNames {
  readonly api: string;
  readonly collector: string;
  readonly migrations: string;
  readonly caches: string;
  readonly publicReads: string;
}

/** Names of the parts of the server with that Service. */
export function atticNames(service: string): AtticNames {
  return {
    api: service,
    collector: `${service}-gc`,
    migrations: `${service}-migrations`,
    caches: `${service}-caches`,
    publicReads: `${service}-public`,
  };
}

/** The labels that choose the pods of one part. */
export function atticLabels(name: string): Readonly<Record<string, string>> {
  return selectorLabels({ name, instance: name });
}

/**
 * The Secret with the signing pair of a cache.
 *
 * Names of caches may hold capitals, "_" and "+", which names of Secrets may not, so those that do carry a hash: two
 * caches never share a Secret.
 */
export function signingSecretName(service: string, cache: string): string {
  const plain = `${service}-${cache}-signing`;
  if (/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(cache) && plain.length <= MAX_SECRET_NAME)
    return plain;
  const hash = createHash('sha256').update(cache).digest('hex').slice(0, HASH_DIGITS);
  const rest = MAX_SECRET_NAME - `${service}---signing`.length - HASH_DIGITS;
  const readable = cache
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, rest);
  return `${service}-${readable.replace(/-+$/, '')}-${hash}-signing`;
}
