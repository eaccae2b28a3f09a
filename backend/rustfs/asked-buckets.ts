import { closest } from 'fastest-levenshtein';
import type { Settings } from '../../config/settings.ts';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { AskedBucket } from './api-view.ts';

/**
 * The buckets of the object store that the settings declare: all, or the one that is named.
 *
 * @throws Failure for a name that is none of them
 */
export function askedBuckets(settings: Settings, name: string | undefined): AskedBucket[] {
  const { state, objectStore, bazelCache } = settings;
  const holdsState = state.store === 'object-store';
  const names = [
    ...(holdsState ? [state.bucket] : []),
    objectStore.buckets.attic,
    ...(bazelCache.enabled ? [objectStore.buckets.bazel] : []),
  ];
  if (name !== undefined && !names.includes(name)) {
    throw new Failure(
      `--bucket must be one that the settings declare, got: ${name}\n    did you mean ${closest(name, names)}? there are ${names.join(', ')}`,
      EXIT.usage,
    );
  }
  return [...new Set(names)]
    .filter((bucket) => name === undefined || bucket === name)
    .map((bucket) => ({
      bucket,
      stateKeys: holdsState && bucket === state.bucket ? Object.values(state.keys) : [],
    }));
}
