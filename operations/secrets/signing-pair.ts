import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';

const PAIR = /^([^:\s]+):([A-Za-z0-9+/]{86}==)$/;
const SEED_BYTES = 32;
/** What stands before the 32 bytes of a seed in PKCS #8. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Makes the signing pair of a cache in the form of Nix: the name, then seed and public half in base64. */
export function makePair(name: string): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { d = '', x = '' } = privateKey.export({ format: 'jwk' });
  const bytes = Buffer.concat([Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')]);
  return `${name}:${bytes.toString('base64')}`;
}

/** The public half of a pair, which everybody may know; undefined for what is no pair. */
export function publicHalf(pair: string): string | undefined {
  const [, name, payload = ''] = PAIR.exec(pair) ?? [];
  if (name === undefined) return undefined;
  const bytes = Buffer.from(payload, 'base64');
  const half = bytes.subarray(SEED_BYTES);
  const seed = Buffer.concat([PKCS8_HEAD, bytes.subarray(0, SEED_BYTES)]);
  const key = createPublicKey(createPrivateKey({ key: seed, format: 'der', type: 'pkcs8' }));
  const { x = '' } = key.export({ format: 'jwk' });
  if (!Buffer.from(x, 'base64url').equals(half)) return undefined;
  return `${name}:${half.toString('base64')}`;
}

/** What is wrong with a pair, besides what is wrong with any word. */
export function pairProblem(pair: string): string | undefined {
  if (!PAIR.test(pair)) return 'is not name:base64 of the 64 bytes of an Ed25519 pair';
  return publicHalf(pair) === undefined
    ? 'is no pair: its second half is not the public key of the first'
    : undefined;
}
