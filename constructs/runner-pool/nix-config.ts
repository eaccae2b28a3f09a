import { CACHE_NIXOS_ORG } from '../../config/addresses.ts';

/** A Nix binary cache that a job may substitute from. */
export interface Substituter {
  readonly url: string;
  /** The key that signs its paths, as `name:base64`. */
  readonly publicKey: string;
}

/** Seconds after which a cache that does not answer is passed over. The default of Nix waits for minutes. */
const CONNECT_TIMEOUT_SEC = 5;

/**
 * The text of `NIX_CONFIG`: one setting a line, as in `nix.conf`.
 *
 * A path that no cache has, or whose signature nobody trusts, is built (`fallback`): a cache that is down slows work and
 * never stops it. `substituters` replaces the built-in list, so cache.nixos.org is always named last.
 *
 * @see https://nix.dev/manual/nix/latest/command-ref/conf-file
 */
export function nixConfig(substituters: readonly Substituter[]): string {
  const all = [...substituters, CACHE_NIXOS_ORG];
  const settings = {
    'experimental-features': 'nix-command flakes',
    substituters: all.map(({ url }) => url).join(' '),
    'trusted-public-keys': all.map(({ publicKey }) => publicKey).join(' '),
    fallback: 'true',
    'connect-timeout': String(CONNECT_TIMEOUT_SEC),
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');
}
