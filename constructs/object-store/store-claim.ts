import type { Quantity } from '../../values/quantity.ts';
import type { Manifest } from '../manifests/manifests.ts';

/** The name of the claim behind a store. */
export function storeClaimName(store: string): string {
  return `${store}-data`;
}

/** The claim behind a store. It is given to the namespace, whose fate it shares. */
export function storeClaim(options: {
  readonly store: string;
  readonly namespace: string;
  readonly size: Quantity;
  /** Without one the cluster decides. */
  readonly storageClass: string | undefined;
}): Manifest {
  const { store, namespace, size, storageClass } = options;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: storeClaimName(store),
      namespace,
      labels: { 'app.kubernetes.io/name': store, 'app.kubernetes.io/component': 'object-store' },
    },
    spec: {
      accessModes: ['ReadWriteOnce'],
      ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
      resources: { requests: { storage: String(size) } },
    },
  };
}
