import type { IngressV1Config } from '@cdktf/provider-kubernetes/lib/ingress-v1/index.js';
import { Construct } from 'constructs';
import { defined } from '../values/defined.ts';
import { SecretRef } from '../values/secret-ref.ts';
import { Resource } from './binding.ts';
import { stateFact } from './facts.ts';
import { INGRESS, NETWORK_POLICY } from './kubernetes.ts';
import type { ManagedNamespace } from './namespace/managed-namespace.ts';
import { type ClusterNetwork, ingressControllerFlow, ingressRules } from './workload/flows.ts';

/** Where cert-manager's own pod answers the question of an HTTP-01 issuer. */
const ACME_SOLVER_PORT = 8089;

/** How public names work in this cluster. */
export interface PublicNames {
  readonly ingressClass: string;
  /** ClusterIssuer of cert-manager, or undefined where certificates are made by hand. */
  readonly issuer: string | undefined;
  /** Lifetime of DNS records that external-dns makes, or undefined where it is not there. */
  readonly externalDnsTtlSec: number | undefined;
}

/** Settings of a {@link PublicEntry}. */
export interface PublicEntryProps {
  readonly namespace: ManagedNamespace;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly host: string;
  readonly service: { readonly name: string; readonly port: number };
  readonly names: PublicNames;
  readonly network: ClusterNetwork;

  /** Paths below which the Service is reachable. @default ['/'] */
  readonly paths?: readonly string[];

  /** Largest upload in MiB. @default - what the controller allows */
  readonly maxBodyMiB?: number;

  /** Longest transfer in seconds. @default - what the controller allows */
  readonly timeoutSec?: number;
}

/**
 * A public name with TLS in front of a Service.
 *
 * The certificate lies in the Secret `<name>-tls`: written by cert-manager, or by a person where there is none. Limits of
 * size and time are annotations of ingress-nginx; Traefik has neither limit and ignores them.
 */
export class PublicEntry extends Construct {
  /** The Ingress, for `addOverride` where a prop is missing. */
  readonly ingress: Resource<IngressV1Config>;

  constructor(scope: Construct, id: string, props: PublicEntryProps) {
    super(scope, id);
    const { namespace, name, host, service, names } = props;
    this.ingress = new Resource(this, 'Resource', INGRESS, {
      metadata: {
        name,
        namespace: namespace.name,
        labels: { ...props.labels },
        annotations: annotations(props),
      },
      spec: {
        ingressClassName: names.ingressClass,
        rule: [
          {
            host,
            http: {
              path: (props.paths ?? ['/']).map((path) => ({
                path,
                pathType: 'Prefix',
                backend: { service: { name: service.name, port: { number: service.port } } },
              })),
            },
          },
        ],
        tls: [{ hosts: [host], secretName: `${name}-tls` }],
      },
      waitForLoadBalancer: false,
      dependsOn: [namespace.release],
    });
    if (names.issuer !== undefined) this.defineSolverPolicy(props);
    else stateFact(this, 'secret', SecretRef.of('tls-certificate', namespace.name, `${name}-tls`));
  }

  /**
   * Lets the ingress controller reach the pod that cert-manager puts beside the Ingress for an HTTP-01 issuer. Without it
   * the default of the namespace denies the question, and there is never a certificate.
   *
   * @see https://cert-manager.io/docs/configuration/acme/http01/
   */
  private defineSolverPolicy({ namespace, name, labels, network }: PublicEntryProps): void {
    new Resource(this, 'acme-solver', NETWORK_POLICY, {
      metadata: { name: `${name}-acme`, namespace: namespace.name, labels: { ...labels } },
      spec: {
        podSelector: { matchLabels: { 'acme.cert-manager.io/http01-solver': 'true' } },
        policyTypes: ['Ingress', 'Egress'],
        ingress: ingressRules([ingressControllerFlow(network, ACME_SOLVER_PORT)]),
      },
      dependsOn: [namespace.release],
    });
  }
}

function annotations(props: PublicEntryProps): Record<string, string> {
  const { host, names, maxBodyMiB, timeoutSec } = props;
  const ttl = names.externalDnsTtlSec;
  return defined({
    'cert-manager.io/cluster-issuer': names.issuer,
    'external-dns.alpha.kubernetes.io/hostname': ttl === undefined ? undefined : host,
    'external-dns.alpha.kubernetes.io/ttl': ttl?.toString(),
    'nginx.ingress.kubernetes.io/proxy-body-size':
      maxBodyMiB === undefined ? undefined : `${maxBodyMiB}m`,
    'nginx.ingress.kubernetes.io/proxy-read-timeout': timeoutSec?.toString(),
    'nginx.ingress.kubernetes.io/proxy-request-buffering':
      timeoutSec === undefined ? undefined : 'off',
    'nginx.ingress.kubernetes.io/proxy-send-timeout': timeoutSec?.toString(),
  });
}
