import { describe, expect, test } from 'vitest';
import { storedIn } from './bootstrap-ground.ts';

describe('the store of the states in a stack', () => {
  test('is the workload that says so, with its volumes, its address and the keys of its bucket', () => {
    expect(storedIn('attic')).toEqual({
      workload: {
        title: 'Deployment nix-cache/attic-rustfs-openebs',
        apiVersion: 'apps/v1',
        resource: 'deployments',
        namespace: 'nix-cache',
        name: 'attic-rustfs-openebs',
      },
      claims: [
        {
          title: 'PersistentVolumeClaim nix-cache/attic-rustfs-openebs-data',
          apiVersion: 'v1',
          resource: 'persistentvolumeclaims',
          namespace: 'nix-cache',
          name: 'attic-rustfs-openebs-data',
        },
      ],
      endpoint: 'http://attic-rustfs-openebs.nix-cache.svc.cluster.local:9000',
      keys: { namespace: 'nix-cache', name: 'tofu-state-s3' },
    });
  });

  test.each(['arc-runners', 'gitlab-runners', 'runner-dashboard'])('is not in %s', (stack) => {
    expect(storedIn(stack)).toBeUndefined();
  });

  test('is none for a bucket that the stack does not make', () => {
    expect(storedIn('attic', 'elsewhere')).toBeUndefined();
  });
});
