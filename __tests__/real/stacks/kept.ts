/** What is left of a kind, by its name. */
export type Kept = Readonly<Record<string, readonly string[]>>;

const NAMESPACES = [
  'arc-runners',
  'arc-runners-privileged',
  'arc-systems',
  'cnpg-system',
  'gitlab-runners',
  'gitlab-runners-privileged',
  'nix-cache',
  'nix-cache-warming',
  'runner-dashboard',
  'tinyland-nix-operator',
];

/**
 * What the stacks of tinyland leave when they go: the namespaces with the Secrets that people and `secrets ensure` put there, the
 * database, both volumes, the policies that let nobody reach them, and the types that charts brought, because with a type go all
 * of its objects.
 */
export const KEPT: Kept = {
  Namespace: NAMESPACES,
  NetworkPolicy: [
    ...NAMESPACES.map((namespace) => `${namespace}/default-deny`),
    'nix-cache/attic-pg',
  ].sort(),
  PersistentVolumeClaim: ['nix-cache/attic-pg-1', 'nix-cache/attic-rustfs-openebs-data'],
  PersistentVolume: ['of a claim', 'of a claim'],
  CustomResourceDefinition: [
    'autoscalinglisteners.actions.github.com',
    'autoscalingrunnersets.actions.github.com',
    'backups.postgresql.cnpg.io',
    'clusterimagecatalogs.postgresql.cnpg.io',
    'clusters.postgresql.cnpg.io',
    'databaseroles.postgresql.cnpg.io',
    'databases.postgresql.cnpg.io',
    'ephemeralrunners.actions.github.com',
    'ephemeralrunnersets.actions.github.com',
    'failoverquorums.postgresql.cnpg.io',
    'imagecatalogs.postgresql.cnpg.io',
    'poolers.postgresql.cnpg.io',
    'publications.postgresql.cnpg.io',
    'scheduledbackups.postgresql.cnpg.io',
    'subscriptions.postgresql.cnpg.io',
  ],
  Cluster: ['nix-cache/attic-pg'],
  Pod: ['nix-cache/attic-pg-1'],
  Service: ['nix-cache/attic-pg-r', 'nix-cache/attic-pg-ro', 'nix-cache/attic-pg-rw'],
  ServiceAccount: ['nix-cache/attic-pg'],
  Secret: [
    'arc-runners-privileged/github-app-secret',
    'arc-runners/github-app-secret',
    'gitlab-runners-privileged/dind-runner-token',
    'gitlab-runners/docker-runner-token',
    'gitlab-runners/nix-runner-token',
    'gitlab-runners/rocky8-runner-token',
    'gitlab-runners/rocky9-runner-token',
    'nix-cache-warming/attic-push-token',
    'nix-cache/attic-jwt-signing',
    'nix-cache/attic-main-signing',
    'nix-cache/attic-pg-app',
    'nix-cache/attic-s3',
    'nix-cache/bazel-cache-s3',
    'nix-cache/object-store-root',
    'nix-cache/tofu-state-s3',
    'runner-dashboard/dashboard-gitlab-token',
    'runner-dashboard/dashboard-oauth',
    'runner-dashboard/dashboard-session',
    'tinyland-nix-operator/tinyland-nix-operator-token',
  ],
};

/** Kinds that Kubernetes makes of others: of Services and of types. */
const FOLLOWING = new Set(['APIService', 'EndpointSlice', 'Endpoints', 'IPAddress']);
/** What every namespace has. */
const USUAL = /^(ServiceAccount \S+\/default|ConfigMap \S+\/kube-root-ca\.crt)$/;

/** Titles such as `Secret nix-cache/attic-s3`, by their kind, without what follows from others. A volume has a new name each time. */
export function classify(titles: readonly string[]): Kept {
  const kept: Record<string, string[]> = {};
  for (const title of titles) {
    const [kind = '', name = ''] = title.split(' ');
    if (FOLLOWING.has(kind) || USUAL.test(title)) continue;
    kept[kind] = [...(kept[kind] ?? []), kind === 'PersistentVolume' ? 'of a claim' : name];
  }
  return kept;
}
