import type {
  V1ConfigMap,
  V1Deployment,
  V1Node,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1Pod,
  V1PriorityClass,
  V1Secret,
  V1ServiceAccount,
  V1StorageClass,
} from '@kubernetes/client-node';
import type { Api, KubeList, KubeObject } from './api.ts';

const RETRY_MS = 500;

/** The kinds that are watched from the start, and where. */
const PATHS = {
  configMaps: '/api/v1/configmaps',
  deployments: '/apis/apps/v1/deployments',
  nodes: '/api/v1/nodes',
  claims: '/api/v1/persistentvolumeclaims',
  volumes: '/api/v1/persistentvolumes',
  pods: '/api/v1/pods',
  priorityClasses: '/apis/scheduling.k8s.io/v1/priorityclasses',
  secrets: '/api/v1/secrets',
  serviceAccounts: '/api/v1/serviceaccounts',
  storageClasses: '/apis/storage.k8s.io/v1/storageclasses',
} as const;

/** Objects of one kind as they are now. */
export interface Cache<T> {
  list(): readonly T[];
  get(name: string, namespace?: string): T | undefined;
}

/** What is known of the cluster at any moment. */
export interface World {
  readonly configMaps: Cache<V1ConfigMap>;
  readonly deployments: Cache<V1Deployment>;
  readonly nodes: Cache<V1Node>;
  readonly claims: Cache<V1PersistentVolumeClaim>;
  readonly volumes: Cache<V1PersistentVolume>;
  readonly pods: Cache<V1Pod>;
  readonly priorityClasses: Cache<V1PriorityClass>;
  readonly secrets: Cache<V1Secret>;
  readonly serviceAccounts: Cache<V1ServiceAccount>;
  readonly storageClasses: Cache<V1StorageClass>;
}

/** Watches kinds of objects, and calls back after every change of any. */
export class Informers {
  private readonly api: Api;
  private readonly changed: () => void;
  private readonly stops: (() => Promise<void>)[] = [];
  private stopped = false;

  constructor(api: Api, changed: () => void) {
    this.api = api;
    this.changed = changed;
  }

  /** Watches what the world is made of. */
  async world(): Promise<World> {
    const entries = await Promise.all(
      Object.entries(PATHS).map(async ([name, path]) => [name, await this.watch(path)] as const),
    );
    return Object.fromEntries(entries) as unknown as World;
  }

  /** Watches one kind. It must exist; a watch that ends is begun anew. */
  async watch<T extends KubeObject>(path: string): Promise<Cache<T>> {
    const { ListWatch, Watch, KubeConfig } = await import('@kubernetes/client-node');
    const { server, certificate, token } = this.api.access;
    const config = new KubeConfig();
    config.loadFromOptions({
      clusters: [{ name: 'own', server, caData: Buffer.from(certificate).toString('base64') }],
      users: [{ name: 'own', token }],
      contexts: [{ name: 'own', cluster: 'own', user: 'own' }],
      currentContext: 'own',
    });
    const list = () => this.api.get<KubeList<never>>(path);
    const informer = new ListWatch(path, new Watch(config), list, false);
    for (const event of ['add', 'update', 'delete'] as const) informer.on(event, this.changed);
    informer.on('error', () => {
      if (!this.stopped) setTimeout(() => void begin(), RETRY_MS).unref();
    });
    const begin = async () => {
      if (this.stopped) return;
      try {
        await informer.start();
      } catch {
        setTimeout(() => void begin(), RETRY_MS).unref();
      }
    };
    this.stops.push(() => informer.stop());
    await informer.start();
    // It may have been stopped before it had begun.
    if (this.stopped) await informer.stop();
    return informer as unknown as Cache<T>;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.stops.map((stop) => stop()));
  }
}
