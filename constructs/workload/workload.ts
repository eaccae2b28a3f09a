import type { DeploymentV1Config } from '@cdktf/provider-kubernetes/lib/deployment-v1/index.js';
import type { ServiceV1Config } from '@cdktf/provider-kubernetes/lib/service-v1/index.js';
import type { StatefulSetV1Config } from '@cdktf/provider-kubernetes/lib/stateful-set-v1/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { Resource } from '../binding.ts';
import {
  DEPLOYMENT,
  NETWORK_POLICY,
  POD_DISRUPTION_BUDGET,
  SERVICE,
  STATEFUL_SET,
} from '../kubernetes.ts';
import { componentLabels, type LabelOptions, selectorLabels } from '../labels.ts';
import type { ManagedNamespace } from '../namespace/managed-namespace.ts';
import { Account, type RoleRule } from './account.ts';
import { type Autoscaling, defineAutoscaler } from './autoscaling.ts';
import { type ClusterNetwork, dnsFlow, egressRules, type Flow, ingressRules } from './flows.ts';
import { type PodOptions, podSpec } from './pod.ts';
import { podAnnotations } from './pod-annotations.ts';
import { statePodFacts } from './pod-facts.ts';
import { startupSec } from './probe.ts';
import { type ServicePort, serviceSpec } from './service.ts';

/** Beside the start itself: to end the old pod, to find a place for the new one, to pull its image. */
const BEFORE_START_SEC = 300;
/** So that a rollout that comes to nothing says so itself before the apply stops waiting. */
const AFTER_DEADLINE_SEC = 60;

