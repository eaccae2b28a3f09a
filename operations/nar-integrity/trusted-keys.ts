import { createPublicKey, type KeyObject } from 'node:crypto';
import { CACHE_NIXOS_ORG } from '../../config/addresses.ts';
import type { Settings } from '../../config/settings.ts';
import { InvalidValue } from '../../values/invalid-value.ts';

/** A public key that may sign paths, and who says so. */
export interface TrustedKey {
  readonly name: string;
  readonly key: KeyObject;
}

const PUBLIC_KEY = /^([A-Za-z0-9][A-Za-z0-9._-]*):([A-Za-z0-9+/]{43}=)$/;

/**
 * Reads a public key as Nix writes it: `name:base64` of the 32 bytes of an Ed25519 key.
 *
 * @throws InvalidValue for anything else; a pair with its secret half is not repeated
 */
export function parseTrustedKey(text: string): TrustedKey {
  const [, name, digits = ''] = PUBLIC_KEY.exec(text) ?? [];
  if (name === undefined) {
    throw new InvalidValue(text, 'be the public half of a signing pair: name:base64 of 32 bytes');
  }
  const x = Buffer.from(digits, 'base64').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return { name, key };
}

/**
 * The keys whose signatures the readers of a cache accept: its own, those of the other substituters, and those that the cache
 * names as upstream, as far as they are published.
 */
export function declaredKeys({ attic, substituters }: Settings, cache: string): TrustedKey[] {
  const declared = Object.hasOwn(attic.caches, cache) ? attic.caches[cache] : undefined;
  const upstream = declared?.upstreamKeyNames ?? [];
  const own = declared?.publicKey === undefined ? [] : [declared.publicKey];
  // Named without being repeated, since it comes with Nix itself.
  const published = [CACHE_NIXOS_ORG.publicKey].filter((key) =>
    upstream.some((name) => key.startsWith(`${name}:`)),
  );
  return [...own, ...substituters.map(({ publicKey }) => publicKey), ...published].map(
    parseTrustedKey,
  );
}
