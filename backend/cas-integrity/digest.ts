import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import { show } from '../../values/invalid-value.ts';

/** What names a blob: the SHA-256 of its bytes, as Bazel asks for it, and their number where that was said. */
export interface Digest {
  /** 64 hexadecimal digits in lower case. */
  readonly hash: string;
  /** In bytes. */
  readonly size?: number | undefined;
}

/**
 * How bazel-remote lays blobs down in a bucket: compressed under `cas.v2`, as they are under `cas`.
 *
 * @see https://github.com/buchgr/bazel-remote/blob/v2.6.2/cache/s3proxy/s3proxy.go
 */
export const LAYOUTS = ['cas.v2', 'cas'] as const;

/** One of the layouts. */
export type Layout = (typeof LAYOUTS)[number];

/** An object by its key: a blob, or something that no server looks for. */
export type Named = { readonly layout: Layout; readonly hash: string } | 'foreign';

/** The digest of nothing. Every bazel-remote has that blob, and none keeps it. */
export const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

const WRITTEN = /^([0-9a-f]{64})(?:\/(0|[1-9]\d{0,15}))?$/i;
const PLACE = /^([0-9a-f]{2})\/([0-9a-f]{64})$/;

/**
 * Reads a digest as Bazel writes it: `<sha256>` or `<sha256>/<size>`.
 *
 * @throws Failure for what is none
 */
export function parseDigest(text: string): Digest {
  const [, hash, size] = WRITTEN.exec(text) ?? [];
  if (hash === undefined) {
    throw new Failure(
      `--digest must be 64 hexadecimal digits, with /SIZE in bytes behind them or without, got: ${show(text)}`,
      EXIT.usage,
    );
  }
  return { hash: hash.toLowerCase(), ...(size === undefined ? {} : { size: Number(size) }) };
}

/** The digest as it is written. */
export function digestText({ hash, size }: Digest): string {
  return size === undefined ? hash : `${hash}/${size}`;
}

/** The key of a blob in a bucket. */
export function keyOf(prefix: string, layout: Layout, hash: string): string {
  return `${prefix}${layout}/${hash.slice(0, 2)}/${hash}`;
}

/** What the key of a listed object names. A digest in the folder of another is foreign: nobody asks for it there. */
export function namedBy(key: string, prefix: string): Named {
  const layout = LAYOUTS.find((each) => key.startsWith(`${prefix}${each}/`));
  const place = layout === undefined ? '' : key.slice(`${prefix}${layout}/`.length);
  const [, folder, hash] = PLACE.exec(place) ?? [];
  if (layout === undefined || hash === undefined || !hash.startsWith(folder ?? '-')) {
    return 'foreign';
  }
  return { layout, hash };
}
