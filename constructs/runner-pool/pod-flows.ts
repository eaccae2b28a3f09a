import type { NetworkPolicyV1Config } from '@cdktf/provider-kubernetes/lib/network-policy-v1/index.js';
import type { Construct } from 'constructs';
import { Resource } from '../binding.ts';
import { NETWORK_POLICY } from '../kubernetes.ts';
import type { ManagedNamespace } from '../namespace/managed-namespace.ts';
import {
  type ClusterNetwork,
  dnsFlow,
  egressRules,
  type Flow,
  ingressRules,
} from '../workload/flows.ts';

/** Settings of {@link definePodFlows}. */
export interface PodFlows {
  readonly namespace: ManagedNamespace;
  readonly name: string;
  /** The labels of the pods. */
  readonly selector: Readonly<Record<string, string>>;
  readonly network: ClusterNetwork;
  /** Who may call them. @default - nobody */
  readonly from?: readonly Flow[];
  /** Whom they call, besides the cluster DNS. */
  readonly to: readonly Flow[];
}

/**
 * The declared flows of pods that a chart or a controller makes. Everything else is denied.
 *
 * What makes the pods depends on the policy, so that a destroy takes the pods' ways away after the pods.
 */
export function definePodFlows(
  scope: Construct,
  id: string,
  props: PodFlows,
): Resource<NetworkPolicyV1Config> {
  const { namespace, name, selector, network, from = [], to } = props;
  return new Resource(scope, id, NETWORK_POLICY, {
    metadata: { name, namespace: namespace.name },
    spec: {
      podSelector: { matchLabels: { ...selector } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: ingressRules(from),
      egress: egressRules([dnsFlow(network), ...to]),
    },
    dependsOn: [namespace.release],
  });
}
