import type { V1PersistentVolumeClaim } from '@kubernetes/client-node';
import type { Api } from './api.ts';
import type { World } from './informers.ts';
import { eachApart } from './rounds.ts';
import { isToBeDeleted, provision, wantedGrowth } from './volumes.ts';

const VOLUMES = '/api/v1/persistentvolumes';

/**
 * Stands in for the drivers of the storage classes: makes the volume of a claim when it is time, deletes it after the claim
 * where the class says so, lets it grow where the class allows it. Binding is left to the controller manager.
 */
export async function serveClaims(api: Api, world: World): Promise<void> {
  const classes = world.storageClasses.list();
  const nodes = world.nodes.list().flatMap(({ metadata }) => metadata?.name ?? []);
  await eachApart(world.claims.list(), async (claim) => {
    const decision = provision(claim, classes, nodes);
    const known = world.volumes.get(`pvc-${claim.metadata?.uid}`) !== undefined;
    if (decision.kind === 'create' && !known) await api.ensure(VOLUMES, decision.volume);
    const size = wantedGrowth(claim, classes);
    if (size !== undefined) await grow(api, claim, size);
  });
  await eachApart(world.volumes.list().filter(isToBeDeleted), ({ metadata }) =>
    api.remove(`${VOLUMES}/${metadata?.name}`),
  );
}

async function grow(api: Api, { metadata, spec }: V1PersistentVolumeClaim, storage: string) {
  const capacity = { storage };
  await api.patch(`${VOLUMES}/${spec?.volumeName}`, { spec: { capacity } });
  const path = `/api/v1/namespaces/${metadata?.namespace}/persistentvolumeclaims/${metadata?.name}`;
  await api.patch(`${path}/status`, { status: { capacity } });
}
