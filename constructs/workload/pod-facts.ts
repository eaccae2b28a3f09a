import type { Construct } from 'constructs';
import { stateFact } from '../facts.ts';
import type { PodOptions } from './pod.ts';

/** States which Secrets a pod needs and what of its hardening is given up. */
export function statePodFacts(
  scope: Construct,
  workload: string,
  pod: Pick<PodOptions, 'containers' | 'initContainers' | 'volumes' | 'weaken'>,
): void {
  for (const [what, reason] of Object.entries(pod.weaken ?? {})) {
    stateFact(scope, 'weakening', { workload, what, reason });
  }
  for (const volume of pod.volumes ?? []) {
    if (volume.kind === 'secret') stateFact(scope, 'secret', volume.secret);
  }
  const variables = [...pod.containers, ...(pod.initContainers ?? [])].flatMap(
    ({ environment }) => environment ?? [],
  );
  for (const variable of variables) {
    if ('secret' in variable) stateFact(scope, 'secret', variable.secret);
  }
}
