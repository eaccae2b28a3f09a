import type {
  NetworkPolicyV1SpecEgress,
  NetworkPolicyV1SpecIngress,
} from '@cdktf/provider-kubernetes/lib/network-policy-v1/index.js';

/** Whom a pod talks to. */
export type Peer =
  | {
      readonly kind: 'pods';
      readonly namespace: string;
      readonly labels: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'namespace'; readonly namespace: string }
  | {
      readonly kind: 'addresses';
      readonly cidrs: readonly string[];
      readonly except?: readonly string[];
    };

/** A port of the pod that answers, not of the Service before it: policies see the address after translation. */
export interface FlowPort {
  readonly port: number;
  /** @default 'TCP' */
  readonly protocol?: 'TCP' | 'UDP';
}

/** One declared way between pods, or between a pod and the world. */
export interface Flow {
  readonly peer: Peer;
  readonly ports: readonly FlowPort[];
}

/** What is known of the cluster's own addresses. */
export interface ClusterNetwork {
  readonly dnsNamespace: string;
  readonly apiServer: { readonly cidrs: readonly string[]; readonly ports: readonly number[] };
  readonly ingress: {
    readonly namespace: string;
    /** Private addresses to which public names lead, such as those of a load balancer on the LAN. */
    readonly cidrs: readonly string[];
  };
  readonly privateRanges: readonly string[];
}

const ANYWHERE = '0.0.0.0/0';

/** Ports by number, all TCP. */
export function tcp(...ports: readonly number[]): FlowPort[] {
  return ports.map((port) => ({ port }));
}

/** Any pod of a namespace, at those ports. */
export function namespaceFlow(namespace: string, ...ports: readonly number[]): Flow {
  return { peer: { kind: 'namespace', namespace }, ports: tcp(...ports) };
}

/** The pods of a namespace that carry the labels, at those ports. */
export function podFlow(
  namespace: string,
  labels: Readonly<Record<string, string>>,
  ...ports: readonly number[]
): Flow {
  return { peer: { kind: 'pods', namespace, labels }, ports: tcp(...ports) };
}

/** The cluster DNS. */
export function dnsFlow(network: ClusterNetwork): Flow {
  return {
    peer: { kind: 'namespace', namespace: network.dnsNamespace },
    ports: [{ port: 53, protocol: 'UDP' }, { port: 53 }],
  };
}

/** The Kubernetes API, for pods that use it. */
export function apiServerFlow(network: ClusterNetwork): Flow {
  return {
    peer: { kind: 'addresses', cidrs: network.apiServer.cidrs },
    ports: tcp(...network.apiServer.ports),
  };
}

/** Everything outside the private ranges, at those ports. */
export function internetFlow(network: ClusterNetwork, ...ports: readonly number[]): Flow {
  return {
    peer: { kind: 'addresses', cidrs: [ANYWHERE], except: network.privateRanges },
    ports: tcp(...ports),
  };
}

/** The pods of the ingress controller, as callers of a port. */
export function ingressControllerFlow(network: ClusterNetwork, port: number): Flow {
  return namespaceFlow(network.ingress.namespace, port);
}

/** Flows as the egress rules of a NetworkPolicy. */
export function egressRules(flows: readonly Flow[]): NetworkPolicyV1SpecEgress[] {
  return flows.map(({ peer, ports }) => ({ to: peers(peer), ports: policyPorts(ports) }));
}

/** Flows as the ingress rules of a NetworkPolicy. */
export function ingressRules(flows: readonly Flow[]): NetworkPolicyV1SpecIngress[] {
  return flows.map(({ peer, ports }) => ({ from: peers(peer), ports: policyPorts(ports) }));
}

function policyPorts(ports: readonly FlowPort[]) {
  return ports.map(({ port, protocol }) => ({ port: String(port), protocol: protocol ?? 'TCP' }));
}

/** A peer as the sources or targets of a rule; the provider and the API write them alike. */
export function peers(peer: Peer) {
  if (peer.kind === 'addresses') {
    return peer.cidrs.map((cidr) => ({
      ipBlock: { cidr, ...(peer.except === undefined ? {} : { except: [...peer.except] }) },
    }));
  }
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': peer.namespace } };
  if (peer.kind === 'namespace') return [{ namespaceSelector }];
  return [{ namespaceSelector, podSelector: { matchLabels: { ...peer.labels } } }];
}
