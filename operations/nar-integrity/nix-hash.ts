import { InvalidValue } from '../../values/invalid-value.ts';

/** The digits of Nix's base 32: no e, o, t or u, so that no hash spells a word. */
const DIGITS = '0123456789abcdfghijklmnpqrsvwxyz';

const BITS_OF_DIGIT = 5;
const BITS_OF_BYTE = 8;
const BYTE = 0xff;

/** The algorithms that a hash of Nix may name, with the bytes of their digests. */
const ALGORITHMS = { md5: 16, sha1: 20, sha256: 32, sha512: 64 } as const;

/** An algorithm of which Nix knows the name; Node calls it the same. */
export type HashAlgorithm = keyof typeof ALGORITHMS;

/** A digest and what made it. */
export interface NixHash {
  readonly algorithm: HashAlgorithm;
  readonly digest: Buffer;
}

/**
 * Reads a hash as Nix writes it: `sha256:` and base 32, base 16 or base 64, or `sha256-` and base 64.
 *
 * @throws InvalidValue for another algorithm, or a digest that is not as long as its algorithm makes it
 * @see https://nix.dev/manual/nix/latest/protocols/nix-archive/
 */
export function parseHash(text: string): NixHash {
  const [, algorithm = '', separator, digits = ''] = /^([a-z0-9]+)([:-])(\S+)$/.exec(text) ?? [];
  if (!isAlgorithm(algorithm)) {
    throw new InvalidValue(
      text,
      `be a hash: ${Object.keys(ALGORITHMS).join(', ')}, ":" and digits`,
    );
  }
  const size = ALGORITHMS[algorithm];
  const digest = readDigits(digits, size, separator === '-');
  if (digest === undefined) {
    throw new InvalidValue(text, `be a hash with the ${size} bytes of ${algorithm}`);
  }
  return { algorithm, digest };
}

/** The hash as Nix prints and signs it, such as `sha256:` and 52 digits of base 32. */
export function hashText({ algorithm, digest }: NixHash): string {
  return `${algorithm}:${encodeBase32(digest)}`;
}

/** Bytes in Nix's base 32, which begins with the last bits. */
export function encodeBase32(bytes: Uint8Array): string {
  const length = digitsOf(bytes.length);
  return Array.from({ length }, (_, index) => {
    const bit = (length - 1 - index) * BITS_OF_DIGIT;
    const at = Math.floor(bit / BITS_OF_BYTE);
    const pair = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << BITS_OF_BYTE);
    return DIGITS[(pair >> (bit % BITS_OF_BYTE)) & 0x1f];
  }).join('');
}

/** What {@link encodeBase32} has written, or undefined when no bytes are written like that. */
export function decodeBase32(text: string, size: number): Buffer | undefined {
  if (text.length !== digitsOf(size)) return undefined;
  const bytes = Buffer.alloc(size + 1);
  for (const [index, character] of [...text].reverse().entries()) {
    const digit = DIGITS.indexOf(character);
    if (digit < 0) return undefined;
    const bit = index * BITS_OF_DIGIT;
    const at = Math.floor(bit / BITS_OF_BYTE);
    const pair = digit << (bit % BITS_OF_BYTE);
    bytes[at] = (bytes[at] ?? 0) | (pair & BYTE);
    if (pair > BYTE) bytes[at + 1] = (bytes[at + 1] ?? 0) | (pair >> BITS_OF_BYTE);
  }
  return bytes[size] === 0 ? bytes.subarray(0, size) : undefined;
}

function readDigits(digits: string, size: number, isSri: boolean): Buffer | undefined {
  if (!isSri && digits.length === size * 2) {
    return /^[0-9a-f]+$/.test(digits) ? Buffer.from(digits, 'hex') : undefined;
  }
  if (!isSri && digits.length === digitsOf(size)) return decodeBase32(digits, size);
  const bytes = Buffer.from(digits, 'base64');
  return bytes.length === size && bytes.toString('base64') === digits ? bytes : undefined;
}

function digitsOf(size: number): number {
  return Math.ceil((size * BITS_OF_BYTE) / BITS_OF_DIGIT);
}

function isAlgorithm(name: string): name is HashAlgorithm {
  return Object.hasOwn(ALGORITHMS, name);
}
