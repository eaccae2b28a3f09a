import { expect, test } from 'vitest';
import { changesIn, isStateful } from '../../../../operations/rehearsal/stacks/planned-changes.ts';

function change(type: string, actions: string[], metadata: object, mode = 'managed') {
  const values = { metadata: [metadata] };
  const [before, after] = actions[0] === 'create' ? [null, values] : [values, null];
  return { type, mode, change: { actions, before, after } };
}

const CHANGES = [
  change('kubernetes_deployment_v1', ['update'], { name: 'attic', namespace: 'nix-cache' }),
  change('kubernetes_job_v1', ['delete', 'create'], { name: 'migrate', namespace: 'nix-cache' }),
  change('kubernetes_priority_class_v1', ['create'], { name: 'jobs' }),
  change('kubernetes_service_v1', ['delete'], { name: 'old', namespace: 'nix-cache' }),
  change('kubernetes_config_map_v1', ['no-op'], { name: 'same', namespace: 'nix-cache' }),
  change('kubernetes_nodes', ['read'], { name: 'all' }, 'data'),
  {
    type: 'helm_release',
    mode: 'managed',
    change: { actions: ['create', 'delete'], before: { name: 'attic-pg', namespace: 'nix-cache' } },
  },
];

test('a plan says what it would do to each resource, by type and name', () => {
  const changes = changesIn({ resource_changes: CHANGES });
  expect(changes.map(({ resource, does }) => `${resource}: ${does}`)).toEqual([
    'deployment nix-cache/attic: in place',
    'helm_release nix-cache/attic-pg: replaced',
    'job nix-cache/migrate: replaced',
    'priority_class jobs: created',
    'service nix-cache/old: destroyed',
  ]);
  expect(changes.filter(isStateful).map(({ resource }) => resource)).toEqual([
    'helm_release nix-cache/attic-pg',
  ]);
});
