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
    return when(!(attic.defaultCache in attic.caches), {
      path: ['attic', 'defaultCache'],
      rule: `be one of the caches: ${Object.keys(attic.caches).join(', ')}`,
      value: attic.defaultCache,
      remedy: 'name one of them, or add it to attic.caches',
    });
  },
  function warmedCacheExists({ attic }) {
    return when(attic.warming !== undefined && !(attic.warming.cache in attic.caches), {
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
    const internal = objectStore.kind === 'rustfs' && objectStore.publicHost === undefined;
    return when(attic.ingress.enabled && attic.reads === 'redirected' && internal, {
      path: ['attic', 'reads'],
      rule: 'be followed while the object store has no public name',
      value: attic.reads,
      remedy:
        'readers outside the cluster cannot follow a redirect into it: set reads to followed, or give objectStore.publicHost',
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
  function namespacesDiffer({ namespaces }) {
    const named = Object.entries(namespaces).map(([key, name]): [string[], string] => [
      ['namespaces', key],
      name,
    ]);
    return repeated(
      named,
      'be a namespace of its own',
      'each has its own trust level; choose another name',
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
