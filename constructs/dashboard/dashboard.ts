import { Construct } from 'constructs';
import { defined } from '../../values/defined.ts';
import type { Endpoint } from '../../values/endpoint.ts';
import type { Image } from '../../values/image.ts';
import { Quantity } from '../../values/quantity.ts';
import type { Resources } from '../../values/resources.ts';
import { SecretRef } from '../../values/secret-ref.ts';
import { stateFact } from '../facts.ts';
import type { ManagedNamespace } from '../namespace/managed-namespace.ts';
import { PublicEntry, type PublicNames } from '../public-entry.ts';
import { endpointFlow } from '../workload/address-flows.ts';
import { apiServerFlow, type ClusterNetwork, ingressControllerFlow } from '../workload/flows.ts';
import { type Forge, forgeFlows } from '../workload/forge-flows.ts';
import { type EnvironmentVariable, fromSecret } from '../workload/pod.ts';
import { Workload } from '../workload/workload.ts';

const PORT = 3000;
const UID = 1000;
const CLUSTER_CA = '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt';

/** Settings of a {@link Dashboard}. */
export interface DashboardProps {
  readonly namespace: ManagedNamespace;
  readonly image: Image;
  readonly url: Endpoint<'developer'>;
  readonly names: PublicNames;
  readonly network: ClusterNetwork;
  readonly replicas: number;
  readonly resources: Resources;

  readonly gitlab: Forge;

  /** Namespaces whose runners it shows. Its rights there are defined by the stacks that own them. */
  readonly watchedNamespaces: {
    readonly gitlab: readonly string[];
    readonly github: readonly string[];
  };

  /** Numbers of the GitLab group and project. @default - what the token can see */
  readonly gitlabIds?: {
    readonly group?: string | undefined;
    readonly project?: string | undefined;
  };

  /** Where it reads metrics. @default - it shows none */
  readonly prometheus?: Endpoint<'pod'> | undefined;

  /** @default 'info' */
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error';

  readonly pullSecret?: string | undefined;
}

/**
 * The web application that shows runners and proposes changes to them.
 *
 * It reads pods, events and scaling objects of the runner namespaces, and never a Secret. What it changes, it proposes as
 * a merge request. Losing it loses sight and nothing else.
 */
export class Dashboard extends Construct {
  /** The pods behind it. */
  readonly workload: Workload;

  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const name = props.namespace.name;
    this.workload = new Workload(this, 'app', {
      namespace: props.namespace,
      name,
      labels: { component: 'web', partOf: 'runner-dashboard' },
      network: props.network,
      replicas: props.replicas,
      uid: UID,
      token: true,
      pullSecret: props.pullSecret,
      containers: [
        {
          name: 'app',
          image: props.image,
          ports: [{ name: 'http', port: PORT }],
          resources: props.resources,
          environment: environment(props),
          startup: { action: health(), failures: 12, periodSec: 5 },
          liveness: { action: health(), periodSec: 30 },
          readiness: { action: health() },
          mounts: [{ volume: 'tmp', path: '/tmp', readOnly: false }],
        },
      ],
      volumes: [{ name: 'tmp', kind: 'scratch', sizeLimit: Quantity.parse('storage', '64Mi') }],
      service: [{ name: 'http', port: 80, targetPort: PORT }],
      flows: {
        from: [ingressControllerFlow(props.network, PORT)],
        to: [
          apiServerFlow(props.network),
          ...forgeFlows(props.network, props.gitlab),
          ...(props.prometheus === undefined ? [] : [endpointFlow(props.prometheus)]),
        ],
      },
    });
    new PublicEntry(this, 'entry', {
      namespace: props.namespace,
      name,
      labels: this.workload.selector,
      host: props.url.host,
      service: { name, port: 80 },
      names: props.names,
      network: props.network,
    });
    this.stateFacts(props);
  }

  private stateFacts({ namespace, replicas, image }: DashboardProps): void {
    stateFact(this, 'component', {
      component: 'dashboard',
      namespace: namespace.name,
      replicas: String(replicas),
      failureDomain: replicas > 1 ? 'the node of each replica' : 'node (moves to another)',
      backup: 'keeps no data',
      // A sign-in that began at one replica ends there or nowhere, and an Ingress spreads its requests over all.
      highlyAvailable: false,
    });
    if (replicas > 1) {
      stateFact(this, 'warning', {
        subject: 'dashboard',
        note: 'challenges of passkeys live in the memory of one replica: have the ingress controller keep each visitor at one (sticky sessions), or set dashboard.replicas to 1',
      });
    }
    if (image.digest === undefined) {
      stateFact(this, 'warning', {
        subject: 'dashboard',
        note: `its image ${image} has no known digest, and nobody has seen it published: until it is, its pod waits in ImagePullBackOff`,
      });
    }
  }
}

function health() {
  return { kind: 'http', path: '/api/health', port: PORT } as const;
}

function environment(props: DashboardProps): EnvironmentVariable[] {
  const { namespace, url, gitlab: forge, watchedNamespaces, gitlabIds } = props;
  const { gitlab, github } = watchedNamespaces;
  const plain: Record<string, string | undefined> = {
    ARC_NAMESPACE: github[0],
    GITLAB_GROUP_ID: gitlabIds?.group,
    GITLAB_OAUTH_REDIRECT_URI: `${url}/auth/callback`,
    GITLAB_PROJECT_ID: gitlabIds?.project,
    GITLAB_URL: forge.url,
    K8S_NAMESPACE: namespace.name,
    K8S_RUNNER_NAMESPACES: [...gitlab, ...github].join(','),
    LOG_LEVEL: props.logLevel ?? 'info',
    NODE_ENV: 'production',
    NODE_EXTRA_CA_CERTS: CLUSTER_CA,
    ORIGIN: String(url),
    PORT: String(PORT),
    PROMETHEUS_URL: props.prometheus === undefined ? undefined : String(props.prometheus),
    RUNNERS_NAMESPACE: gitlab[0],
    RUNNER_STACK_NAME: 'gitlab-runners',
  };
  const oauth = SecretRef.of('oauth-client', namespace.name, 'dashboard-oauth');
  const token = SecretRef.of('gitlab-api-token', namespace.name, 'dashboard-gitlab-token');
  const session = SecretRef.of('session-key', namespace.name, 'dashboard-session');
  return [
    ...Object.entries(defined(plain)).map(([name, value]) => ({ name, value })),
    fromSecret('GITLAB_OAUTH_CLIENT_ID', oauth, 'client-id'),
    fromSecret('GITLAB_OAUTH_CLIENT_SECRET', oauth, 'client-secret'),
    fromSecret('GITLAB_TOKEN', token, 'token'),
    fromSecret('SESSION_SECRET', session, 'key'),
  ];
}
