import { InvalidValue } from '../../values/invalid-value.ts';

const HASH = '[0-9a-df-np-sv-z]{32}';
/** Names have at most 211 characters, so that with hash and suffixes they are names of files. */
const NAME = '[A-Za-z0-9+?=_.-]{1,211}';

/** The directory that every path of a shared cache lies in; Nix substitutes from no other. */
export const STORE_DIR = '/nix/store';

const STORE_HASH = new RegExp(`^${HASH}$`);
const BASE_NAME = new RegExp(`^(${HASH})-${NAME}$`);
const STORE_PATH = new RegExp(`^${STORE_DIR}/(${HASH})-${NAME}$`);

/** A store path that somebody asks about, by its hash or as a whole. */
export interface AskedPath {
  /** The 32 digits by which a cache knows it. */
  readonly hash: string;
  /** The whole path, where it was given. */
  readonly path?: string;
}

/**
 * Reads the hash of a store path, or takes it from a whole path.
 *
 * @throws InvalidValue for anything else
 */
export function parseAskedPath(text: string): AskedPath {
  if (STORE_HASH.test(text)) return { hash: text };
  const hash = hashOfStorePath(text);
  if (hash !== undefined) return { hash, path: text };
  throw new InvalidValue(
    text,
    'be the hash of a store path: 32 digits and lower-case letters without e, o, t and u',
    `give the hash, or the whole path: ${STORE_DIR}/<hash>-<name>`,
  );
}

/** The hash of a whole store path, undefined for what is none. */
export function hashOfStorePath(text: string): string | undefined {
  return STORE_PATH.exec(text)?.[1];
}

/** True for the last part of a store path: `<hash>-<name>`. */
export function isBaseName(text: string): boolean {
  return BASE_NAME.test(text);
}
