import type { Manifest } from '../manifests/manifests.ts';
import { type Flow, type FlowPort, peers } from './flows.ts';

/** What a {@link policyManifest} is about. */
export interface PolicyManifestProps {
  readonly name: string;
  readonly namespace: string;

  /** Labels of the pods that it chooses. @default - every pod of the namespace */
  readonly pods?: Readonly<Record<string, string>>;

  readonly ingress: readonly Flow[];
  readonly egress: readonly Flow[];
}

/**
 * A NetworkPolicy as an object of a release, for one that has to stand as long as the pods that it chooses, also when those
 * outlive a destroy.
 *
 * A direction without flows is written as an empty list and not left out: rules that somebody adds by hand then differ from
 * what is declared, and `drift` sees them.
 */
export function policyManifest(props: PolicyManifestProps): Manifest {
  const { name, namespace, pods, ingress, egress } = props;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace },
    spec: {
      podSelector: pods === undefined ? {} : { matchLabels: { ...pods } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: ingress.map(({ peer, ports }) => ({ from: peers(peer), ports: numbered(ports) })),
      egress: egress.map(({ peer, ports }) => ({ to: peers(peer), ports: numbered(ports) })),
    },
  };
}

/** In the API a port that is text is the name of one. */
function numbered(ports: readonly FlowPort[]) {
  return ports.map(({ port, protocol = 'TCP' }) => ({ port, protocol }));
}
