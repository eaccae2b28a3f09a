import { describe, expect, test } from 'vitest';
import { holdsState, stateStoreChange, workloadOf } from '../../policy/state-store.ts';
import type { Json } from './good/parts.ts';

/** Attributes as they stand in `change.before` of a plan: every block is a list. */
function planned(change: (container: Json, spec: Json) => void = () => {}): Json {
  const container = { name: 'store', image: 'a', env: [{ name: 'MODE', value: 'strict' }] };
  const spec = {
    container: [container],
    volume: [{ name: 'data', persistent_volume_claim: [{ claim_name: 'd' }] }],
  };
  change(container, spec);
  return {
    metadata: [
      { name: 'store', namespace: 'apps', annotations: { 'flywheel/state-store': 'true' } },
    ],
    spec: [{ replicas: '1', template: [{ metadata: [{}], spec: [spec] }] }],
  };
}

function store(attributes: Json, claims: Json[] = []) {
  return { workload: workloadOf('kubernetes_deployment_v1', attributes) ?? {}, claims };
}

function changes(change: (container: Json, spec: Json) => void) {
  return stateStoreChange(store(planned()), store(planned(change)));
}

describe('a change of the state store', () => {
  test.each([
    [
      'its image',
      (container: Json) => {
        container.image = 'b';
      },
      'image a -> b',
    ],
    [
      'a variable',
      (container: Json) => {
        container.env[0].value = 'relaxed';
      },
      'env MODE value strict -> relaxed',
    ],
    [
      'a new variable',
      (container: Json) => {
        container.env.push({ name: 'X', value: '1' });
      },
      'env X added',
    ],
    [
      'a variable that goes',
      (container: Json) => {
        container.env = [];
      },
      'env MODE removed',
    ],
    [
      'its limits',
      (container: Json) => {
        container.resources = { limits: { memory: '1Gi' } };
      },
      'resources nothing -> {"limits":{"memory":"1Gi"}}',
    ],
    [
      'its volume',
      (_: Json, spec: Json) => {
        spec.volume[0].persistent_volume_claim[0].claim_name = 'e';
      },
      'volumes data persistentVolumeClaim claimName d -> e',
    ],
    [
      'a sidecar',
      (_: Json, spec: Json) => {
        spec.container.push({ name: 'proxy' });
      },
      'container proxy added',
    ],
    [
      'its node',
      (_: Json, spec: Json) => {
        spec.node_selector = { a: 'b' };
      },
      'nodeSelector nothing -> {"a":"b"}',
    ],
  ])('restarts it: %s', (_, change, what) => {
    expect(changes(change)).toEqual({ effect: 'restarts', what: [what] });
  });

  test('changes it without a restart: its volume claim, its replicas', () => {
    const claim = (size: string) => ({
      metadata: { name: 'd' },
      spec: { resources: { requests: { storage: size } } },
    });
    const after = planned();
    after.spec[0].replicas = '0';
    expect(
      stateStoreChange(store(planned(), [claim('1Gi')]), store(after, [claim('2Gi')])),
    ).toEqual({
      effect: 'changes',
      what: ['replicas 1 -> 0', 'volume claim d resources requests storage 1Gi -> 2Gi'],
    });
  });

  test('replaces it: another name or kind', () => {
    const moved = planned();
    moved.metadata[0].namespace = 'other';
    expect(stateStoreChange(store(planned()), store(moved))).toEqual({
      effect: 'replaces',
      what: ['Deployment apps/store -> Deployment other/store'],
    });
    const workload = workloadOf('kubernetes_stateful_set_v1', planned()) ?? {};
    expect(stateStoreChange(store(planned()), { workload, claims: [] })?.effect).toBe('replaces');
  });

  test('removes it', () => {
    expect(stateStoreChange(store(planned()), undefined)).toEqual({
      effect: 'removes',
      what: ['Deployment apps/store'],
    });
  });

  test('is none where everything is the same', () => {
    expect(changes(() => {})).toBeUndefined();
  });
});

test('the store is known by its annotation, in a plan and in a stack', () => {
  expect(holdsState(workloadOf('kubernetes_deployment_v1', planned()))).toBe(true);
  const [metadata] = planned().metadata;
  expect(holdsState({ metadata })).toBe(true);
  expect(holdsState({ metadata: { annotations: { 'flywheel/state-store': 'false' } } })).toBe(
    false,
  );
  expect(workloadOf('random_id', {})).toBeUndefined();
});
