import { join } from 'node:path';
import { closest } from 'fastest-levenshtein';
import type { Settings } from '../config/settings.ts';
import { EXIT } from '../console/exit-code.ts';
import { Failure } from '../console/failure.ts';
import { memoryFolder } from '../operations/memory-folder.ts';

/** The stacks, and the setting that names the key of each. */
const KEYS = {
  attic: 'attic',
  'arc-runners': 'arcRunners',
  'gitlab-runners': 'gitlabRunners',
  'runner-dashboard': 'dashboard',
} as const satisfies Record<string, keyof Settings['state']['keys']>;

/** Name of a stack. */
export type StackName = keyof typeof KEYS;

/** The stacks in the order of their names. */
export const STACK_NAMES = Object.keys(KEYS).sort() as readonly StackName[];

/** The state of one stack: where it lies, and where what is remembered of it is kept. */
export interface StackState {
  readonly stack: StackName;
  readonly bucket: string;
  readonly key: string;
  /** The object that is the lock. */
  readonly lockKey: string;
  /** True for the stack that deploys the store in which its own state lies. */
  readonly holdsOwnStore: boolean;
  /** A folder of the person, not of the checkout: witness, recovery, journal. */
  readonly memory: string;
  /** A folder of the checkout: the saved plan and tofu's data. */
  readonly work: string;
}

/**
 * What the settings say of the state of a stack.
 *
 * @throws Failure for a name that is no stack
 */
export function stackState(
  name: string,
  settings: Settings,
  environment: NodeJS.ProcessEnv = process.env,
): StackState {
  const stack = STACK_NAMES.find((each) => each === name);
  if (stack === undefined) {
    throw new Failure(
      `there is no stack ${name}: did you mean ${closest(name, [...STACK_NAMES])}?\n    there are ${STACK_NAMES.join(', ')}`,
      EXIT.usage,
    );
  }
  const { bucket, keys, store } = settings.state;
  const key = keys[KEYS[stack]];
  const inCluster = store === 'object-store' && settings.objectStore.kind === 'rustfs';
  return {
    stack,
    bucket,
    key,
    lockKey: `${key}.tflock`,
    holdsOwnStore: inCluster && stack === 'attic',
    memory: join(memoryFolder(environment), 'state', settings.cluster.name, bucket, stack),
    work: join('.flywheel', settings.cluster.name, stack),
  };
}
