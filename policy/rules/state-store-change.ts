import { definedObjects } from '../model/cluster.ts';
import { asObjects, asText, at } from '../model/json.ts';
import { type KubernetesObject, specOf } from '../model/kubernetes-object.ts';
import { resourcesOf } from '../model/stack-json.ts';
import type { JudgedStack } from '../policy-input.ts';
import type { Rule } from '../rule.ts';
import { holdsState, type StateStore, stateStoreChange } from '../state-store.ts';

/** The state of the apply that changes the store lies in the store that is changed. */
export const stateStoreChangeRule: Rule = {
  id: 'state-store-change',
  severity: 'notice',
  meaning:
    'A change that restarts, replaces or removes the store of the state is named before it is applied.',
  *judge({ input, objects }) {
    const after = storesIn(objects);
    const same = new Set(input.stacks.map(({ json }) => json));
    const before = input.previous.filter((stack) => !same.has(stack.json) && mayHoldState(stack));
    for (const { store, object } of storesIn(definedObjects(before))) {
      const next = after.find((candidate) => candidate.object.address === object.address);
      const change = stateStoreChange(store, next?.store);
      if (change === undefined) continue;
      const grave = change.effect === 'removes' || change.effect === 'replaces';
      yield {
        resource: object.address,
        ...(grave ? { severity: 'warning' } : {}),
        problem: `the next apply ${change.effect} the state store: ${change.what.join('; ')}`,
        remedy: grave
          ? 'move the state to another store first'
          : 'apply it by the recipes, which hold state writes while the store restarts',
      };
    }
  },
};

/** Reading a whole stack costs time, and hardly any stack holds the state. */
function mayHoldState(stack: JudgedStack): boolean {
  return resourcesOf(stack).some(({ body }) => holdsState(body));
}

function storesIn(objects: readonly KubernetesObject[]) {
  return objects
    .filter(({ body }) => holdsState(body))
    .map((object) => ({ object, store: readStore(object, objects) }));
}

function readStore(object: KubernetesObject, objects: readonly KubernetesObject[]): StateStore {
  const names = asObjects(specOf(object, 'template', 'spec', 'volumes')).map((volume) =>
    asText(at(volume, 'persistentVolumeClaim', 'claimName')),
  );
  const claims = objects.filter(
    ({ kind, name, namespace }) =>
      kind === 'PersistentVolumeClaim' && namespace === object.namespace && names.includes(name),
  );
  return { workload: object.body, claims: claims.map(({ body }) => body) };
}
