import type { ServiceV1Spec } from '@cdktf/provider-kubernetes/lib/service-v1/index.js';

/** A port of a Service, and the port of the pods behind it. */
export interface ServicePort {
  readonly name: string;
  readonly port: number;
  readonly targetPort: number;
}

/**
 * A Service inside the cluster over the pods that the labels choose.
 *
 * A headless one has no address of its own: it gives each pod a name in the DNS.
 */
export function serviceSpec(options: {
  readonly selector: Readonly<Record<string, string>>;
  readonly ports: readonly ServicePort[];
  readonly headless: boolean;
}): ServiceV1Spec {
  const { selector, ports, headless } = options;
  return {
    type: 'ClusterIP',
    ...(headless ? { clusterIp: 'None' } : {}),
    selector: { ...selector },
    ...(ports.length === 0
      ? {}
      : {
          port: ports.map(({ name, port, targetPort }) => ({
            name,
            port,
            targetPort: String(targetPort),
            protocol: 'TCP',
          })),
        }),
  };
}