/** Settings of a {@link Workload}. */
export interface WorkloadProps
  extends Omit<PodOptions, 'serviceAccount' | 'token' | 'spread' | 'restartPolicy'> {
  readonly namespace: ManagedNamespace;

  /** The name of the workload, its Service and its account. */
  readonly name: string;

  /** The part it plays in which whole, for its labels. */
  readonly labels: Pick<LabelOptions, 'component' | 'partOf'>;

  readonly network: ClusterNetwork;

  /** A fixed number, or bounds between which it follows its load. */
  readonly replicas: number | Autoscaling;

  /**
   * Deployment, or StatefulSet for replicas with names of their own, which resolve by the headless Service
   * `<name>-headless`.
   *
   * @default 'Deployment'
   */
  readonly kind?: 'Deployment' | 'StatefulSet';

  /** The ports of its Service. Without any there is no Service. */
  readonly service?: readonly ServicePort[];

  /** Who may call it, and whom it calls. Everything else is denied; the cluster DNS is always allowed. */
  readonly flows: { readonly from: readonly Flow[]; readonly to: readonly Flow[] };

  /**
   * What its account may do in its own namespace.
   *
   * @default - nothing, and no token is mounted
   */
  readonly rules?: readonly RoleRule[];

  /** Mount the token although the rights come from elsewhere, such as a binding in another namespace. */
  readonly token?: boolean;

  /**
   * Stop the old pod before the new one starts. Needed where two must never run at once.
   *
   * @default false
   */
  readonly recreate?: boolean;

  /** Text whose change must restart the pods: configuration that they read only when they start. */
  readonly restartOn?: Readonly<Record<string, string>>;

  /** Annotations of the pods. */
  readonly podAnnotations?: Readonly<Record<string, string>>;

  /** Annotations of the workload itself. */
  readonly annotations?: Readonly<Record<string, string>>;

  /**
   * Wait in the apply until the pods are ready, for as long as their startup probes let them take. Only where later
   * objects of the same apply need it.
   *
   * @default false
   */
  readonly waitForRollout?: boolean;

  /** What has to exist before it, and is destroyed after it. */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/**
 * A long-running program of ours: pods, Service, account, network policy, and what keeps it up.
 *
 * All our own pods go through here, so hardening, limits and flows are decided once. With more than one replica the
 * pods keep away from each other and a budget lets a drain take one at a time; with one there is no budget, because it
 * could only block the drain.
 */
export class Workload extends Construct {
  /** The labels that choose its pods. */
  readonly selector: Readonly<Record<string, string>>;

  /** The least number of replicas. */
  readonly replicas: number;

  /** The account its pods run under. */
  readonly account: Account;

  /** The Deployment or StatefulSet, for `addOverride` where a prop is missing. */
  readonly controller: Resource<DeploymentV1Config> | Resource<StatefulSetV1Config>;

  /** The Service, or undefined when nobody calls it. */
  readonly service: Resource<ServiceV1Config> | undefined;

  private readonly props: WorkloadProps;
  private readonly commonLabels: Readonly<Record<string, string>>;
  private readonly dependsOn: ITerraformDependable[];

  constructor(scope: Construct, id: string, props: WorkloadProps) {
    super(scope, id);
    this.props = props;
    const labelOptions = { name: props.name, instance: props.name, ...props.labels };
    this.selector = selectorLabels(labelOptions);
    this.commonLabels = componentLabels(labelOptions);
    this.replicas = typeof props.replicas === 'number' ? props.replicas : props.replicas.min;
    this.dependsOn = [props.namespace.release, ...(props.dependsOn ?? [])];

    this.account = this.defineAccount();
    this.defineNetworkPolicy();
    this.controller = this.defineController();
    this.service = this.defineService();
    this.defineAutoscaler();
    this.defineDisruptionBudget();
    statePodFacts(this, `${props.namespace.name}/${props.name}`, props);
  }

  private metadata(name = this.props.name) {
    return { name, namespace: this.props.namespace.name, labels: { ...this.commonLabels } };
  }

  private defineAccount(): Account {
    const { namespace, name, rules } = this.props;
    return new Account(this, 'account', { namespace, name, labels: this.commonLabels, rules });
  }

  private defineController() {
    const { props } = this;
    const template = {
      metadata: {
        labels: { ...this.commonLabels },
        annotations: { ...podAnnotations(props), ...props.podAnnotations },
      },
      spec: podSpec({
        ...props,
        serviceAccount: props.name,
        token: props.token ?? props.rules !== undefined,
        ...(this.mostReplicas > 1 ? { spread: this.selector } : {}),
      }),
    };
    const common = {
      metadata: {
        ...this.metadata(),
        ...(props.annotations === undefined ? {} : { annotations: { ...props.annotations } }),
      },
      waitForRollout: props.waitForRollout ?? false,
      dependsOn: [...this.dependsOn, ...this.account.resources],
      ...(props.waitForRollout === true ? { timeouts: this.rolloutTimeouts() } : {}),
      ...(this.scaled ? { lifecycle: { ignoreChanges: ['spec[0].replicas'] } } : {}),
    };
    const spec = {
      replicas: String(this.replicas),
      selector: { matchLabels: { ...this.selector } },
      template,
    };
    if (props.kind === 'StatefulSet') {
      const governing = this.defineGoverningService();
      return new Resource(this, 'Resource', STATEFUL_SET, {
        ...common,
        spec: { ...spec, serviceName: this.governingName },
        dependsOn: [...common.dependsOn, governing],
      });
    }
    return new Resource(this, 'Resource', DEPLOYMENT, {
      ...common,
      spec: { ...spec, ...this.rollout() },
    });
  }

  private rollout() {
    const { recreate, waitForRollout } = this.props;
    const strategy =
      recreate === true
        ? { type: 'Recreate' }
        : { type: 'RollingUpdate', rollingUpdate: { maxSurge: '1', maxUnavailable: '0' } };
    return {
      strategy,
      revisionHistoryLimit: 3,
      ...(waitForRollout === true ? { progressDeadlineSeconds: this.progressDeadlineSec } : {}),
    };
  }

  /** The apply may not give up on pods that are still allowed to start: the provider waits ten minutes by itself. */
  private rolloutTimeouts() {
    const time = `${this.progressDeadlineSec + AFTER_DEADLINE_SEC}s`;
    return { create: time, update: time };
  }

  private get progressDeadlineSec(): number {
    return startupSec(this.props.containers) + BEFORE_START_SEC;
  }

  private get scaled(): boolean {
    return (
      typeof this.props.replicas !== 'number' && this.props.replicas.max > this.props.replicas.min
    );
  }

  private get mostReplicas(): number {
    return typeof this.props.replicas === 'number' ? this.props.replicas : this.props.replicas.max;
  }

  private defineService(): Resource<ServiceV1Config> | undefined {
    return this.props.service === undefined
      ? undefined
      : this.defineServiceOf('service', this.props.name, false);
  }

  private get governingName(): string {
    return `${this.props.name}-headless`;
  }

  /** Gives each pod of a StatefulSet a name in the DNS. */
  private defineGoverningService(): Resource<ServiceV1Config> {
    return this.defineServiceOf('governing-service', this.governingName, true);
  }

  private defineServiceOf(id: string, name: string, headless: boolean): Resource<ServiceV1Config> {
    return new Resource(this, id, SERVICE, {
      metadata: this.metadata(name),
      spec: serviceSpec({ selector: this.selector, ports: this.props.service ?? [], headless }),
      // The provider would otherwise wait for an address that only a load balancer has.
      waitForLoadBalancer: false,
      dependsOn: this.dependsOn,
    });
  }

  private defineNetworkPolicy(): void {
    const { flows, network } = this.props;
    new Resource(this, 'network-policy', NETWORK_POLICY, {
      metadata: this.metadata(),
      spec: {
        podSelector: { matchLabels: { ...this.selector } },
        policyTypes: ['Ingress', 'Egress'],
        ingress: ingressRules(flows.from),
        egress: egressRules([dnsFlow(network), ...flows.to]),
      },
      dependsOn: this.dependsOn,
    });
  }

  private defineAutoscaler(): void {
    const { replicas } = this.props;
    if (typeof replicas === 'number' || !this.scaled) return;
    defineAutoscaler(this, 'autoscaler', {
      metadata: this.metadata(),
      kind: this.props.kind ?? 'Deployment',
      scaling: replicas,
      dependsOn: this.dependsOn,
    });
  }

  private defineDisruptionBudget(): void {
    if (this.replicas < 2) return;
    new Resource(this, 'disruption-budget', POD_DISRUPTION_BUDGET, {
      metadata: this.metadata(),
      spec: { maxUnavailable: '1', selector: { matchLabels: { ...this.selector } } },
      dependsOn: this.dependsOn,
    });
  }
}
