import type { Settings } from '../../config/settings.ts';
import type { Printer } from '../../console/printer.ts';
import type { ClusterClient } from '../../operations/kubernetes/cluster-client.ts';
import { localHome } from '../recovery/state-home.ts';
import { declaredEndpoint } from '../settings/declared-endpoint.ts';
import { type StackName, type StackState, stackState } from '../stack-state.ts';
import type { StoreInStack } from './store-in-stack.ts';
import { storeVariables } from './store-variables.ts';
import type { TotalLoss } from './total-loss.ts';

/** What a bootstrap stands on. */
export interface Ground {
  readonly settings: Settings;
  readonly environment: NodeJS.ProcessEnv;
  readonly printer: Printer;
  /** The declared cluster, proved to be it. */
  readonly client: ClusterClient;
  /** The store of the states, where a stack deploys it. */
  readonly stored: StoreInStack | undefined;
  /** A folder with the values of Secrets that persons hand out. */
  readonly from: string | undefined;
  /** Bound of each apply, as `tofu-deploy` takes it. */
  readonly deadline: string | undefined;
  /** Given where everything was lost, and a person has said so. */
  readonly loss: TotalLoss | undefined;
}

/** One stack within a bootstrap. */
export interface StackWork extends Ground {
  readonly stack: StackName;
  readonly state: StackState;
}

/** The part of a bootstrap that is about one stack. */
export function workOn(stack: StackName, ground: Ground): StackWork {
  const { settings, environment } = ground;
  return { ...ground, stack, state: stackState(stack, settings, environment) };
}

/** The environment of a step: with what leads to the store in the cluster, unless the state is on this machine. */
export async function environmentOf(work: StackWork): Promise<NodeJS.ProcessEnv> {
  const { environment, state } = work;
  return localHome(state) === undefined ? await environmentOfStore(work) : environment;
}

/** The same for a step that speaks to the store itself. */
export async function environmentOfStore(work: StackWork): Promise<NodeJS.ProcessEnv> {
  const { environment, stored, client, settings } = work;
  if (stored === undefined) return environment;
  return await storeVariables(stored, client, environment, declaredEndpoint(settings));
}
