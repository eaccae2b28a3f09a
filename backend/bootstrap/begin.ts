import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import { type ClusterClient, objectPath } from '../../operations/kubernetes/cluster-client.ts';
import { type AcceptSubject, acceptState } from '../recovery/accept.ts';
import { localStore, markMoved, movedState } from '../recovery/state-home.ts';
import type { StackState } from '../stack-state.ts';
import type { StateWitness } from '../witness/open-witness.ts';
import type { StateMark } from '../witness/state-mark.ts';
import type { StoreInStack, StoreObject } from './store-in-stack.ts';
import { rememberedHere, type TotalLoss } from './total-loss.ts';

/** What a beginning stands on. */
export interface BeginSubject {
  readonly state: StackState;
  readonly stored: StoreInStack;
  readonly witness: StateWitness;
  readonly client: ClusterClient;
  readonly printer: Printer;
  readonly by: string;
  /** Given where a person has confirmed that cluster and store are lost. */
  readonly loss?: TotalLoss | undefined;
}

/**
 * Begins the state of a stack on this machine, where the stack has yet to deploy the store that its state is to lie in.
 *
 * A store that is hidden, or whose data is still there, must not be taken for one that never was: so nothing may be remembered
 * of the state, by this machine or the cluster, and the cluster may have neither the store nor a volume of it.
 *
 * @returns 0 when the state is on this machine, or the store is there and nothing has to begin
 * @throws Failure where it is not known, or known otherwise, that there never was a state
 */
export async function beginHere(subject: BeginSubject): Promise<ExitCode> {
  const { state, stored, client, printer, loss } = subject;
  const moved = movedState(state);
  if (moved !== undefined) {
    printer.result(`the state of ${state.stack} is on this machine since ${moved.at}`);
    return EXIT.good;
  }
  const [workload, ...claims] = await Promise.all(
    [stored.workload, ...stored.claims].map((object) => isThere(client, object)),
  );
  if (workload === true) {
    printer.result(`${stored.workload.title} is there, and the state of ${state.stack} in it`);
    return EXIT.good;
  }
  requireNoData(
    state,
    stored.claims.filter((_, index) => claims[index] === true),
  );
  const remembered = await rememberedHere(subject);
  loss?.keep();
  if (remembered === undefined) {
    begin(subject, 'until its store is there');
    return EXIT.good;
  }
  if (loss === undefined) throw lost(state, remembered);
  begin(subject, 'with the history that was lost');
  return await goOnEmpty({ ...subject, store: localStore(state) }, remembered);
}

async function isThere(client: ClusterClient, object: StoreObject): Promise<boolean> {
  const { apiVersion, resource, namespace, name } = object;
  return (await client.get(objectPath(apiVersion, resource, { namespace, name }))) !== undefined;
}

/** Data outlives the workload: it may hold a state that nobody remembers any more. */
function requireNoData({ stack }: StackState, claims: readonly StoreObject[]): void {
  if (claims.length === 0) return;
  const titles = claims.map(({ title }) => title).join(', ');
  throw new Failure(
    `whether there is a state of ${stack} is not known: its store is not in the cluster, but ${titles} is, and a state may lie on it\n    go on from the machine that has deployed it before, which remembers where its state is\n    or remove the claim, when nothing of what lies on it is needed any more`,
  );
}

function lost({ stack }: StackState, { serial, at, by }: StateMark): Failure {
  return new Failure(
    `this is no new environment: serial ${serial} of ${stack} is remembered on this machine, proved ${at} by ${by}, and the cluster has neither the store nor a volume of it\n    is it another cluster? then its name in the settings is the same\n    are cluster and store lost? just bootstrap --after-total-loss goes on from there`,
    EXIT.bad,
  );
}

function begin({ state, by, printer }: BeginSubject, why: string): void {
  markMoved(state, { at: new Date().toISOString(), by });
  printer.result(`the state of ${state.stack} begins on this machine, ${why}`);
}

/**
 * An empty state with the history of the one that was lost: what an old backup brings back later is known to be older.
 *
 * @returns 0 when it is there
 */
export async function goOnEmpty(
  on: Pick<AcceptSubject, 'by' | 'printer' | 'state' | 'store' | 'witness'>,
  { serial, lineage }: StateMark,
): Promise<ExitCode> {
  // Asked once for all stacks, by the name of the cluster.
  const confirm = { named: async () => true };
  return await acceptState({ ...on, confirm }, { serial: serial + 1, lineage, source: 'empty' });
}
