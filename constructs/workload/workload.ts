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
   * Deployment, or StatefulSet for replicas with names of their own.
   *
   * @default 'Deployment'
   */
  readonly kind?: 'Deployment' | 'StatefulSet';

  /** The ports of its Service. Without any there is no Service. */
  readonly service?: readonly {
    readonly name: string;
    readonly port: number;
    readonly targetPort: number;
  }[];

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
   * Wait in the apply until the pods are ready. Only where later objects of the same apply need it.
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
      ...(this.scaled ? { lifecycle: { ignoreChanges: ['spec[0].replicas'] } } : {}),
    };
    const spec = {
      replicas: String(this.replicas),
      selector: { matchLabels: { ...this.selector } },
      template,
    };
    return props.kind === 'StatefulSet'
      ? new Resource(this, 'Resource', STATEFUL_SET, {
          ...common,
          spec: { ...spec, serviceName: props.name },
        })
      : new Resource(this, 'Resource', DEPLOYMENT, {
          ...common,
          spec: { ...spec, ...this.rollout() },
        });
  }

  private rollout() {
    if (this.props.recreate === true)
      return { strategy: { type: 'Recreate' }, revisionHistoryLimit: 3 };
    return {
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '1', maxUnavailable: '0' } },
      revisionHistoryLimit: 3,
    };
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
    const { service } = this.props;
    if (service === undefined) return undefined;
    return new Resource(this, 'service', SERVICE, {
      metadata: this.metadata(),
      spec: {
        type: 'ClusterIP',
        selector: { ...this.selector },
        port: service.map(({ name, port, targetPort }) => ({
          name,
          port,
          targetPort: String(targetPort),
          protocol: 'TCP',
        })),
      },
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
