import { isClusterName } from '../values/endpoint.ts';
import { MIRROR_RULES } from './chart-mirror.ts';
import { nearest } from './known-keys.ts';
import { RUNNER_RULES } from './runner-rules.ts';
import type { Settings } from './settings.ts';

/** Two parts of the settings that do not fit together; the path names the one to change. */
export interface Conflict {
  readonly path: readonly (string | number)[];
  readonly rule: string;
  readonly value?: unknown;
  readonly remedy: string;
}

type CrossRule = (settings: Settings) => Conflict[];

/** What must hold between parts of the settings that their own types cannot see. */
export const CROSS_RULES: readonly CrossRule[] = [
  function defaultCacheExists({ attic }) {
    return when(!Object.hasOwn(attic.caches, attic.defaultCache), {
      path: ['attic', 'defaultCache'],
      rule: `be one of the caches: ${Object.keys(attic.caches).join(', ')}`,
      value: attic.defaultCache,
      remedy: 'name one of them, or add it to attic.caches',
    });
  },
  function warmedCacheExists({ attic }) {
    const { warming, caches } = attic;
    return when(warming !== undefined && !Object.hasOwn(caches, warming.cache), {
      path: ['attic', 'warming', 'cache'],
      rule: `be one of the caches: ${Object.keys(attic.caches).join(', ')}`,
      value: attic.warming?.cache,
      remedy: 'name one of them, or add it to attic.caches',
    });
  },
  function sqliteHasOneWriter({ attic, cluster }) {
    if (attic.database.kind !== 'sqlite') return [];
    return [
      ...when(attic.replicas.max > 1, {
        path: ['attic', 'replicas', 'max'],
        rule: 'be 1 with the database sqlite',
        value: attic.replicas.max,
        remedy: 'a file has one writer: set min and max to 1, or choose cloudnative-pg',
      }),
      ...when(cluster.nodes.length !== 1, {
        path: ['attic', 'database', 'kind'],
        rule: 'be another than sqlite in a cluster of several nodes',
        value: attic.database.kind,
        remedy: 'declare the one node under cluster.nodes, or choose cloudnative-pg',
      }),
    ];
  },
  function everyContextReadsEveryNar({ attic, objectStore }) {
    const internal =
      (objectStore.kind === 'rustfs' && objectStore.publicHost === undefined) ||
      (objectStore.kind === 's3' &&
        objectStore.endpoint !== undefined &&
        isClusterName(objectStore.endpoint.host));
    return when(attic.ingress.enabled && attic.reads === 'redirected' && internal, {
      path: ['attic', 'reads'],
      rule: 'be followed while the object store has no public name',
      value: attic.reads,
      remedy:
        'readers outside the cluster cannot follow a redirect into it: set reads to followed, or give the store a public name',
    });
  },
  function bucketsDiffer({ objectStore, state, attic }) {
    const named: [string[], string][] = [
      [['objectStore', 'buckets', 'attic'], objectStore.buckets.attic],
      [['objectStore', 'buckets', 'bazel'], objectStore.buckets.bazel],
      [['state', 'bucket'], state.bucket],
    ];
    if (attic.database.kind === 'cloudnative-pg' && attic.database.backup !== undefined) {
      named.push([['attic', 'database', 'backup', 'bucket'], attic.database.backup.bucket]);
    }
    return repeated(
      named,
      'be a bucket of its own',
      'each bucket has its own access identity; choose another name',
    );
  },
  function namespacesDiffer({ namespaces, attic }) {
    const named = Object.entries(namespaces).map(([key, name]): [string[], string] => [
      ['namespaces', key],
      name,
    ]);
    if (attic.warming !== undefined) {
      named.push([['attic', 'warming'], `${namespaces.cache}-warming`]);
    }
    return repeated(
      named,
      'be a namespace of its own',
      'each has its own trust level; choose another name',
    );
  },
  function storageClassesDiffer({ objectStore, attic }) {
    const { database } = attic;
    const named: [string[], string][] = [];
    if (objectStore.kind === 'rustfs' && objectStore.volume.zfs !== undefined) {
      named.push([['objectStore', 'volume', 'zfs', 'name'], objectStore.volume.zfs.name]);
    }
    if (database.kind !== 'external' && database.volume.zfs !== undefined) {
      named.push([['attic', 'database', 'volume', 'zfs', 'name'], database.volume.zfs.name]);
    }
    return repeated(
      named,
      'be a StorageClass of its own',
      'define each once, and name it under storageClass elsewhere',
    );
  },
  function hostsDiffer(settings) {
    const { attic, dashboard, objectStore, organization } = settings;
    const named: [string[], string][] = [
      [['attic', 'publicHost'], attic.publicHost ?? `nix-cache.${organization.domain}`],
      [['dashboard', 'host'], dashboard.host ?? `runners.${organization.domain}`],
    ];
    if (objectStore.kind === 'rustfs' && objectStore.publicHost !== undefined) {
      named.push([['objectStore', 'publicHost'], objectStore.publicHost]);
    }
    return repeated(named, 'be a host of its own', 'choose another name');
  },
  function stateKeysDiffer({ state }) {
    const named = Object.entries(state.keys).map(([key, name]): [string[], string] => [
      ['state', 'keys', key],
      name,
    ]);
    return repeated(
      named,
      'be a state key of its own',
      'two stacks in one state destroy each other',
    );
  },
  function stateBucketHasAPlace({ objectStore, state }) {
    return when(state.store === 'object-store' && objectStore.kind !== 'rustfs', {
      path: ['state', 'store'],
      rule: 'be elsewhere unless the object store runs in the cluster',
      value: state.store,
      remedy: 'set state.store to elsewhere and make the bucket once before the first init',
    });
  },
  function objectStoreNodeExists({ objectStore, cluster }) {
    const names = cluster.nodes.map(({ name }) => name);
    const node = objectStore.kind === 'rustfs' ? objectStore.node : undefined;
    if (node === undefined || names.length === 0 || names.includes(node)) return [];
    const near = nearest(names, node);
    return [
      {
        path: ['objectStore', 'node'],
        rule: `be one of the declared nodes: ${names.join(', ')}`,
        value: node,
        remedy:
          near === undefined
            ? 'name one of them, or declare it under cluster.nodes'
            : `did you mean ${near}?`,
      },
    ];
  },
  function managedBucketsAreReachable({ objectStore }) {
    if (objectStore.kind !== 's3' || !objectStore.manage || objectStore.endpoint === undefined) {
      return [];
    }
    return when(isClusterName(objectStore.endpoint.host), {
      path: ['objectStore', 'endpoint'],
      rule: 'be reachable for whoever applies the stack',
      value: String(objectStore.endpoint),
      remedy:
        'a cluster name resolves only in pods: make the buckets by hand and set manage to false',
    });
  },
  function namesLeaveRoomForWhatIsMadeOfThem({ objectStore, state }) {
    const buckets: [string[], string, number][] = [
      [['objectStore', 'buckets', 'attic'], objectStore.buckets.attic, 60],
      [['objectStore', 'buckets', 'bazel'], objectStore.buckets.bazel, 60],
      [['state', 'bucket'], state.store === 'object-store' ? state.bucket : '', 60],
      [['objectStore', 'name'], objectStore.kind === 'rustfs' ? objectStore.name : '', 38],
    ];
    return buckets.flatMap(([path, value, most]) =>
      when(value.length > most, {
        path,
        rule: `have at most ${most} characters`,
        value,
        remedy: 'names of Secrets, Jobs and pods are made of it, and 63 is the limit',
      }),
    );
  },
  function hotCacheFitsItsDisk({ bazelCache }) {
    const { enabled, hotCache, fill, resources } = bazelCache;
    const { ephemeral } = resources.limits;
    if (!enabled) return [];
    return [
      ...when(hotCache.portion(fill).wholeGiB < 1, {
        path: ['bazelCache', 'hotCache'],
        rule: `hold at least 1Gi when filled to ${fill}`,
        value: String(hotCache),
        remedy: 'make it larger, or set bazelCache.enabled to false',
      }),
      ...when(ephemeral !== undefined && hotCache.exceeds(ephemeral), {
        path: ['bazelCache', 'resources', 'limits', 'ephemeral'],
        rule: `be at least the hot cache of ${hotCache}`,
        value: String(ephemeral),
        remedy: 'leave it out, or the pod is evicted before the cache is full',
      }),
    ];
  },
  function backupNeedsCertManager({ attic, cluster }) {
    const backed = attic.database.kind === 'cloudnative-pg' && attic.database.backup !== undefined;
    return when(backed && !cluster.certManager.installed, {
      path: ['attic', 'database', 'backup'],
      rule: 'be left out where cert-manager is not installed',
      remedy:
        'install cert-manager and set cluster.certManager.installed, or leave the backup out: the report then says so',
    });
  },
  function backupHasAStore({ attic, objectStore }) {
    const { database } = attic;
    const homeless =
      database.kind === 'cloudnative-pg' &&
      database.backup !== undefined &&
      database.backup.endpoint === undefined;
    return when(homeless && objectStore.kind === 's3' && objectStore.endpoint === undefined, {
      path: ['attic', 'database', 'backup'],
      rule: 'name the endpoint of its store with AWS S3',
      remedy: `write endpoint: https://s3.${objectStore.kind === 's3' ? objectStore.region : 'us-east-1'}.amazonaws.com`,
    });
  },
  function githubPoolsHaveAnAddress({ runners }) {
    const { github } = runners;
    return Object.entries(github.scaleSets).flatMap(([name, pool]) =>
      when(pool.url === undefined && github.url === undefined, {
        path: ['runners', 'github', 'scaleSets', name],
        rule: 'have an address of GitHub',
        remedy: 'set runners.github.url, or url for this pool',
      }),
    );
  },
  function labelsDiffer({ runners }) {
    const named = Object.entries(runners.github.scaleSets).map(
      ([name, pool]): [string[], string] => [
        ['runners', 'github', 'scaleSets', name],
        pool.label ?? name,
      ],
    );
    return repeated(
      named,
      'have a label of its own',
      'GitHub gives the jobs of a label to one scale set; choose another',
    );
  },
  function operatorLanesKeepTheirNamespace({ runners, namespaces }) {
    const lanes = [
      ...Object.entries(runners.gitlab.pools).map(([name, pool]) => ({
        path: ['runners', 'gitlab', 'pools', name],
        name,
        pool,
      })),
      ...Object.entries(runners.github.scaleSets).map(([name, pool]) => ({
        path: ['runners', 'github', 'scaleSets', name],
        name,
        pool,
      })),
    ].filter(({ pool }) => pool.lane === 'operator');
    return lanes.flatMap(({ path, name }) =>
      when((Object.values(namespaces) as string[]).includes(name), {
        path,
        rule: 'not bear the name of a namespace, since a lane makes one of its own name',
        value: name,
        remedy: 'rename the pool',
      }),
    );
  },
  ...RUNNER_RULES,
  ...MIRROR_RULES,
];

function when(broken: boolean, conflict: Conflict): Conflict[] {
  return broken ? [conflict] : [];
}

function repeated(named: readonly [string[], string][], rule: string, remedy: string): Conflict[] {
  const seen = new Set<string>();
  return named.flatMap(([path, name]) => {
    const again = seen.has(name);
    seen.add(name);
    return when(again, { path, rule, value: name, remedy });
  });
}
