import { randomBytes } from 'node:crypto';
import type { V1Deployment } from '@kubernetes/client-node';
import { type Api, ApiRefusal, type KubeObject } from './api.ts';
import { CERTIFICATES_PATH } from './cert-manager.ts';
import type { Cache, Informers, World } from './informers.ts';
import { CLUSTERS_PATH, type PostgresResource, servePostgres } from './postgres-stand-in.ts';
import { eachApart } from './rounds.ts';

/** What a stand-in works with. */
export interface Stage {
  readonly api: Api;
  readonly world: World;
  /** Objects of further kinds that are watched; none while their type does not exist. */
  of<T extends KubeObject>(path: string): readonly T[];
}

/** A process that nobody runs here, and what the harness does in its place. */
export interface StandIn {
  readonly of: string;
  readonly does: string;
  readonly why: string;
  /**
   * Labels of the pods of a Deployment that has to be available: without the operator nobody does its work on a real cluster either, so an
   * order that is wrong there is wrong here. Left out for what no stack installs.
   */
  readonly behind?: Readonly<Record<string, string>>;
  /** Kinds that are watched for it. */
  readonly watches: readonly string[];
  act(stage: Stage): Promise<void>;
}

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const SCALE_SETS = '/apis/actions.github.com/v1alpha1/autoscalingrunnersets';
const TYPES = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

const CNPG = { 'app.kubernetes.io/name': 'cloudnative-pg' };
const ARC = { 'app.kubernetes.io/part-of': 'gha-rs-controller' };

/** Everything that is stood in for. Nothing else behaves differently from a cluster with real operators. */
export const STAND_INS: readonly StandIn[] = [
  {
    of: 'the webhooks of CloudNativePG',
    does: 'sets their failurePolicy to Ignore when the operator is available',
    why: 'they have failurePolicy Fail, and no process answers here: every Cluster would be refused',
    behind: CNPG,
    watches: [
      `${ADMISSION}/mutatingwebhookconfigurations`,
      `${ADMISSION}/validatingwebhookconfigurations`,
    ],
    act: ignoreFailures,
  },
  {
    of: 'the operator of CloudNativePG',
    does: 'makes the Secret <name>-app, the Services, a claim and a pod for each instance, and the status of a Cluster',
    why: 'pods of the stack attic wait for that Secret and connect to those Services',
    behind: CNPG,
    watches: [CLUSTERS_PATH],
    act: ({ api, world, of }) => servePostgres(api, world, of<PostgresResource>(CLUSTERS_PATH)),
  },
  {
    of: 'the controller of the GitHub runners',
    does: 'removes its finalizers from scale sets and their accounts and roles that are being deleted',
    why: 'a destroy would wait for them until its time is over',
    behind: ARC,
    watches: [SCALE_SETS, `${RBAC}/roles`, `${RBAC}/rolebindings`],
    act: releaseScaleSets,
  },
  {
    of: 'cert-manager',
    does: 'makes the Secret that a Certificate names, with random bytes instead of a certificate',
    why: 'pods that mount it would never start; nothing here speaks TLS with it',
    watches: [CERTIFICATES_PATH],
    act: makeCertificateSecrets,
  },
];

/** Runs the stand-ins: watches their kinds as soon as these exist, and lets each act when its operator is there. */
export class StandInRunner {
  private readonly api: Api;
  private readonly informers: Informers;
  private readonly world: World;
  private readonly caches = new Map<string, Cache<KubeObject>>();
  private types: Cache<TypeObject> | undefined;

  constructor(api: Api, informers: Informers, world: World) {
    this.api = api;
    this.informers = informers;
    this.world = world;
  }

  async start(): Promise<void> {
    this.types = await this.informers.watch<TypeObject>(TYPES);
  }

  async act(): Promise<void> {
    const { api, world, caches } = this;
    const of = <T extends KubeObject>(path: string) => (caches.get(path)?.list() ?? []) as T[];
    await eachApart(STAND_INS, async ({ watches, behind, act }) => {
      for (const path of watches) await this.watch(path);
      if (behind === undefined || isAvailable(world.deployments.list(), behind)) {
        await act({ api, world, of });
      }
    });
  }

