import { readImages } from '../../../config/images.ts';
import type { AtticCacheProps } from '../../../constructs/attic-cache/attic-cache.ts';
import type { ManagedNamespace } from '../../../constructs/namespace/managed-namespace.ts';
import type { BucketAccess } from '../../../constructs/object-store/store-access.ts';
import type { Database } from '../../../constructs/postgres/database.ts';
import { podFlow, tcp } from '../../../constructs/workload/flows.ts';
import { Duration } from '../../../values/duration.ts';
import { Endpoint } from '../../../values/endpoint.ts';
import { resources } from '../../../values/resources.ts';
import { SecretRef } from '../../../values/secret-ref.ts';
import { type Json, NETWORK } from '../../support/synthesized.ts';

/** A bucket in a store beside the cache. */
const STORE: BucketAccess = {
  bucket: 'chunks',
  region: 'us-east-1',
  endpoint: Endpoint.service('http', 'store', 'home', 9000),
  credentials: SecretRef.of('s3-credentials', 'home', 'chunks-s3'),
  flows: [podFlow('home', { name: 'store' }, 9000)],
  dependsOn: [],
};

/** A database server beside the cache. */
export const DATABASE: Database = {
  url: { secret: SecretRef.of('database-url-managed', 'home', 'pg-app'), key: 'uri' },
  flows: [{ peer: { kind: 'pods', namespace: 'home', labels: { name: 'pg' } }, ports: tcp(5432) }],
  dependsOn: [],
  failureDomain: 'the node and its volume',
  highlyAvailable: false,
};

/** A database that is a file. */
export const FILE: Database = {
  url: { value: 'sqlite:///var/lib/attic/server.db?mode=rwc' },
  flows: [],
  dependsOn: [],
  file: { claim: 'attic-database', folder: '/var/lib/attic' },
  failureDomain: 'the node and its volume',
  highlyAvailable: false,
};

export const PUBLIC_KEY = 'main:4JVxzj5a3MgJX2mWyBLUvmUl6ql3oKp7rJLdnYVoWCs=';

/** The way in from outside. */
export const ENTRY: NonNullable<AtticCacheProps['entry']> = {
  host: 'cache.example.org',
  names: { ingressClass: 'nginx', issuer: 'letsencrypt', externalDnsTtlSec: 300 },
  maxBodyMiB: 10_240,
  timeoutSec: 3600,
  reads: 'followed',
};

/** A cache that says what it must. */
export function atticProps(namespace: ManagedNamespace): AtticCacheProps {
  return {
    namespace,
    service: 'attic',
    images: readImages(),
    network: NETWORK,
    address: Endpoint.parse('developer', 'https://cache.example.org'),
    store: STORE,
    storeFailureDomain: 'node bumble and its volume',
    storeHighlyAvailable: false,
    database: DATABASE,
    chunking: { narSizeThreshold: 65_536, minSize: 16_384, avgSize: 65_536, maxSize: 262_144 },
    compression: { type: 'zstd', level: 8 },
    collection: {
      interval: Duration.parse('humantime', '12 hours'),
      retention: Duration.parse('humantime', '3 months'),
    },
    tokens: { audiences: [] },
    replicas: { min: 2, max: 10, cpuPercent: 70, memoryPercent: 80 },
    resources: resources(['100m', '1'], ['128Mi', '512Mi']),
    collectorResources: resources(['50m', '500m'], ['64Mi', '256Mi']),
    caches: [
      {
        name: 'main',
        public: true,
        priority: 41,
        upstreamKeyNames: ['cache.nixos.org-1'],
        publicKey: PUBLIC_KEY,
      },
    ],
    callers: [],
  };
}

/** The pod of a workload or a task. */
export function podOf({ spec }: Json): Json {
  return (spec.job_template?.spec ?? spec).template.spec;
}

/** The variables of a container by name: the value, or the Secret and its key. */
export function environmentOf({ env = [] }: Json): Record<string, string> {
  return Object.fromEntries(
    env.map(({ name, value, value_from: from }: Json) => [
      name,
      value ?? `${from.secret_key_ref.name}/${from.secret_key_ref.key}`,
    ]),
  );
}
