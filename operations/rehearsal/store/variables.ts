import type { StoreFacts } from './folder.ts';

/**
 * What the backend of the stacks reads of its environment to keep the state in a store.
 *
 * @throws Error when the store has no bucket for the state, which every one has
 */
export function stateVariables({ endpoint, region, pathStyle, buckets }: StoreFacts) {
  const state = stateBucket(buckets);
  return {
    TOFU_BACKEND_S3_ENDPOINT: endpoint,
    TOFU_BACKEND_S3_BUCKET: state.name,
    TOFU_BACKEND_S3_REGION: region,
    TOFU_BACKEND_S3_ACCESS_KEY_ID: state.identity.accessKeyId,
    TOFU_BACKEND_S3_SECRET_ACCESS_KEY: state.identity.secretAccessKey,
    TOFU_BACKEND_S3_PATH_STYLE: String(pathStyle),
  };
}

/** The same as lines for a shell. Nothing in a value needs quotes. */
export function exportLines(facts: StoreFacts): string[] {
  return Object.entries(stateVariables(facts)).map(([name, value]) => `export ${name}=${value}`);
}

/** What leads a bare tofu, which is started without a recipe, to the same bucket. */
export function awsVariables({ endpoint, buckets }: Pick<StoreFacts, 'endpoint' | 'buckets'>) {
  const { identity } = stateBucket(buckets);
  return {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: identity.accessKeyId,
    AWS_SECRET_ACCESS_KEY: identity.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

function stateBucket(buckets: StoreFacts['buckets']): StoreFacts['buckets'][number] {
  const state = buckets.find(({ purpose }) => purpose === 'state');
  if (state === undefined) throw new Error('the store has no bucket for the state');
  return state;
}
