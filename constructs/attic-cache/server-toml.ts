import { stringify } from 'smol-toml';
import type { Duration } from '../../values/duration.ts';
import type { Endpoint } from '../../values/endpoint.ts';
import type { BucketAccess } from '../object-store/store-access.ts';
import { ATTIC_PORT } from './attic-names.ts';

/** What the server is told in its file; what is secret reaches it by environment. */
export interface ServerOptions {
  readonly service: string;
  readonly namespace: string;
  /** The address that clients are told to use. */
  readonly address: Endpoint<'pod'> | Endpoint<'developer'>;
  /** Public name under which it is called too. @default - none */
  readonly publicHost?: string | undefined;
  readonly store: Pick<BucketAccess, 'bucket' | 'region' | 'endpoint'>;
  readonly chunking: {
    readonly narSizeThreshold: number;
    readonly minSize: number;
    readonly avgSize: number;
    readonly maxSize: number;
  };
  readonly compression: {
    readonly type: 'zstd' | 'brotli' | 'xz' | 'none';
    readonly level: number;
  };
  readonly collection: {
    readonly interval: Duration<'humantime'>;
    readonly retention: Duration<'humantime'>;
  };
  readonly tokens: { readonly issuer?: string | undefined; readonly audiences: readonly string[] };
}

/**
 * The configuration file of `atticd`.
 *
 * Unknown keys on the first level are an error there, and `[database]` is demanded even where the connection string
 * comes from the environment. `[jwt]` with no key in it makes the server look for one in the environment.
 *
 * @see https://github.com/zhaofengli/attic/blob/main/server/src/config.rs
 */
export function renderServerToml(options: ServerOptions): string {
  const { store, chunking, collection } = options;
  const address = `${options.address}/`;
  return stringify({
    listen: `[::]:${ATTIC_PORT}`,
    'allowed-hosts': allowedHosts(options),
    'api-endpoint': address,
    'substituter-endpoint': address,
    'require-proof-of-possession': true,
    database: {},
    storage: {
      type: 's3',
      region: store.region,
      bucket: store.bucket,
      ...(store.endpoint === undefined ? {} : { endpoint: String(store.endpoint) }),
    },
    chunking: {
      'nar-size-threshold': chunking.narSizeThreshold,
      'min-size': chunking.minSize,
      'avg-size': chunking.avgSize,
      'max-size': chunking.maxSize,
    },
    compression: compression(options.compression),
    'garbage-collection': {
      interval: String(collection.interval),
      'default-retention-period': String(collection.retention),
    },
    jwt: jwt(options.tokens),
  });
}

/**
 * Every name under which the server is called, with and without the port of its scheme.
 *
 * The comparison there is with the whole `Host` header, and some clients write the port where it could be left out.
 */
export function allowedHosts({
  service,
  namespace,
  publicHost,
}: Pick<ServerOptions, 'service' | 'namespace' | 'publicHost'>): string[] {
  const inCluster = ['.svc.cluster.local', '.svc', ''].map(
    (suffix) => `${service}.${namespace}${suffix}`,
  );
  return [
    ...[...inCluster, service].flatMap((host) => [host, `${host}:80`]),
    ...(publicHost === undefined ? [] : [publicHost, `${publicHost}:443`]),
  ];
}

function compression({ type, level }: ServerOptions['compression']) {
  return type === 'none' ? { type } : { type, level };
}

function jwt({ issuer, audiences }: ServerOptions['tokens']) {
  return {
    ...(issuer === undefined ? {} : { 'token-bound-issuer': issuer }),
    ...(audiences.length === 0 ? {} : { 'token-bound-audiences': [...audiences] }),
  };
}
