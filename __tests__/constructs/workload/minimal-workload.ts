import type { ManagedNamespace } from '../../../constructs/namespace/managed-namespace.ts';
import { Workload, type WorkloadProps } from '../../../constructs/workload/workload.ts';
import { Image } from '../../../values/image.ts';
import { resources } from '../../../values/resources.ts';
import { type Json, NETWORK, synthesizeConstruct } from '../../support/synthesized.ts';

const IMAGE = Image.of({
  name: 'docker.io/library/app',
  tag: '1.0',
  digest: `sha256:${'a'.repeat(64)}`,
});
/** The one container of a workload in which nothing is said that need not be. */
export const CONTAINER = {
  name: 'app',
  image: IMAGE,
  resources: resources(['100m', '1'], ['64Mi', '128Mi']),
};

/** The least that a workload has to be told. */
export function minimal(namespace: ManagedNamespace): WorkloadProps {
  return {
    namespace,
    name: 'app',
    labels: { component: 'api', partOf: 'test' },
    network: NETWORK,
    replicas: 1,
    uid: 1000,
    containers: [CONTAINER],
    flows: { from: [], to: [] },
  };
}

/** The JSON of a stack with such a workload, changed where a test says so. */
export function synthesize(change: Partial<WorkloadProps> = {}): Json {
  return synthesizeConstruct((stack, namespace) => {
    new Workload(stack, 'app', { ...minimal(namespace), ...change });
  });
}
