import { Construct } from 'constructs';
import type { Image } from '../../values/image.ts';
import type { ManagedNamespace } from '../namespace/managed-namespace.ts';
import { PublicEntry, type PublicNames } from '../public-entry.ts';
import { ingressControllerFlow, podFlow } from '../workload/flows.ts';
import { ATTIC_PORT, atticLabels, atticNames } from './attic-names.ts';
import { AtticServer, type AtticServerProps } from './attic-server.ts';
import { CacheReconciler, type DeclaredCache } from './cache-reconciler.ts';
import { PublicReads } from './public-reads.ts';

/** The way in from outside. */
export interface AtticEntry {
  readonly host: string;
  readonly names: PublicNames;
  readonly maxBodyMiB: number;
  readonly timeoutSec: number;
  /** Who follows a redirect to the object store: the entry (`followed`), or the reader (`redirected`). */
  readonly reads: 'followed' | 'redirected';
}

/** Settings of an {@link AtticCache}. */
export interface AtticCacheProps
  extends Omit<AtticServerProps, 'names' | 'image' | 'publicHost' | 'annotations'> {
  readonly namespace: ManagedNamespace;

  /** The name of the Service; the other parts derive theirs from it. */
  readonly service: string;

  readonly images: { readonly attic: Image; readonly node: Image; readonly caddy: Image };

  readonly caches: readonly DeclaredCache[];

  /** The way in from outside. @default - reachable from pods only */
  readonly entry?: AtticEntry | undefined;

  /** What has to be lost for the objects to be lost. */
  readonly storeFailureDomain: string;

  /** The object store survives the loss of any one node with its data. */
  readonly storeHighlyAvailable: boolean;
}

/**
 * The Nix binary cache: server, garbage collector, the declared caches, and the way in from outside.
 *
 * It keeps nothing itself, so it is as available as the database and the object store behind it, and no more.
 */
export class AtticCache extends Construct {
  /** Its processes, for `addOverride` where a prop is missing. */
  readonly server: AtticServer;

  constructor(scope: Construct, id: string, props: AtticCacheProps) {
    super(scope, id);
    const { images, entry, ...common } = props;
    const names = atticNames(props.service);
    const annotations = availability(props);
    this.server = new AtticServer(this, 'server', {
      ...common,
      names,
      image: images.attic,
      publicHost: entry?.host,
      annotations,
      callers: [...props.callers, ...this.ownCallers(props)],
    });
    new CacheReconciler(this, 'caches', {
      ...common,
      names,
      image: images.node,
      dependsOn: [this.server.api.controller, ...serviceOf(this.server)],
    });
    if (entry === undefined) return;
    if (entry.reads === 'followed') {
      new PublicReads(this, 'public-reads', {
        ...common,
        names,
        image: images.caddy,
        timeoutSec: entry.timeoutSec,
        annotations,
      });
    }
    new PublicEntry(this, 'entry', {
      ...entry,
      network: props.network,
      namespace: props.namespace,
      name: names.api,
      labels: atticLabels(names.api),
      service: { name: entry.reads === 'followed' ? names.publicReads : names.api, port: 80 },
    });
  }

  private ownCallers({ service, namespace, network, entry }: AtticCacheProps) {
    const names = atticNames(service);
    const part = (name: string) => podFlow(namespace.name, atticLabels(name), ATTIC_PORT);
    const fromOutside = {
      followed: part(names.publicReads),
      redirected: ingressControllerFlow(network, ATTIC_PORT),
    };
    return [part(names.caches), ...(entry === undefined ? [] : [fromOutside[entry.reads]])];
  }
}

function serviceOf({ api }: AtticServer) {
  return api.service === undefined ? [] : [api.service];
}

function availability(props: AtticCacheProps): Record<string, string> {
  const { database, replicas, storeHighlyAvailable, storeFailureDomain } = props;
  const survives = database.highlyAvailable && storeHighlyAvailable && replicas.min > 1;
  return {
    'flywheel/availability': survives ? 'ha' : 'interim',
    'flywheel/failure-domain': `database: ${database.failureDomain}; objects: ${storeFailureDomain}`,
  };
}
