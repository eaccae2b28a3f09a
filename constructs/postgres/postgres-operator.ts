import { Construct } from 'constructs';
import type { ChartPin } from '../../values/chart-pin.ts';
import type { Image } from '../../values/image.ts';
import { resourceMap, resources } from '../../values/resources.ts';
import { Resource } from '../binding.ts';
import { stateFact } from '../facts.ts';
import { type ChartMirror, ChartRelease } from '../helm.ts';
import { NETWORK_POLICY } from '../kubernetes.ts';
import type { ManagedNamespace } from '../namespace/managed-namespace.ts';
import {
  apiServerFlow,
  type ClusterNetwork,
  dnsFlow,
  egressRules,
  type Flow,
  ingressRules,
  namespaceFlow,
  podFlow,
  tcp,
} from '../workload/flows.ts';
import { CLUSTER_LABEL } from './cluster-manifests.ts';

/** Names of the releases; the charts label their pods with their own names, whatever the release is called. */
const OPERATOR = 'cloudnative-pg';
const PLUGIN = 'plugin-barman-cloud';

const WEBHOOK_PORT = 9443;
const METRICS_PORT = 8080;
const PLUGIN_PORT = 9090;
const STATUS_PORT = 8000;
const POSTGRES_PORT = 5432;

const OPERATOR_RESOURCES = resources(['100m', '500m'], ['128Mi', '256Mi']);
const PLUGIN_RESOURCES = resources(['50m', '500m'], ['64Mi', '256Mi']);

/** Settings of a {@link PostgresOperator}. */
export interface PostgresOperatorProps {
  /** A namespace of its own: it may read every Secret of the cluster. */
  readonly namespace: ManagedNamespace;
  readonly network: ClusterNetwork;
  readonly chart: ChartPin;
  readonly image: Image;
  readonly mirror?: ChartMirror | undefined;

  /** Where its instances run, for the network policy. */
  readonly instances: { readonly namespace: string; readonly cluster: string };

  /** The Barman Cloud plugin, which needs cert-manager. @default - no backups */
  readonly plugin?:
    | { readonly chart: ChartPin; readonly image: Image; readonly sidecarImage: Image }
    | undefined;

  /** Namespace of Prometheus, and the labels by which it chooses monitors. @default - no monitors */
  readonly monitoring?:
    | { readonly namespace: string; readonly labels: Readonly<Record<string, string>> }
    | undefined;

  readonly pullSecret?: string | undefined;
}

/**
 * The CloudNativePG operator, and the plugin that makes its backups.
 *
 * Its webhooks refuse every cluster until they answer, so whatever defines a cluster depends on {@link release}, which is
 * waited for. Instances run on without it: what stops is repair, failover and change.
 */
export class PostgresOperator extends Construct {
  /** Where it runs. */
  readonly namespace: ManagedNamespace;

  /** What every cluster depends on; done when the webhooks answer. */
  readonly release: ChartRelease;

  /** What every backup depends on, or undefined where there are none. */
  readonly plugin: ChartRelease | undefined;

  private readonly props: PostgresOperatorProps;

  constructor(scope: Construct, id: string, props: PostgresOperatorProps) {
    super(scope, id);
    this.props = props;
    this.namespace = props.namespace;
    this.release = this.defineOperator();
    this.plugin = this.definePlugin();
    stateFact(this, 'component', {
      component: 'database operator',
      namespace: props.namespace.name,
      replicas: '1',
      failureDomain: 'node (moves to another)',
      backup: 'keeps no data',
      highlyAvailable: false,
    });
  }

  private defineOperator(): ChartRelease {
    const { props } = this;
    const policy = this.definePolicy('network-policy', OPERATOR, {
      from: [
        // The API server calls from the address of its node, or of its node's bridge, which nobody declares.
        { peer: { kind: 'addresses', cidrs: ['0.0.0.0/0'] }, ports: tcp(WEBHOOK_PORT) },
        ...this.scrapers(METRICS_PORT),
      ],
      to: [
        apiServerFlow(props.network),
        podFlow(
          props.instances.namespace,
          { [CLUSTER_LABEL]: props.instances.cluster },
          STATUS_PORT,
          POSTGRES_PORT,
        ),
        ...(props.plugin === undefined ? [] : [this.peer(PLUGIN, PLUGIN_PORT)]),
      ],
    });
    return new ChartRelease(this, 'chart', {
      chart: props.chart,
      mirror: props.mirror,
      releaseName: OPERATOR,
      namespace: props.namespace.name,
      wait: true,
      values: {
        image: { repository: props.image.name, tag: props.image.tagAndDigest },
        imagePullSecrets: this.pullSecrets,
        resources: resourceValues(OPERATOR_RESOURCES),
        // Another version of the operator replaces the manager inside the instances instead of the instances.
        config: { data: { ENABLE_INSTANCE_MANAGER_INPLACE_UPDATES: 'true' } },
        monitoring: {
          podMonitorEnabled: props.monitoring !== undefined,
          podMonitorAdditionalLabels: { ...props.monitoring?.labels },
        },
      },
      dependsOn: [props.namespace.release, policy],
    });
  }

  private definePlugin(): ChartRelease | undefined {
    const { plugin, network, namespace, mirror } = this.props;
    if (plugin === undefined) return undefined;
    const policy = this.definePolicy('plugin-network-policy', PLUGIN, {
      from: [this.peer(OPERATOR, PLUGIN_PORT)],
      to: [apiServerFlow(network)],
    });
    return new ChartRelease(this, 'plugin-chart', {
      chart: plugin.chart,
      mirror,
      releaseName: PLUGIN,
      namespace: namespace.name,
      wait: true,
      values: {
        image: imageValues(plugin.image),
        sidecarImage: imageValues(plugin.sidecarImage),
        imagePullSecrets: this.pullSecrets,
        resources: resourceValues(PLUGIN_RESOURCES),
      },
      dependsOn: [this.release.release, policy],
    });
  }

  private get pullSecrets() {
    const { pullSecret } = this.props;
    return pullSecret === undefined ? [] : [{ name: pullSecret }];
  }

  private scrapers(port: number): Flow[] {
    const { monitoring } = this.props;
    return monitoring === undefined ? [] : [namespaceFlow(monitoring.namespace, port)];
  }

  private peer(chart: string, port: number): Flow {
    return podFlow(this.props.namespace.name, podLabels(chart), port);
  }

  private definePolicy(
    id: string,
    chart: string,
    flows: { readonly from: readonly Flow[]; readonly to: readonly Flow[] },
  ) {
    const { namespace, network } = this.props;
    return new Resource(this, id, NETWORK_POLICY, {
      metadata: { name: chart, namespace: namespace.name },
      spec: {
        podSelector: { matchLabels: podLabels(chart) },
        policyTypes: ['Ingress', 'Egress'],
        ingress: ingressRules(flows.from),
        egress: egressRules([dnsFlow(network), ...flows.to]),
      },
      dependsOn: [namespace.release],
    });
  }
}

/** The labels of a chart's pods. */
function podLabels(chart: string): Record<string, string> {
  return { 'app.kubernetes.io/name': chart };
}

function imageValues(image: Image) {
  return { registry: image.registry, repository: image.repository, tag: image.tagAndDigest };
}

function resourceValues({ requests, limits }: ReturnType<typeof resources>) {
  return { requests: resourceMap(requests), limits: resourceMap(limits) };
}
