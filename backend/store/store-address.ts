import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { StoreAccess } from './store-access.ts';

/** What a request to a store is about. */
interface Addressed {
  /** @default - the bucket of the access; an empty one is the store itself */
  readonly bucket?: string;
  /** Not encoded. @default - the bucket itself */
  readonly key?: string;
}

/** Where a bucket or an object is asked for. */
export function storeAddress(access: StoreAccess, { bucket = access.bucket, key }: Addressed) {
  const { endpoint, pathStyle } = access;
  const { protocol, host } = new URL(endpoint);
  const object = key === undefined ? '' : `/${key.split('/').map(escaped).join('/')}`;
  if (bucket === '') return { origin: `${protocol}//${host}`, path: '/' };
  if (pathStyle) return { origin: `${protocol}//${host}`, path: `/${escaped(bucket)}${object}` };
  return { origin: `${protocol}//${bucket}.${host}`, path: object === '' ? '/' : object };
}

/** Keeps connections to a store, which has to show a certificate of the authorities that are trusted for it. */
export function storeAgent({ endpoint, authorities }: StoreAccess): HttpAgent {
  return endpoint.startsWith('https:')
    ? new HttpsAgent({ keepAlive: true, ...(authorities && { ca: authorities }) })
    : new HttpAgent({ keepAlive: true });
}

/** Percent-encoding as signatures want it: everything but letters, digits and "-._~". */
export function escaped(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
