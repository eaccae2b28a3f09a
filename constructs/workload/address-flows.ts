import { type Endpoint, isClusterName } from '../../values/endpoint.ts';
import { type ClusterNetwork, type Flow, internetFlow, namespaceFlow, tcp } from './flows.ts';

const HTTPS_PORT = 443;
/** On which the pods of an ingress controller listen for TLS: ingress-nginx and Traefik. */
const INGRESS_PORTS = [HTTPS_PORT, 8443];

/**
 * The way to an address that nothing more is known of.
 *
 * Behind a Service the pods may listen on any port, and a policy sees theirs, so all ports of that namespace are open.
 */
export function endpointFlow({ host, portNumber }: Endpoint<'pod'>): Flow {
  const [, namespace] = host.split('.');
  return isClusterName(host) && namespace !== undefined
    ? { peer: { kind: 'namespace', namespace }, ports: [] }
    : { peer: { kind: 'addresses', cidrs: ['0.0.0.0/0'] }, ports: tcp(portNumber) };
}

/**
 * The ways from a pod to a public name of this cluster: the cluster may hand the connection to its ingress controller at
 * once, or send it out first, to the internet or to a private address. Of private ones only those that are declared are
 * open, because the pods that follow a redirect are those of jobs.
 */
export function publicNameFlows(network: ClusterNetwork): Flow[] {
  const { namespace, cidrs } = network.ingress;
  return [
    namespaceFlow(namespace, ...INGRESS_PORTS),
    internetFlow(network, HTTPS_PORT),
    ...(cidrs.length === 0
      ? []
      : [{ peer: { kind: 'addresses', cidrs }, ports: tcp(HTTPS_PORT) } as const]),
  ];
}
