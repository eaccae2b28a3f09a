import { runnerType } from '../../config/runner-types.ts';
import type { Endpoint } from '../../values/endpoint.ts';
import { nixConfig, type Substituter } from './nix-config.ts';
import type { Pool } from './pool.ts';

/** The caches that jobs can be attached to, as pods reach them. */
export interface JobCaches {
  readonly attic: { readonly server: Endpoint<'pod'>; readonly cache: string };
  /** What Nix substitutes from, besides cache.nixos.org: only caches whose key is known. */
  readonly substituters: readonly Substituter[];
  /** The Bazel cache, or undefined where there is none. */
  readonly bazel: BazelCache | undefined;
}

/** The Bazel cache as jobs find it. */
export interface BazelCache {
  readonly address: Endpoint<'pod'>;
  /** Whoever may call it may write to it. */
  readonly openToWriters: boolean;
}

/**
 * Whether the jobs of a pool use the Bazel cache.
 *
 * Bazel runs what the cache calls the result of an action, and nothing signs it. So the operator lane keeps away from a
 * cache that any job may write to. Of Attic it takes only what a key has signed, whoever pushed it.
 */
export function usesBazelCache(
  { type, lane }: Pick<Pool, 'type' | 'lane'>,
  { bazel }: Pick<JobCaches, 'bazel'>,
): boolean {
  if (!runnerType(type).caches.bazel || bazel === undefined) return false;
  return lane !== 'operator' || !bazel.openToWriters;
}

/** The variables of every job of a pool: those of its type, and those that attach it to its caches. */
export function jobEnvironment(
  pool: Pick<Pool, 'type' | 'lane'>,
  caches: JobCaches,
): Record<string, string> {
  const type = runnerType(pool.type);
  return {
    ...type.environment,
    ...(type.caches.nix ? nixVariables(caches) : {}),
    ...(usesBazelCache(pool, caches) ? { BAZEL_REMOTE_CACHE: String(caches.bazel?.address) } : {}),
  };
}

function nixVariables({ attic, substituters }: JobCaches): Record<string, string> {
  return {
    ATTIC_SERVER: String(attic.server),
    ATTIC_CACHE: attic.cache,
    NIX_CONFIG: nixConfig(substituters),
  };
}
