import type { RunnerType } from '../../config/runner-types.ts';
import type { Endpoint } from '../../values/endpoint.ts';
import { nixConfig, type Substituter } from './nix-config.ts';

/** The caches that jobs can be attached to, as pods reach them. */
export interface JobCaches {
  readonly attic: { readonly server: Endpoint<'pod'>; readonly cache: string };
  /** What Nix substitutes from, besides cache.nixos.org: only caches whose key is known. */
  readonly substituters: readonly Substituter[];
  /** The Bazel cache, or undefined where there is none. */
  readonly bazel: Endpoint<'pod'> | undefined;
}

/** The variables of every job of a type: those of the type itself, and those that attach it to its caches. */
export function jobEnvironment(type: RunnerType, caches: JobCaches): Record<string, string> {
  return {
    ...type.environment,
    ...(type.caches.nix ? nixVariables(caches) : {}),
    ...(type.caches.bazel && caches.bazel !== undefined
      ? { BAZEL_REMOTE_CACHE: String(caches.bazel) }
      : {}),
  };
}

function nixVariables({ attic, substituters }: JobCaches): Record<string, string> {
  return {
    ATTIC_SERVER: String(attic.server),
    ATTIC_CACHE: attic.cache,
    NIX_CONFIG: nixConfig(substituters),
  };
}
