const RANGE = /\{(\d+)\.{3}(\d+)\}/;
/** What RustFS takes where it is told nothing. */
const DEFAULT_DRIVE = '/data';
const MAX_DRIVES = 1024;

/** The servers and drives of a store, as its volumes name them. */
export interface Layout {
  /** Addresses of servers; empty for a store that is one server. */
  readonly servers: readonly string[];
  /** Paths in each pod. */
  readonly drives: readonly string[];
  /** Drives over all servers. */
  readonly total: number;
}

/** Reads volumes as RustFS does: ranges are written `{0...3}`, those of several servers as addresses. */
export function layoutOf(volumes: readonly string[]): Layout {
  const given = volumes.length === 0 ? [DEFAULT_DRIVE] : volumes;
  const all = given.flatMap(expanded).slice(0, MAX_DRIVES);
  const places = all.map(placeOf);
  return {
    servers: distinct(places.flatMap(({ server }) => (server === undefined ? [] : [server]))),
    drives: distinct(places.map(({ drive }) => drive)),
    total: all.length,
  };
}

function expanded(text: string): string[] {
  const [range, first, last] = RANGE.exec(text) ?? [];
  if (range === undefined) return [text];
  const from = Number(first);
  const count = Math.min(Math.max(0, Number(last) - from + 1), MAX_DRIVES);
  return Array.from({ length: count }, (_, index) => text.replace(range, String(from + index)))
    .flatMap(expanded)
    .slice(0, MAX_DRIVES);
}

function placeOf(volume: string): { server: string | undefined; drive: string } {
  const [, server, path] = /^https?:\/\/([^/]+)(\/.*)?$/.exec(volume) ?? [];
  const drive = server === undefined ? volume : (path ?? '/');
  return { server, drive: drive.replace(/(?<=.)\/+$/, '') };
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
