import type { PublicNames } from '../constructs/public-entry.ts';
import type { StackContext } from './stack-context.ts';

/** How public names work in this cluster, for every construct that has one. */
export function publicNames({ settings }: StackContext): PublicNames {
  const { cluster, dns } = settings;
  return {
    ingressClass: cluster.ingress.class,
    issuer: cluster.certManager.installed ? cluster.certManager.issuer : undefined,
    externalDnsTtlSec: dns.provider === 'external-dns' ? dns.ttlSec : undefined,
  };
}