  private async watch(path: string): Promise<void> {
    if (this.caches.has(path) || !this.isServed(path)) return;
    this.caches.set(path, await this.informers.watch(path));
  }

  private isServed(path: string): boolean {
    const [, , group, , plural] = path.split('/');
    if (path.startsWith(ADMISSION) || path.startsWith(RBAC)) return true;
    const type = (this.types?.list() ?? []).find(
      ({ metadata }) => metadata?.name === `${plural}.${group}`,
    );
    return (type?.status?.conditions ?? []).some(
      ({ type: condition, status }) => condition === 'Established' && status === 'True',
    );
  }
}

interface TypeObject extends KubeObject {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** True when a Deployment whose pods have those labels has one that is ready. */
export function isAvailable(
  deployments: readonly V1Deployment[],
  labels: Readonly<Record<string, string>>,
): boolean {
  return deployments.some(
    ({ spec, status }) =>
      Object.entries(labels).every(
        ([key, value]) => spec?.template.metadata?.labels?.[key] === value,
      ) && (status?.availableReplicas ?? 0) > 0,
  );
}

interface WebhookObject extends KubeObject {
  readonly webhooks?: readonly {
    readonly failurePolicy?: string;
    readonly rules?: readonly { readonly apiGroups?: readonly string[] }[];
  }[];
}

async function ignoreFailures({ api, of }: Stage): Promise<void> {
  for (const kind of ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations']) {
    for (const { metadata, webhooks } of of<WebhookObject>(`${ADMISSION}/${kind}`)) {
      const changes = (webhooks ?? []).flatMap(({ failurePolicy, rules }, index) =>
        failurePolicy === 'Fail' &&
        (rules ?? []).some(({ apiGroups }) => apiGroups?.includes('postgresql.cnpg.io'))
          ? [{ op: 'replace', path: `/webhooks/${index}/failurePolicy`, value: 'Ignore' }]
          : [],
      );
      if (changes.length === 0) continue;
      await api.patch(`${ADMISSION}/${kind}/${metadata?.name}`, changes, 'json');
    }
  }
}

async function releaseScaleSets({ api, world, of }: Stage): Promise<void> {
  const held: [string, readonly KubeObject[]][] = [
    ...[`${RBAC}/roles`, `${RBAC}/rolebindings`, SCALE_SETS].map(
      (path): [string, readonly KubeObject[]] => [path, of(path)],
    ),
    ['/api/v1/serviceaccounts', world.serviceAccounts.list() as readonly KubeObject[]],
  ];
  for (const [path, objects] of held) {
    for (const object of objects) await release(api, path, object);
  }
}

/** Removes the finalizers of the controller from an object that is being deleted. */
async function release(api: Api, path: string, { metadata }: KubeObject): Promise<void> {
  const finalizers = metadata?.finalizers ?? [];
  const left = finalizers.filter((name) => !name.includes('actions.github.com/'));
  if (metadata?.deletionTimestamp === undefined || left.length === finalizers.length) return;
  try {
    await api.patch(objectPath(path, metadata.namespace ?? '', metadata.name ?? ''), {
      metadata: { finalizers: left },
    });
  } catch (error) {
    if (!(error instanceof ApiRefusal && error.status === 404)) throw error;
  }
}

/** The path of an object, from that at which its kind is listed over all namespaces. */
export function objectPath(listPath: string, namespace: string, name: string): string {
  const cut = listPath.lastIndexOf('/');
  return `${listPath.slice(0, cut)}/namespaces/${namespace}${listPath.slice(cut)}/${name}`;
}

interface CertificateObject extends KubeObject {
  readonly spec?: { readonly secretName?: string };
}

async function makeCertificateSecrets({ api, world, of }: Stage): Promise<void> {
  for (const { metadata, spec } of of<CertificateObject>(CERTIFICATES_PATH)) {
    const namespace = metadata?.namespace ?? '';
    const name = spec?.secretName;
    if (name === undefined || world.secrets.get(name, namespace) !== undefined) continue;
    const bytes = () => randomBytes(48).toString('base64');
    await api.ensure(`/api/v1/namespaces/${namespace}/secrets`, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace },
      type: 'kubernetes.io/tls',
      data: { 'tls.crt': bytes(), 'tls.key': bytes(), 'ca.crt': bytes() },
    });
  }
}
