import { InvalidValue, show } from '../../values/invalid-value.ts';
import { type NixHash, parseHash } from './nix-hash.ts';
import { hashOfStorePath, isBaseName, STORE_DIR } from './store-path.ts';

/** What a cache says of a store path. */
export interface Narinfo {
  readonly storePath: string;
  /** Where the body is: an address, or a path below the cache. It may hold a signed query. */
  readonly url: string;
  /** How the body is compressed. */
  readonly compression: string;
  /** Hash and size of the body as it is sent. Attic states neither. */
  readonly fileHash?: NixHash;
  readonly fileSize?: number;
  readonly narHash: NixHash;
  readonly narSize: number;
  /** The last parts of the paths that it refers to. */
  readonly references: readonly string[];
  readonly deriver?: string;
  readonly system?: string;
  readonly signatures: readonly NarSignature[];
  /** How the path follows from its content, where it does. */
  readonly contentAddress?: string;
}

/** A signature, and the name of the key that is said to have made it. */
export interface NarSignature {
  readonly keyName: string;
  readonly bytes: Buffer;
}

/** A line that is wrong; line 0 is the narinfo as a whole. */
export interface LineProblem {
  readonly line: number;
  readonly problem: string;
}

type Draft = { -readonly [Name in keyof Narinfo]?: Narinfo[Name] };

const SIGNATURE = /^([\w.-]+):([A-Za-z0-9+/]{86}==)$/;
/** Nix takes a narinfo that names no compression for one of its first caches. */
const FIRST_COMPRESSION = 'bzip2';

/** How the value of each field is read. What another field says is of no matter to Nix. */
const FIELDS: Readonly<Record<string, (value: string) => Draft>> = {
  StorePath: (value) => {
    if (hashOfStorePath(value) !== undefined) return { storePath: value };
    throw new InvalidValue(value, `be a path in ${STORE_DIR}`);
  },
  URL: (url) => {
    const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? 'https';
    const isAddress = /^[\x21-\x7e]+$/.test(url) && ['http', 'https'].includes(scheme);
    if (isAddress) return { url };
    // Not repeated: an address may be signed.
    throw new InvalidValue(undefined, 'be an address, or a path below the cache');
  },
  Compression: (value) => ({ compression: matching(value, /^[\w-]+$/, 'be one word') }),
  FileHash: (value) => ({ fileHash: parseHash(value) }),
  FileSize: (value) => ({ fileSize: parseSize(value) }),
  NarHash: (value) => ({ narHash: parseNarHash(value) }),
  NarSize: (value) => ({ narSize: parseSize(value) }),
  References: (value) => ({ references: parseReferences(value) }),
  Deriver: (value) => {
    if (value === 'unknown-deriver') return {};
    if (isBaseName(value)) return { deriver: value };
    throw new InvalidValue(value, 'be the last part of a store path');
  },
  System: (value) => ({ system: matching(value, /^[\w-]+$/, 'be one word') }),
  Sig: (value) => {
    const [, keyName, digits = ''] = SIGNATURE.exec(value) ?? [];
    if (keyName === undefined)
      throw new InvalidValue(value, 'be name:base64 of the 64 bytes of a signature');
    return { signatures: [{ keyName, bytes: Buffer.from(digits, 'base64') }] };
  },
  CA: (value) => ({
    contentAddress: matching(
      value,
      /^(text|fixed):[\x21-\x7e]+$/,
      'be "text:" or "fixed:" and a hash',
    ),
  }),
};
const REQUIRED = {
  storePath: 'StorePath',
  url: 'URL',
  narHash: 'NarHash',
  narSize: 'NarSize',
} as const;

/**
 * Reads a narinfo as Nix does, but says of every line what is wrong with it.
 *
 * @see https://github.com/NixOS/nix/blob/master/src/libstore/nar-info.cc
 */
export function parseNarinfo(text: string): Narinfo | readonly LineProblem[] {
  const problems: LineProblem[] = [];
  const draft: Draft = {};
  const seen = new Set<string>();
  const lines = text.split('\n');
  const last = lines.pop();
  for (const [index, line] of lines.entries()) {
    const problem = takeLine(line, draft, seen);
    if (problem !== undefined) problems.push({ line: index + 1, problem });
  }
  if (last !== '') {
    problems.push({ line: lines.length + 1, problem: 'breaks off before the end of the line' });
  }
  const missing = Object.values(REQUIRED).filter((name) => !seen.has(name));
  for (const name of missing) problems.push({ line: 0, problem: `${name} is missing` });
  return problems.length === 0 && isWhole(draft)
    ? { compression: FIRST_COMPRESSION, references: [], signatures: [], ...draft }
    : problems;
}

type Required = Pick<Narinfo, keyof typeof REQUIRED>;

function isWhole(draft: Draft): draft is Draft & Required {
  return (Object.keys(REQUIRED) as (keyof Required)[]).every((name) => draft[name] !== undefined);
}

function takeLine(line: string, draft: Draft, seen: Set<string>): string | undefined {
  const [, name, value = ''] = /^([A-Za-z][\w-]*): (.*)$/s.exec(line) ?? [];
  if (name === undefined) return `is no "Name: value": ${show(line)}`;
  if (seen.has(name) && name !== 'Sig') return `says ${name} a second time`;
  seen.add(name);
  try {
    const { signatures = [], ...fields } = readField(name, value);
    Object.assign(draft, fields);
    if (signatures.length > 0) draft.signatures = [...(draft.signatures ?? []), ...signatures];
    return undefined;
  } catch (error) {
    if (error instanceof InvalidValue) return explained(name, error);
    throw error;
  }
}

function readField(name: string, value: string): Draft {
  return (Object.hasOwn(FIELDS, name) ? FIELDS[name]?.(value) : undefined) ?? {};
}

function explained(name: string, { rule, value }: InvalidValue): string {
  return `${name} must ${rule}${value === undefined ? '' : `, got ${show(value)}`}`;
}

function parseSize(value: string): number {
  const size = Number(value);
  if (/^[1-9]\d*$/.test(value) && Number.isSafeInteger(size)) return size;
  throw new InvalidValue(value, 'be a number of bytes, at least 1');
}

function parseNarHash(value: string): NixHash {
  const hash = parseHash(value);
  if (hash.algorithm === 'sha256') return hash;
  throw new InvalidValue(value, 'be a sha256: Nix hashes archives with nothing else');
}

function parseReferences(value: string): readonly string[] {
  const references = value.split(' ').filter((word) => word !== '');
  const wrong = references.find((reference) => !isBaseName(reference));
  if (wrong === undefined) return references;
  throw new InvalidValue(wrong, 'be last parts of store paths');
}

function matching(value: string, pattern: RegExp, rule: string): string {
  if (pattern.test(value)) return value;
  throw new InvalidValue(value, rule);
}
