import { shortHash } from '../short-hash.ts';
import type { PodOptions, Weakening } from './pod.ts';

/** What puts a pod below the Pod Security Standard `restricted`, so that its reason has to stand on the pod itself. */
const BELOW_RESTRICTED: readonly Weakening[] = ['root user'];

/** What the annotations of a pod tell. */
export interface PodAnnotationOptions extends Pick<PodOptions, 'weaken'> {
  /** Text whose change must replace the pod: configuration that it reads only when it starts. */
  readonly restartOn?: Readonly<Record<string, string>> | undefined;
}

/**
 * A checksum of each text that a pod reads only when it starts, and why it is less than `restricted`, where it is.
 *
 * The reason is what lets the rule over the synthesized pods accept one that runs as root.
 */
export function podAnnotations(options: PodAnnotationOptions): Record<string, string> {
  const { weaken = {}, restartOn = {} } = options;
  const reasons = BELOW_RESTRICTED.flatMap((what) =>
    weaken[what] === undefined ? [] : [`${what}: ${weaken[what]}`],
  );
  return {
    ...Object.fromEntries(
      Object.entries(restartOn).map(([name, text]) => [`checksum/${name}`, shortHash(text)]),
    ),
    ...(reasons.length === 0 ? {} : { 'flywheel/weakening': reasons.join('; ') }),
  };
}
