import type { Settings } from '../../config/settings.ts';
import { Failure } from '../../console/failure.ts';
import { forEachOf, objectPath } from '../../operations/kubernetes/cluster-client.ts';
import { ApiTypes } from '../../operations/preflight/api-types.ts';
import { definedObjects } from '../../policy/model/cluster.ts';
import { objectTitle } from '../../policy/model/kubernetes-object.ts';
import { resourcesOf } from '../../policy/model/stack-json.ts';
import type { JudgedStack } from '../../policy/policy-input.ts';
import { openHome } from '../recovery/open-home.ts';
import { instancesOf, parsedState } from '../recovery/state-difference.ts';
import { localHome } from '../recovery/state-home.ts';
import { readTwice } from '../recovery/stored-object.ts';
import type { ClusterInReach } from '../rustfs/cluster-in-reach.ts';
import { type StackState, stackState } from '../stack-state.ts';
import { isState, readState } from '../state/state-document.ts';
import { lookAtWitness } from '../witness/open-witness.ts';
import { standingOf } from '../witness/state-mark.ts';
import type { LiveEvidence, NotKnown, StackEvidence } from './evidence.ts';

/** What a look at the stacks stands on. */
export interface StatusGround {
  readonly settings: Settings;
  readonly environment: NodeJS.ProcessEnv;
  /** The declared cluster, or why it is not in reach. */
  readonly cluster: ClusterInReach | Failure;
}

/** Looks at one stack in all three places, and changes nothing. */
export async function collectStatus(
  stack: JudgedStack,
  ground: StatusGround,
): Promise<StackEvidence> {
  const { settings, environment } = ground;
  const state = stackState(stack.name, settings, environment);
  const [stored, live] = await Promise.all([
    known(() => storedEvidence(state, ground)),
    known(() => liveEvidence(stack, ground)),
  ]);
  const declared = resourcesOf(stack).map(({ type, id }) => `${type}.${id}`);
  return { stack: state.stack, declared, stored, live };
}

async function known<T>(ask: () => Promise<T>): Promise<NotKnown | T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Failure) return { kind: 'not-known', because: error.message };
    throw error;
  }
}

async function storedEvidence(
  state: StackState,
  { settings, environment, cluster }: StatusGround,
): Promise<StackEvidence['stored']> {
  const options = cluster instanceof Failure ? {} : { cluster: cluster.client };
  const witness = lookAtWitness(state, { settings, environment, ...options });
  const { memory } = await witness.inspect(state.stack);
  if (memory.kind === 'contradiction' || memory.kind === 'unknown')
    throw new Failure(memory.because);
  const remembered = memory.kind === 'remembers' ? memory.mark : undefined;
  const moved = localHome(state);
  const place = moved === undefined ? `in ${state.bucket}/${state.key}` : 'on this machine';
  const home = await openHome(moved, settings, environment);
  try {
    const object = await readTwice({ store: home.store, bucket: state.bucket, key: state.key });
    if (object === undefined) return { kind: 'none', place, remembered };
    const facts = readState(object.body);
    if (!isState(facts)) throw new Failure(`what is ${place} is no state: it ${facts.because}`);
    const { serial, encrypted } = facts;
    return {
      kind: 'state',
      place,
      serial,
      addresses: encrypted ? undefined : addressesIn(object.body),
      remembered,
      standing: standingOf(facts, remembered),
    };
  } finally {
    await home.close();
  }
}

function addressesIn(body: Uint8Array): string[] {
  return instancesOf(parsedState(body)).map(({ address }) => address);
}

/** Objects of others' charts are in the record of their release, which is one resource of the state. */
async function liveEvidence(stack: JudgedStack, { cluster }: StatusGround): Promise<LiveEvidence> {
  if (cluster instanceof Failure) throw cluster;
  const { client } = cluster;
  const objects = definedObjects([stack]);
  const versions = objects.map(({ apiVersion }) => apiVersion);
  const types = await ApiTypes.ask(client, versions, []);
  const found = await forEachOf(objects, async (object) => {
    const { apiVersion, kind, namespace, name } = object;
    const { resource } = types.typeOf(apiVersion, kind, namespace !== '');
    const path = objectPath(apiVersion, resource, { namespace, name });
    return (await client.get(path)) === undefined ? [objectTitle(object)] : [];
  });
  return { kind: 'live', objects: objects.length, missing: found.flat() };
}
