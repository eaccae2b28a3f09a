import type { Settings } from '../../config/settings.ts';
import { clusterInReach } from './cluster-in-reach.ts';
import { collectWorkload } from './collect-workload.ts';
import { observe, seenIn } from './observed.ts';

/**
 * The version of the store that the settings deploy, as its image names it; stores do not say it themselves.
 *
 * @returns undefined for a store that nothing here deploys, and where no cluster can be asked
 */
export async function serverVersion(
  settings: Settings,
  environment: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const { objectStore, state, namespaces } = settings;
  if (objectStore.kind !== 'rustfs' || state.store !== 'object-store') return undefined;
  const image = await observe(async () => {
    const { client } = await clusterInReach(settings, environment);
    const place = { namespace: namespaces.cache, name: objectStore.name };
    return seenIn((await collectWorkload(client, place)).workload)?.image;
  });
  const [, tag] = /:([\w][\w.-]*)(?:@|$)/.exec(seenIn(image) ?? '') ?? [];
  return tag;
}
