import { add, type BrokenSettings, change } from './broken-settings.ts';

/** Settings of which the parts are right, and do not fit together. */
export const BROKEN_RELATIONS: readonly BrokenSettings[] = [
  {
    kind: 'two stacks in one state',
    text: add('state: { keys: { attic: a.tfstate, dashboard: a.tfstate } }'),
    says: [
      '15:47  state.keys.dashboard must be a state key of its own, got "a.tfstate"',
      '    two stacks in one state destroy each other',
    ],
  },
  {
    kind: 'one bucket for two identities',
    text: add('state: { bucket: attic }'),
    says: [
      '15:18  state.bucket must be a bucket of its own, got "attic"',
      '    each bucket has its own access identity; choose another name',
    ],
  },
  {
    kind: 'one host for two services',
    text: add('dashboard: { host: nix-cache.example.org }'),
    says: [
      '15:20  dashboard.host must be a host of its own, got "nix-cache.example.org"',
      '    choose another name',
    ],
  },
  {
    kind: 'an object store on a node that is not declared',
    text: change('kind: rustfs', 'kind: rustfs\n  node: bumbel').replace(
      'name: ci',
      'name: ci\n  nodes: [{ name: bumble, allocatable: { cpu: 8, memory: 16Gi } }]',
    ),
    says: [
      '11:9  objectStore.node must be one of the declared nodes: bumble, got "bumbel"',
      '    did you mean bumble?',
    ],
  },
  {
    kind: 'one namespace for two trust levels',
    text: add('namespaces: { arcRunners: gitlab-runners }'),
    says: [
      '15:27  namespaces.arcRunners must be a namespace of its own, got "gitlab-runners"',
      '    each has its own trust level; choose another name',
    ],
  },
  {
    kind: 'a default cache that does not exist',
    text: add('attic: { defaultCache: toString }'),
    says: [
      '15:24  attic.defaultCache must be one of the caches: main, got "toString"',
      '    name one of them, or add it to attic.caches',
    ],
  },
  {
    kind: 'a warmed cache that does not exist',
    text: add('attic: { warming: { cache: other, installables: ["nixpkgs#hello"] } }'),
    says: [
      '15:28  attic.warming.cache must be one of the caches: main, got "other"',
      '    name one of them, or add it to attic.caches',
    ],
  },
  {
    kind: 'a file with two writers',
    text: add('attic: { database: { kind: sqlite } }\n').replace(
      'name: ci',
      'name: ci\n  nodes: [{ name: ci, allocatable: { cpu: 8, memory: 16Gi } }]',
    ),
    says: [
      '16:8  attic.replicas.max must be 1 with the database sqlite, got 10 (the default)',
      '    a file has one writer: set min and max to 1, or choose cloudnative-pg',
    ],
  },
  {
    kind: 'a file in a cluster of unknown size',
    text: add('attic: { replicas: { min: 1, max: 1 }, database: { kind: sqlite } }'),
    says: [
      '15:58  attic.database.kind must be another than sqlite in a cluster of several nodes, got "sqlite"',
      '    declare the one node under cluster.nodes, or choose cloudnative-pg',
    ],
  },
  {
    kind: 'redirects that nobody outside can follow',
    text: add('attic: { reads: redirected }'),
    says: [
      '15:17  attic.reads must be followed while the object store has no public name, got "redirected"',
      '    readers outside the cluster cannot follow a redirect into it: set reads to followed, or give the store a public name',
    ],
  },
  {
    kind: 'a state bucket without a store',
    text: change('kind: rustfs', 'kind: s3'),
    says: [
      '3:1  state.store must be elsewhere unless the object store runs in the cluster, got "object-store" (the default)',
      '    set state.store to elsewhere and make the bucket once before the first init',
    ],
  },
  {
    kind: 'a backup without cert-manager',
    text:
      change('name: ci', 'name: ci\n  certManager: { installed: false }') +
      'attic: { database: { kind: cloudnative-pg, backup: { bucket: backups } } }\n',
    says: [
      '16:52  attic.database.backup must be left out where cert-manager is not installed',
      '    install cert-manager and set cluster.certManager.installed, or leave the backup out: the report then says so',
    ],
  },
  {
    kind: 'a backup without a store',
    text:
      change('kind: rustfs', 'kind: s3') +
      'state: { store: elsewhere }\nattic: { database: { kind: cloudnative-pg, backup: { bucket: backups } } }\n',
    says: [
      '16:52  attic.database.backup must name the endpoint of its store with AWS S3',
      '    write endpoint: https://s3.us-east-1.amazonaws.com',
    ],
  },
  {
    kind: 'a pool without an address of GitHub',
    text: change('    url: https://github.com/example\n', ''),
    says: [
      '13:18  runners.github.scaleSets.gh-docker must have an address of GitHub',
      '    set runners.github.url, or url for this pool',
    ],
  },
  {
    kind: 'one label for two scale sets',
    text: add('      gh-nix: { type: nix, label: gh-docker }'),
    says: [
      '15:15  runners.github.scaleSets.gh-nix must have a label of its own, got "gh-docker"',
      '    GitHub gives the jobs of a label to one scale set; choose another',
    ],
  },
  {
    kind: 'an operator lane in the name of a namespace',
    text: change(
      'runners:',
      'runners:\n  gitlab: { pools: { nix-cache: { type: nix, lane: operator, protected: true, concurrent: 1 } } }',
    ),
    says: [
      '11:33  runners.gitlab.pools.nix-cache must not bear the name of a namespace, since a lane makes one of its own name, got "nix-cache"',
      '    rename the pool',
    ],
  },
  {
    kind: 'buckets to be made where only pods can reach',
    text: change(
      '  kind: rustfs',
      '  kind: s3\n  endpoint: http://minio.storage.svc.cluster.local:9000',
    ).concat('state: { store: elsewhere }\n'),
    says: [
      '10:13  objectStore.endpoint must be reachable for whoever applies the stack, got "http://minio.storage.svc.cluster.local:9000"',
      '    a cluster name resolves only in pods: make the buckets by hand and set manage to false',
    ],
  },
  {
    kind: 'a name that leaves no room for its Job',
    text: change('  kind: rustfs', `  kind: rustfs\n  name: ${'a'.repeat(39)}`),
    says: [
      '10:9  objectStore.name must have at most 38 characters, got "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"',
      '    names of Secrets, Jobs and pods are made of it, and 63 is the limit',
    ],
  },
  {
    kind: 'a hot cache that holds nothing',
    text: add('bazelCache: { hotCache: 1Gi }'),
    says: [
      '15:25  bazelCache.hotCache must hold at least 1Gi when filled to 0.8, got "1Gi"',
      '    make it larger, or set bazelCache.enabled to false',
    ],
  },
  {
    kind: 'a hot cache above the limit of its pod',
    text: add('bazelCache: { resources: { limits: { ephemeral: 10Gi } } }'),
    says: [
      '15:49  bazelCache.resources.limits.ephemeral must be at least the hot cache of 20Gi, got "10Gi"',
      '    leave it out, or the pod is evicted before the cache is full',
    ],
  },
  {
    kind: 'a namespace that cache warming makes',
    text: add(
      'namespaces: { dashboard: nix-cache-warming }\nattic: { warming: { installables: ["nixpkgs#hello"] } }',
    ),
    says: [
      '16:19  attic.warming must be a namespace of its own, got "nix-cache-warming"',
      '    each has its own trust level; choose another name',
    ],
  },
  {
    kind: 'one StorageClass defined twice',
    text: change(
      'kind: rustfs',
      'kind: rustfs\n  volume: { zfs: { name: zfs, pool: tank } }\nattic: { database: { kind: cloudnative-pg, volume: { zfs: { name: zfs, pool: tank } } } }',
    ),
    says: [
      '11:67  attic.database.volume.zfs.name must be a StorageClass of its own, got "zfs"',
      '    define each once, and name it under storageClass elsewhere',
    ],
  },
  {
    kind: 'redirects into the cluster by the name of a Service',
    text: change(
      'kind: rustfs',
      'kind: s3\n  endpoint: http://minio.storage.svc.cluster.local\n  manage: false\nstate: { store: elsewhere }\nattic: { reads: redirected }',
    ),
    says: [
      '13:17  attic.reads must be followed while the object store has no public name, got "redirected"',
      '    readers outside the cluster cannot follow a redirect into it: set reads to followed, or give the store a public name',
    ],
  },
  {
    kind: "a parameter of PostgreSQL that is the operator's",
    text: add(
      'attic: { database: { kind: cloudnative-pg, parameters: { port: "5433", work_mem: 8MB } } }',
    ),
    says: [
      '15:64  attic.database.parameters.port must be left to CloudNativePG, which refuses it, got "5433"',
      '    remove it',
    ],
  },
  {
    kind: 'a folder of charts that is not there',
    text: add('charts: { mirror: no/charts }'),
    says: [
      '15:19  charts.mirror must be a folder that exists, got "no/charts"',
      '    make it, and fill it with helm pull for each pin of config/charts.yaml',
    ],
  },
];
