const LEAST_CHARS = 24;

/** Characters in one piece: what is joined of words by "-", "_" or "/" is a name or a path. */
const LEAST_PIECE = 16;

/**
 * How often neighbours are of different sort (small letter, capital, digit), in random base64 in 64 of 100 places; in names of
 * several words in fewer than 30.
 */
const LEAST_CHANGES = 0.4;

const WORD = /[A-Za-z0-9+/_-]{24,}={0,2}/g;

/** Random by nature and no secret: the file names of the store of Nix. */
const STORE_PATH = /^[0-9a-df-np-sv-z]{32}-/;

/** Keys of texts that are digests or public keys. */
const PUBLIC_KEY = /(public|pub|trusted|digest|checksum|hash|sha\d*|fingerprint)/i;

/** True for a key whose text is a digest or a public key, and random by right. */
export function isPublicKey(key: string): boolean {
  return PUBLIC_KEY.test(key);
}

/**
 * True for text that only a machine can have made up, as keys and tokens are.
 *
 * Hexadecimal text is let pass: digests, commits and identifiers look like it, and everything this project generates is
 * base64.
 */
export function looksRandom(text: string): boolean {
  if (text.length < LEAST_CHARS) return false;
  return [...text.matchAll(WORD)].some(
    ({ 0: word, index }) => isRandom(word) && !isPublicPart(text, index, word),
  );
}

function isRandom(word: string): boolean {
  if (STORE_PATH.test(word) || /^[0-9a-f-]+$/i.test(word)) return false;
  return word
    .split(/[-_/+=]/)
    .some((piece) => piece.length >= LEAST_PIECE && changes(piece) >= LEAST_CHANGES);
}

/** `name:base64` of 32 bytes, the public half of a Nix key, and `sha256-base64`, a hash as Nix writes it. */
function isPublicPart(text: string, index: number, word: string): boolean {
  const before = text.slice(Math.max(0, index - 2), index);
  const publicHalf = /[A-Za-z0-9._-]:$/.test(before) && /^[A-Za-z0-9+/]{43}=$/.test(word);
  return publicHalf || /^sha(256|384|512)-/.test(word);
}

/** The share of places where the sort of character changes; 0 for text of less than three sorts. */
function changes(piece: string): number {
  const sorts = [...piece].map(sortOf);
  if (new Set(sorts).size < 3) return 0;
  const changed = sorts.filter((sort, index) => index > 0 && sort !== sorts[index - 1]);
  return changed.length / piece.length;
}

function sortOf(character: string): 'digit' | 'capital' | 'small' {
  if (character >= '0' && character <= '9') return 'digit';
  return character >= 'A' && character <= 'Z' ? 'capital' : 'small';
}
