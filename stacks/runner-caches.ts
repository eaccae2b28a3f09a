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
  const cache = ownValue(attic.caches, attic.defaultCache);
  const own: Substituter[] =
    cache?.publicKey === undefined || !cache.public
      ? []
      : [{ url: String(server.below(attic.defaultCache)), publicKey: cache.publicKey }];
  return {
    attic: { server, cache: attic.defaultCache },
    substituters: [...own, ...substituters.map(({ url, publicKey }) => ({ url, publicKey }))],
    bazel: bazelForPods(settings),
  };
}
