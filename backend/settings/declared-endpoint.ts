import type { Settings } from '../../config/settings.ts';

/**
 * The address of the store of the states as far as the settings tell it to people: where the states lie in the object store,
 * and that can be reached from outside of the cluster.
 */
export function declaredEndpoint({ state, objectStore }: Settings): string | undefined {
  if (state.store !== 'object-store') return undefined;
  switch (objectStore.kind) {
    case 'rustfs':
      return objectStore.publicHost === undefined ? undefined : `https://${objectStore.publicHost}`;
    case 's3':
      return objectStore.endpoint === undefined
        ? `https://s3.${state.region}.${state.region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}`
        : String(objectStore.endpoint);
    case 'r2': {
      const { accountId, jurisdiction } = objectStore;
      const account = jurisdiction === undefined ? accountId : `${accountId}.${jurisdiction}`;
      return `https://${account}.r2.cloudflarestorage.com`;
    }
  }
}
