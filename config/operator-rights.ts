const READ = ['get', 'list', 'watch'] as const;
const MANAGE = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'] as const;
const CHANGE = ['get', 'patch', 'update'] as const;

/** Some resources of one API group, and what may be done with each. */
interface Right {
  readonly group: string;
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** What the stacks define, and what Helm and OpenTofu do with it. */
const APPLIED: readonly Right[] = [
  // Helm keeps the record of each release in a Secret beside it; those of namespaces lie in `default`.
  {
    group: '',
    resources: [
      'configmaps',
      'limitranges',
      'namespaces',
      'persistentvolumeclaims',
      'resourcequotas',
      'secrets',
      'serviceaccounts',
      'services',
    ],
    verbs: MANAGE,
  },
  { group: 'apps', resources: ['deployments', 'statefulsets'], verbs: MANAGE },
  { group: 'autoscaling', resources: ['horizontalpodautoscalers'], verbs: MANAGE },
  { group: 'batch', resources: ['cronjobs', 'jobs'], verbs: MANAGE },
  { group: 'networking.k8s.io', resources: ['ingresses', 'networkpolicies'], verbs: MANAGE },
  { group: 'policy', resources: ['poddisruptionbudgets'], verbs: MANAGE },
  { group: 'scheduling.k8s.io', resources: ['priorityclasses'], verbs: MANAGE },
  { group: 'storage.k8s.io', resources: ['storageclasses'], verbs: MANAGE },
  {
    group: 'rbac.authorization.k8s.io',
    resources: ['clusterrolebindings', 'clusterroles', 'rolebindings', 'roles'],
    verbs: MANAGE,
  },
  // Charts bring their types with them; CloudNativePG also its webhooks, the backup plugin its certificates.
  { group: 'apiextensions.k8s.io', resources: ['customresourcedefinitions'], verbs: MANAGE },
  {
    group: 'admissionregistration.k8s.io',
    resources: ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'],
    verbs: MANAGE,
  },
  { group: 'cert-manager.io', resources: ['certificates', 'issuers'], verbs: MANAGE },
  {
    group: 'monitoring.coreos.com',
    resources: ['podmonitors', 'prometheusrules', 'servicemonitors'],
    verbs: MANAGE,
  },
];

/** What the guards look at while they prove the state store: its pod, its events, its disk. */
const OBSERVED: readonly Right[] = [
  { group: '', resources: ['events', 'nodes', 'persistentvolumes', 'pods/log'], verbs: READ },
  { group: '', resources: ['pods/portforward'], verbs: ['create', 'get'] },
  { group: 'apps', resources: ['replicasets'], verbs: READ },
  // What the stacks name and do not define: the preflight looks whether it is there.
  { group: 'cert-manager.io', resources: ['clusterissuers'], verbs: READ },
  { group: 'networking.k8s.io', resources: ['ingressclasses'], verbs: READ },
];

/** What the charts and constructs give to their own accounts. Who does not hold a right cannot grant it. */
const GRANTED: readonly Right[] = [
  { group: '', resources: ['pods'], verbs: MANAGE },
  { group: '', resources: ['pods/attach'], verbs: ['create', 'get'] },
  {
    group: '',
    resources: ['pods/exec'],
    verbs: ['create', 'delete', 'get', 'list', 'patch', 'watch'],
  },
  { group: '', resources: ['pods/status'], verbs: ['get'] },
  { group: '', resources: ['configmaps/status', 'secrets/status'], verbs: CHANGE },
  { group: '', resources: ['events'], verbs: ['create', 'patch'] },
  { group: 'coordination.k8s.io', resources: ['leases'], verbs: MANAGE },
  { group: 'discovery.k8s.io', resources: ['endpointslices'], verbs: READ },
  { group: 'metrics.k8s.io', resources: ['pods'], verbs: READ },
  {
    group: 'snapshot.storage.k8s.io',
    resources: ['volumesnapshots'],
    verbs: ['create', 'get', 'list', 'patch', 'watch'],
  },
  {
    group: 'actions.github.com',
    resources: [
      'autoscalinglisteners',
      'autoscalingrunnersets',
      'ephemeralrunners',
      'ephemeralrunnersets',
    ],
    verbs: MANAGE,
  },
  {
    group: 'actions.github.com',
    resources: [
      'autoscalinglisteners/finalizers',
      'autoscalingrunnersets/finalizers',
      'ephemeralrunners/finalizers',
      'ephemeralrunnersets/finalizers',
    ],
    verbs: ['patch', 'update'],
  },
  {
    group: 'actions.github.com',
    resources: [
      'autoscalinglisteners/status',
      'autoscalingrunnersets/status',
      'ephemeralrunners/status',
      'ephemeralrunnersets/status',
    ],
    verbs: CHANGE,
  },
  {
    group: 'postgresql.cnpg.io',
    resources: [
      'backups',
      'clusterimagecatalogs',
      'clusters',
      'clusters/status',
      'databaseroles',
      'databases',
      'failoverquorums',
      'imagecatalogs',
      'poolers',
      'publications',
      'scheduledbackups',
      'subscriptions',
    ],
    verbs: [...MANAGE, 'deletecollection'],
  },
  {
    group: 'postgresql.cnpg.io',
    resources: ['clusters/finalizers', 'databaseroles/finalizers', 'poolers/finalizers'],
    verbs: ['update'],
  },
  {
    group: 'postgresql.cnpg.io',
    resources: [
      'backups/status',
      'databaseroles/status',
      'databases/status',
      'failoverquorums/status',
      'poolers/status',
      'publications/status',
      'scheduledbackups/status',
      'subscriptions/status',
    ],
    verbs: [...CHANGE, 'watch'],
  },
  { group: 'barmancloud.cnpg.io', resources: ['objectstores'], verbs: MANAGE },
  { group: 'barmancloud.cnpg.io', resources: ['objectstores/finalizers'], verbs: ['update'] },
  { group: 'barmancloud.cnpg.io', resources: ['objectstores/status'], verbs: CHANGE },
];

/** Rights as the rules of a role. */
interface RoleRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/**
 * Everything that applying the stacks needs, right by right: what a person needs who applies them, and what the operator
 * lane is given.
 *
 * There is no `escalate`, `bind` or `impersonate` among them: the lane can grant only what it holds, so a change that
 * widens its own rights is refused to it and is applied by a person. It reads and writes Secrets everywhere all the same,
 * because CloudNativePG's operator does and the lane installs it: who controls the lane controls the cluster.
 */
export const OPERATOR_RIGHTS: readonly RoleRule[] = [...APPLIED, ...OBSERVED, ...GRANTED].map(
  ({ group, resources, verbs }) => ({ apiGroups: [group], resources, verbs }),
);
