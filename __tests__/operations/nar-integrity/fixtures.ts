import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface RealPath {
  readonly narinfo: string;
  readonly body: string;
}

interface RealCache {
  readonly publicKey: string;
  readonly paths: readonly RealPath[];
}

type Compressed = Readonly<Record<'zstd' | 'xz', Readonly<Record<string, string>>>>;

function read<T>(file: string): T {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', file), 'utf8'));
}

const cache = read<RealCache>('nix-cache.json');
const compressed = read<Compressed>('compressed.json');

/** The key that has signed what Nix itself has made. */
export const REAL_KEY = cache.publicKey;

/** Paths of a cache that Nix itself has made, one for each compression; the last one refers to others. */
export const REAL_PATHS = cache.paths.map(({ narinfo, body }) => ({
  narinfo,
  body: Buffer.from(body, 'base64'),
  compression: /^Compression: (.*)$/m.exec(narinfo)?.[1] ?? '',
  hash: /^StorePath: \/nix\/store\/(\w+)/m.exec(narinfo)?.[1] ?? '',
}));

/** The one of them with that compression. */
export function realPath(compression: string) {
  const path = REAL_PATHS.find((one) => one.compression === compression);
  if (path === undefined) throw new Error(`there is no path with ${compression}`);
  return path;
}

/** What the programs of a compression have made. */
export function compressedBy(program: 'zstd' | 'xz', name: string): Buffer {
  const text = compressed[program][name];
  if (text === undefined) throw new Error(`there is no ${program} called ${name}`);
  return Buffer.from(text, 'base64');
}
