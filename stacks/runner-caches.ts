import { atticForPods, bazelForPods } from '../config/addresses.ts';
import type { JobCaches } from '../constructs/runner-pool/job-environment.ts';
import type { Substituter } from '../constructs/runner-pool/nix-config.ts';
import { ownValue } from '../values/own-value.ts';
import type { StackContext } from './stack-context.ts';

/**
 * The caches as jobs reach them.
 *
 * Nix takes a path only when it trusts the key that signed it, so the cache of Attic is a substituter as soon as its key
 * stands in the settings, and not before. A cache that needs a token is none either: a job without one would be refused.
 */
export function jobCaches({ settings }: StackContext): JobCaches {
  const { attic, substituters } = settings;
  const server = atticForPods(settings);
  const bazel = bazelForPods(settings);
  const cache = ownValue(attic.caches, attic.defaultCache);
  const own: Substituter[] =
    cache?.publicKey === undefined || !cache.public
      ? []
      : [{ url: String(server.below(attic.defaultCache)), publicKey: cache.publicKey }];
  return {
    attic: { server, cache: attic.defaultCache },
    substituters: [...own, ...substituters.map(({ url, publicKey }) => ({ url, publicKey }))],
    bazel:
      bazel === undefined
        ? undefined
        : { address: bazel, openToWriters: !settings.bazelCache.authenticatedWrites },
  };
}

/** A Nix cache that jobs push to, and what a push that fails means. */
interface CachePush {
  /** Its address, where that is a public one. */
  readonly address?: string;
  /** Its address inside the cluster. */
  readonly pod_address?: string;
  readonly role: 'primary' | 'supplementary';
  readonly failure: 'fails the job' | 'is counted and tolerated';
}

/**
 * Where jobs push what they built, the primary caches first.
 *
 * Attic is the primary one unless the settings name another, and none while its writes are quarantined. A pipeline that
 * tolerates a failed push to a primary cache leaves others to miss the paths.
 */
export function cachePushes({ settings }: StackContext): CachePush[] {
  const { attic, substituters } = settings;
  const declared = substituters.flatMap(({ url, push }) =>
    push === 'never' ? [] : [{ address: url, role: push }],
  );
  const hasPrimary = declared.some(({ role }) => role === 'primary');
  const own = {
    pod_address: String(atticForPods(settings).below(attic.defaultCache)),
    role: hasPrimary ? ('supplementary' as const) : ('primary' as const),
  };
  return [...declared, ...(attic.writes === 'quarantined' ? [] : [own])]
    .sort((left, right) => (left.role < right.role ? -1 : left.role > right.role ? 1 : 0))
    .map((push) => ({
      ...push,
      failure: push.role === 'primary' ? 'fails the job' : 'is counted and tolerated',
    }));
}
