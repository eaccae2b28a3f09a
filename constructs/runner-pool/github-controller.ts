import type { ReleaseConfig } from '@cdktf/provider-helm/lib/release/index.js';
import type { NetworkPolicyV1Config } from '@cdktf/provider-kubernetes/lib/network-policy-v1/index.js';
import { Construct } from 'constructs';
import type { ChartPin } from '../../values/chart-pin.ts';
import type { Image } from '../../values/image.ts';
import { SecretRef } from '../../values/secret-ref.ts';
import type { Resource } from '../binding.ts';
import { stateFact } from '../facts.ts';
import { type ChartMirror, ChartRelease } from '../helm.ts';
import { ManagedNamespace } from '../namespace/managed-namespace.ts';
import { apiServerFlow, type ClusterNetwork, namespaceFlow } from '../workload/flows.ts';
import { forgeFlows } from '../workload/forge-flows.ts';
import { largestLimits, podDemand, timesDemand, totalDemand } from './demand.ts';
import { ARC_METRICS_PORT, controllerValues } from './github-values.ts';
import { definePodFlows } from './pod-flows.ts';
import { CONTROLLER, LISTENER } from './pod-sizes.ts';
import type { RunnerPriorities } from './runner-priorities.ts';

const RELEASE_NAME = 'arc-controller';
const ACCOUNT = 'arc-controller-gha-rs-controller';

/** The labels that chart and controller give to their pods. */
export const CONTROLLER_SELECTOR = { 'app.kubernetes.io/component': 'controller-manager' };
export const LISTENER_SELECTOR = { 'app.kubernetes.io/component': 'runner-scale-set-listener' };

/** While a new version takes over, the old one is still there. */
const GENERATIONS = 2;

/** Settings of a {@link GithubController}. */
export interface GithubControllerProps {
  /** The namespace of the controller and of the listener of each scale set. */
  readonly namespace: string;
  readonly partOf: string;
  /** Leave the namespace in place on destroy. */
  readonly keep: boolean;
  readonly chart: ChartPin;
  readonly mirror: ChartMirror | undefined;
  readonly image: Image;
  readonly network: ClusterNetwork;
  readonly priorities: RunnerPriorities;
  /** The addresses of GitHub that scale sets belong to: one listener for each scale set. */
  readonly urls: readonly string[];
  /** Private addresses of GitHub; empty where it is on the internet. */
  readonly forgeRanges: readonly string[];
  readonly pullSecret: string | undefined;
  /** Namespace from which metrics are scraped. @default - there are none */
  readonly metricsFrom?: string | undefined;
}

/**
 * The controller of the GitHub runners, in a namespace that enforces `restricted`.
 *
 * Its chart brings the types of scale sets; Helm installs types once and neither changes nor removes them. Scale sets
 * depend on {@link release}: the controller has to outlive them, because only it removes what keeps them from going.
 */
export class GithubController extends Construct {
  /** The namespace it made. */
  readonly namespace: ManagedNamespace;

  /** The account that scale sets let in. */
  readonly account = ACCOUNT;

  /** The release, for `dependsOn` of every scale set. */
  readonly release: Resource<ReleaseConfig>;

  constructor(scope: Construct, id: string, props: GithubControllerProps) {
    super(scope, id);
    this.namespace = this.defineNamespace(props);
    const flows = this.defineFlows(props);
    this.release = new ChartRelease(this, 'release', {
      chart: props.chart,
      mirror: props.mirror,
      releaseName: RELEASE_NAME,
      namespace: this.namespace.name,
      values: controllerValues({
        account: ACCOUNT,
        image: props.image,
        priorityClass: props.priorities.manager,
        pullSecret: props.pullSecret,
        metrics: props.metricsFrom !== undefined,
      }),
      dependsOn: [this.namespace.release, ...props.priorities.resources, ...flows],
    }).release;
    this.stateFacts(props);
  }

  private defineNamespace({ namespace, partOf, keep, urls }: GithubControllerProps) {
    return new ManagedNamespace(this, 'namespace', {
      name: namespace,
      podSecurity: 'restricted',
      trust: 'controllers',
      partOf,
      keep,
      quota: totalDemand([
        timesDemand(podDemand([CONTROLLER]), GENERATIONS),
        timesDemand(podDemand([LISTENER]), urls.length),
      ]),
      containerDefaults: { fallback: LISTENER, max: largestLimits([CONTROLLER, LISTENER]) },
    });
  }

  private defineFlows(props: GithubControllerProps): Resource<NetworkPolicyV1Config>[] {
    const { network, urls, forgeRanges: cidrs, metricsFrom } = props;
    const flows = {
      namespace: this.namespace,
      network,
      from: metricsFrom === undefined ? [] : [namespaceFlow(metricsFrom, ARC_METRICS_PORT)],
      to: [apiServerFlow(network), ...forgeFlows(network, ...urls.map((url) => ({ url, cidrs })))],
    };
    return [
      definePodFlows(this, 'controller-flows', {
        ...flows,
        name: 'controller',
        selector: CONTROLLER_SELECTOR,
      }),
      definePodFlows(this, 'listener-flows', {
        ...flows,
        name: 'listeners',
        selector: LISTENER_SELECTOR,
      }),
    ];
  }

  private stateFacts({ namespace, pullSecret }: GithubControllerProps): void {
    if (pullSecret !== undefined) {
      stateFact(this, 'secret', SecretRef.of('registry-credentials', namespace, pullSecret));
    }
    stateFact(this, 'component', {
      component: 'GitHub runner controller',
      namespace,
      replicas: '1',
      failureDomain: 'node (moves to another; running jobs go on, new ones wait)',
      backup: 'keeps no data',
      highlyAvailable: false,
    });
    stateFact(this, 'note', {
      subject: 'GitHub runner controller',
      note: 'Helm installs the types of its chart once: an upgrade of the chart needs them replaced by hand, after the scale sets are gone',
    });
  }
}
