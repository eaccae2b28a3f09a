import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import { type ClusterClient, objectPath } from '../../operations/kubernetes/cluster-client.ts';
import { acceptState } from '../recovery/accept.ts';
import type { Confirm } from '../recovery/confirm.ts';
import { localStore, markMoved, movedState } from '../recovery/state-home.ts';
import type { StackState } from '../stack-state.ts';
import type { StateWitness } from '../witness/open-witness.ts';
import type { StateMark } from '../witness/state-mark.ts';
import type { StoreInStack, StoreObject } from './store-in-stack.ts';

/** What a beginning stands on. */
export interface BeginSubject {
  readonly state: StackState;
  readonly stored: StoreInStack;
  readonly witness: StateWitness;
  readonly client: ClusterClient;
  readonly printer: Printer;
  readonly by: string;
  /** Given where a person has said that cluster and store are lost, and is asked to confirm it. */
  readonly afterTotalLoss?: Confirm | undefined;
}

/**
 * Begins the state of a stack on this machine, where the stack has yet to deploy the store that its state is to lie in.
 *
 * A store that is hidden, or whose data is still there, must not be taken for one that never was: so nothing may be remembered
 * of the state, by this machine or the cluster, and the cluster may have neither the store nor a volume of it.
 *
 * @returns 0 when the state is on this machine, or the store is there and nothing has to begin; 1 when it was not confirmed
 * @throws Failure where it is not known, or known otherwise, that there never was a state
 */
export async function beginHere(subject: BeginSubject): Promise<ExitCode> {
  const { state, stored, client, printer, afterTotalLoss } = subject;
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
  if (remembered === undefined) {
    begin(subject, 'until its store is there');
    return EXIT.good;
  }
  if (afterTotalLoss === undefined) throw lost(state, remembered);
  return await goOn(subject, remembered, afterTotalLoss);
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

/**
 * The last state that this machine remembers; undefined where nobody has ever seen one.
 *
 * @throws Failure when the cluster remembers one, too, or cannot be asked
 */
export async function rememberedHere({
  state,
  witness,
}: Pick<BeginSubject, 'state' | 'witness'>): Promise<StateMark | undefined> {
  const { memory, halves } = await witness.inspect(state.stack);
  if (memory.kind === 'contradiction') throw new Failure(memory.because, EXIT.bad);
  for (const { name, place, memory: half } of halves) {
    if (half.kind === 'unknown' || half.kind === 'not-at-hand') {
      throw new Failure(`what is remembered of ${state.stack} is not known: ${half.because}`);
    }
    if (name === 'cluster' && half.kind === 'remembers') {
      throw new Failure(
        `${place} remembers serial ${half.record.mark.serial} of ${state.stack}, and its store is not in the cluster: it is hidden or was taken away\n    nothing was changed; bring the store back, or read docs/state-authority.md`,
        EXIT.bad,
      );
    }
  }
  return memory.kind === 'remembers' ? memory.mark : undefined;
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

/** Everything is made anew, and the history goes on: what an old backup brings back later is known to be older. */
async function goOn(
  subject: BeginSubject,
  { serial, lineage }: StateMark,
  confirm: Confirm,
): Promise<ExitCode> {
  const { state, witness, printer, by } = subject;
  if (!(await confirm.named(state.stack))) return EXIT.unknown;
  begin(subject, 'with the history that was lost');
  return await acceptState(
    { state, store: localStore(state), witness, printer, confirm, by },
    { serial: serial + 1, lineage, source: 'empty' },
  );
}
