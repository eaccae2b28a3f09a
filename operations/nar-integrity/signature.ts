import { verify } from 'node:crypto';
import type { Narinfo } from './narinfo.ts';
import { hashText } from './nix-hash.ts';
import { STORE_DIR } from './store-path.ts';
import type { TrustedKey } from './trusted-keys.ts';

/** What became of the signatures of a narinfo. */
export interface SignatureEvidence {
  /** Names of the keys whose signatures are right. */
  readonly right: readonly string[];
  /** Names of known keys whose signatures are wrong. */
  readonly wrong: readonly string[];
  /** Names of keys that nobody has named. */
  readonly strangers: readonly string[];
}

/**
 * What is signed of a path: the path, its hash and size, and what it refers to. Nothing of the body as it is sent.
 *
 * The hash stands there in base 32 and the references are sorted, however the narinfo writes them.
 *
 * @see https://github.com/NixOS/nix/blob/master/src/libstore/path-info.cc
 */
export function fingerprint({ storePath, narHash, narSize, references }: Narinfo): string {
  const paths = [...new Set(references)].sort().map((reference) => `${STORE_DIR}/${reference}`);
  return ['1', storePath, hashText(narHash), narSize, paths.join(',')].join(';');
}

/** Tries every signature with every key that bears its name. */
export function verifySignatures(narinfo: Narinfo, keys: readonly TrustedKey[]): SignatureEvidence {
  const text = Buffer.from(fingerprint(narinfo));
  const tried = narinfo.signatures.map(({ keyName, bytes }) => {
    const named = keys.filter(({ name }) => name === keyName);
    const isRight = named.some(({ key }) => verify(null, text, key, bytes));
    return { keyName, outcome: isRight ? 'right' : named.length > 0 ? 'wrong' : 'stranger' };
  });
  const names = (wanted: string) =>
    tried.filter(({ outcome }) => outcome === wanted).map(({ keyName }) => keyName);
  return { right: names('right'), wrong: names('wrong'), strangers: names('stranger') };
}
