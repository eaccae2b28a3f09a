import { Endpoint } from '../values/endpoint.ts';
import type { Settings } from './settings.ts';

/** The Service of Attic. Runners everywhere have its address; the name never changes. */
export const ATTIC_SERVICE = 'attic';

/** The Service of the Bazel cache. Never `bazel-remote`: Kubernetes would hand that program wrong variables. */
export const BAZEL_SERVICE = 'bazel-cache';

/** Port on which the Bazel cache speaks gRPC. */
export const BAZEL_GRPC_PORT = 9092;

/** Where Nix takes everything from that no cache of ours has. Its key is published with Nix itself. */
export const CACHE_NIXOS_ORG = {
  url: 'https://cache.nixos.org',
  publicKey: 'cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=',
} as const;

/** Attic as pods reach it. */
export function atticForPods({ namespaces }: Settings): Endpoint<'pod'> {
  return Endpoint.service('http', ATTIC_SERVICE, namespaces.cache);
}

/** Attic as people reach it. */
export function atticForPeople({ attic, organization }: Settings): Endpoint<'developer'> {
  return Endpoint.parse(
    'developer',
    `https://${attic.publicHost ?? `nix-cache.${organization.domain}`}`,
  );
}

/** The Bazel cache as pods reach it, or undefined where there is none. No other address is promised. */
export function bazelForPods({ namespaces, bazelCache }: Settings): Endpoint<'pod'> | undefined {
  return bazelCache.enabled
    ? Endpoint.service('grpc', BAZEL_SERVICE, namespaces.cache, BAZEL_GRPC_PORT)
    : undefined;
}

/** The dashboard as people reach it. */
export function dashboardForPeople({ dashboard, organization }: Settings): Endpoint<'developer'> {
  return Endpoint.parse(
    'developer',
    `https://${dashboard.host ?? `runners.${organization.domain}`}`,
  );
}
