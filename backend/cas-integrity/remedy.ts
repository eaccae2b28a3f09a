import { BAZEL_SERVICE } from '../../config/addresses.ts';
import type { Settings } from '../../config/settings.ts';
import { printable } from '../../values/invalid-value.ts';
import type { BucketAccess } from './bucket-access.ts';
import { keyOf } from './digest.ts';
import type { Looked } from './look.ts';
import { isBad } from './verdict.ts';

/** It happened on 2026-05-25: the removal of one damaged key hid every bucket of the store, the states with them. */
const RUSTFS_WARNING =
  'The store is RustFS, whose index of buckets was lost once when one such key was removed: let no apply run, remove one object, look with "just rustfs-bucket-index-rca", and go on when every bucket is there.';

/** Where the objects lie that are to be removed. */
export interface Premises {
  readonly settings: Settings;
  /** @default - nobody has looked into the bucket */
  readonly access: BucketAccess | undefined;
}

/**
 * What to do about one look, beside all looks at the same blob; undefined where nothing has to be done.
 *
 * A digest that does not match says nothing about the sources: what is removed is a copy, and the build makes it anew.
 */
export function remedyOf(
  looked: Looked,
  all: readonly Looked[],
  premises: Premises,
): string | undefined {
  if (!isBad(looked)) return undefined;
  if (looked.status === 'asked-wrong') {
    return 'keep the object; whoever asks for the other size is wrong: where an action result names it, remove that one (ac/) and rebuild';
  }
  return looked.way === 'bucket'
    ? `remove this object, which only the cache loses: ${removal(looked.place, premises)}`
    : serverRemedy(looked, all, premises);
}

/** What to do beside the removals and after them, and what not to think; nothing where none is to be made. */
export function afterwards(isAnyDamaged: boolean, { settings }: Premises): string[] {
  if (!isAnyDamaged) return [];
  const isRustFs = settings.objectStore.kind === 'rustfs';
  return [
    'The cache is damaged; the sources have not changed.',
    ...(isRustFs ? [RUSTFS_WARNING] : []),
    `Remove the objects, empty the disk of the server, which may hold the same bytes (${restart(settings)}), then rebuild: what is missing is made anew.`,
  ];
}

/** Where the two ways contradict each other; undefined where they do not. */
export function disagreement(all: readonly Looked[]): string | undefined {
  const server = all.find(({ way }) => way === 'server');
  const inBucket = all.filter(({ way }) => way === 'bucket');
  if (server === undefined || inBucket.length === 0 || server.status === 'unknown')
    return undefined;
  const [bucket] = inBucket.filter(({ status }) => status !== server.status);
  if (bucket === undefined || bucket.status === 'unknown') return undefined;
  const told = `server ${server.status}, bucket ${bucket.status}`;
  if (server.status === 'good') {
    return bucket.status === 'missing'
      ? `${told}: it lies on the disk of the server alone, and is lost with it`
      : `${told}: builds get it right from the disk of the server, until that forgets it`;
  }
  if (server.status === 'missing') {
    return `${told}: the server does not find what the bucket holds; it cannot read the object, keeps objects in the other layout, or looks into another bucket`;
  }
  return told;
}

function serverRemedy(looked: Looked, all: readonly Looked[], premises: Premises): string {
  const inBucket = all.filter(({ way }) => way === 'bucket');
  const empty = `empty the disk of the server: ${restart(premises.settings)}`;
  if (inBucket.some(isBad)) return `remove the object from the bucket as well, then ${empty}`;
  if (inBucket.some(({ status }) => status === 'good'))
    return `the bucket holds it whole: ${empty}`;
  if (inBucket.some(({ status }) => status === 'missing')) return empty;
  const key = keyOf(premises.access?.prefix ?? '', 'cas.v2', looked.digest.hash);
  return `remove this object, which only the cache loses: ${removal(key, premises)}; then ${empty}`;
}

/** A new pod begins with an empty disk: it is scratch space. */
function restart({ namespaces }: Settings): string {
  return `kubectl -n ${namespaces.cache} rollout restart deployment/${BAZEL_SERVICE}`;
}

function removal(key: string, { settings, access }: Premises): string {
  const bucket = access?.bucket ?? settings.objectStore.buckets.bazel;
  const endpoint = access === undefined ? 'ADDRESS-OF-THE-STORE' : access.endpoint;
  return `aws s3 rm ${quoted(`s3://${bucket}/${key}`)} --endpoint-url ${endpoint}`;
}

/** One word for a shell, with nothing in it that a terminal would act on. */
function quoted(text: string): string {
  const shown = printable(text);
  return /^[\w./:-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}
