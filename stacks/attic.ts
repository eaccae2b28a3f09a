import { Token } from 'cdktf';
import type { Construct } from 'constructs';
import { atticForPeople, atticForPods, BAZEL_SERVICE, bazelForPods } from '../config/addresses.ts';
import { runnerNamespaces } from '../config/runner-namespaces.ts';
import type { Settings } from '../config/settings.ts';
import { atticLabels, PART_OF } from '../constructs/attic-cache/attic-names.ts';
import { selectorLabels } from '../constructs/labels.ts';
import { ManagedNamespace } from '../constructs/namespace/managed-namespace.ts';
import { type Flow, namespaceFlow, podFlow } from '../constructs/workload/flows.ts';
import {
  advertisedAddress,
  atticDeployments,
  declaredCaches,
  defineAtticCache,
} from './attic-cache.ts';
import { atticDatabaseVolumes, databasePods, defineAtticDatabase } from './attic-database.ts';
import { cacheTargets } from './attic-monitors.ts';
import { defineCacheWarming, warmingNamespace } from './attic-warming.ts';
import { defineBazelCache } from './bazel-cache.ts';
import { bucketIdentities } from './bucket-identities.ts';
import { FlywheelStack } from './flywheel-stack.ts';
import { defineMonitors } from './monitors.ts';
import { defineObjectStore, objectStoreVolumes, requestedBuckets } from './object-store.ts';
import { type StackContext, stateOf } from './stack-context.ts';

/** The caches, with the database and the object store that they stand on. */
export class AtticStack extends FlywheelStack {
  constructor(scope: Construct, id: string, context: StackContext) {
    super(scope, id, stateOf(context, 'attic'));
    const { settings } = context;
    const runners = namesOfRunnerNamespaces(settings);
    const warming = warmingNamespace(settings);
    const readers = [...runners, ...(warming === undefined ? [] : [warming])];

    const namespace = new ManagedNamespace(this, 'cache-namespace', {
      name: settings.namespaces.cache,
      podSecurity: 'restricted',
      trust: 'services',
      partOf: PART_OF,
      keep: settings.protection.data,
      contents: [...objectStoreVolumes(context), ...atticDatabaseVolumes(context)],
    });
    const store = defineObjectStore(this, context, {
      namespace,
      buckets: requestedBuckets(context),
      callers: [...readers.map((reader) => namespaceFlow(reader)), ...storeClients(context)],
    });
    const { database, watched } = defineAtticDatabase(this, context, { namespace, store });
    defineAtticCache(this, context, { namespace, store, database, readers });
    defineBazelCache(this, context, {
      namespace,
      store,
      callers: runners.map((runner) => namespaceFlow(runner)),
    });
    defineCacheWarming(this, context);
    defineMonitors(this, context, namespace, [...cacheTargets(settings, namespace), ...watched]);
    this.outputAddresses(settings);
    this.outputBucketIdentities(context);
    this.outputRequiredSecrets();
  }

  private outputAddresses(settings: Settings): void {
    const { attic, namespaces } = settings;
    const address = advertisedAddress(settings);
    if (attic.ingress.enabled) {
      this.output('attic_url', String(atticForPeople(settings)), 'Attic as people reach it');
    }
    this.output('attic_url_for_pods', String(atticForPods(settings)), 'Attic as pods reach it');
    this.output(
      'substituter',
      String(address.below(attic.defaultCache)),
      'The default cache as a substituter of Nix',
    );
    this.output(
      'caches',
      declaredCaches(settings).map(({ name, public: open, publicKey }) => ({
        name,
        public: open,
        public_key: publicKey ?? Token.nullValue(),
        substituter: String(address.below(name)),
        substituter_for_pods: String(atticForPods(settings).below(name)),
      })),
      'Every cache: who may read it, the key that signs it (null while the settings have none), its addresses',
    );
    const bazel = bazelForPods(settings);
    if (bazel !== undefined) {
      this.output('bazel_cache_for_pods', String(bazel), 'The Bazel cache as pods reach it');
    }
    this.output('namespace', namespaces.cache, 'The namespace of the caches');
  }

  private outputBucketIdentities(context: StackContext): void {
    const identities = bucketIdentities(context);
    if (identities.length === 0) return;
    this.output(
      'bucket_identities',
      identities,
      'What the identity in each Secret of a bucket must be allowed, in stores where a person makes it',
    );
  }
}

function namesOfRunnerNamespaces(settings: Settings): string[] {
  const both = (['gitlab', 'github'] as const).flatMap((forge) =>
    runnerNamespaces(settings, forge),
  );
  return [...new Set(both.map(({ name }) => name))];
}

/** The pods beside a store in the cluster that read or keep something there. */
function storeClients(context: StackContext): Flow[] {
  const { settings } = context;
  const wanted = new Set(requestedBuckets(context).map(({ purpose }) => purpose));
  const bazelPods = selectorLabels({ name: BAZEL_SERVICE, instance: BAZEL_SERVICE });
  const clients = [
    ...atticDeployments(settings).map(atticLabels),
    ...(wanted.has('bazel') ? [bazelPods] : []),
    ...(wanted.has('backup') ? [databasePods()] : []),
  ];
  return clients.map((labels) => podFlow(settings.namespaces.cache, labels));
}
