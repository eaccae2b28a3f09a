import type { Settings } from '../../../config/settings.ts';
import type { BucketRequest } from '../../../constructs/object-store/bucket-request.ts';
import { type BucketRules, bucketRules } from '../../../constructs/object-store/bucket-rules.ts';
import { makeIdentity } from '../../secrets/s3-pair.ts';

/** A key and its secret, by which a store knows who asks. */
export interface Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A bucket of a rehearsal store, with the identity that is meant to reach it and no other. */
export interface StoreBucket extends BucketRequest {
  readonly rules: BucketRules;
  readonly identity: Identity;
}

/** An identity that nobody had before and nobody has again. */
export function freshIdentity(): Identity {
  const pair = makeIdentity();
  return {
    accessKeyId: pair['access-key-id'],
    secretAccessKey: pair['secret-access-key'],
  };
}

/**
 * The three buckets of the settings with the rules that a store of ours has for them: also where the settings put one of them
 * elsewhere, because what is rehearsed is what lies in a store.
 *
 * @param versions whether the server can keep old versions
 */
export function storeBuckets({ objectStore, state }: Settings, versions = true): StoreBucket[] {
  const requests: BucketRequest[] = [
    { name: objectStore.buckets.attic, purpose: 'attic' },
    { name: objectStore.buckets.bazel, purpose: 'bazel' },
    { name: state.bucket, purpose: 'state' },
  ];
  const stateKeys = Object.values(state.keys);
  return requests.map((request) => {
    const rules = bucketRules(request, { room: 'one volume', stateKeys });
    return {
      ...request,
      rules: { ...rules, versioned: rules.versioned && versions },
      identity: freshIdentity(),
    };
  });
}
