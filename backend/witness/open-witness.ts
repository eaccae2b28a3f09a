import type { Settings } from '../../config/settings.ts';
import { Failure } from '../../console/failure.ts';
import type { ClusterClient } from '../../operations/kubernetes/cluster-client.ts';
import type { StackState } from '../stack-state.ts';
import { ClusterObject } from './cluster-object.ts';
import { ClusterWitness } from './cluster-witness.ts';
import { declaredClient } from './declared-client.ts';
import { FileWitness } from './file-witness.ts';
import { RunBoard } from './run-board.ts';
import type { StateMark } from './state-mark.ts';
import type { Memory, Witness } from './witness.ts';
import { type HalfMemory, type Merged, merged, type WitnessHalf } from './witness-half.ts';
import { replaces, type WitnessRecord, WitnessRefusal } from './witness-record.ts';

/** What one half knows, for people. */
export interface HalfReport {
  readonly name: WitnessHalf['name'];
  readonly place: string;
  readonly memory: HalfMemory;
}

/** A witness of two halves: a file of the person, and a ConfigMap of the declared cluster where that is at hand. */
export interface StateWitness extends Witness {
  /** What could not be kept in one of the halves while the other one has kept it, as sentences. */
  readonly notes: readonly string[];
  /** What each half knows by itself. Changes nothing. */
  inspect(stack: string): Promise<{ readonly memory: Memory; readonly halves: HalfReport[] }>;
}

/** A witness that was opened, and the place beside it where runs say what they leave. */
export interface OpenedWitness extends StateWitness {
  readonly board: RunBoard;
}

/** Where a witness looks for its halves. */
export interface WitnessOptions {
  readonly settings: Pick<Settings, 'cluster'>;
  readonly environment: NodeJS.ProcessEnv;
  /** The declared cluster, when it was proved already. @default - looked for and proved at the first need */
  readonly cluster?: ClusterClient;
}

/**
 * Opens the witness of a stack for a run that may have to remember a new state.
 *
 * @throws Failure when neither half could keep anything: nothing is begun that could not be remembered
 */
export async function openWitness(
  state: StackState,
  options: WitnessOptions,
): Promise<OpenedWitness> {
  const { file, object, witness } = partsOf(state, options);
  try {
    file.requireWritable(state.stack);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { client, because } = await object.atHand();
    if (client === undefined) {
      throw new Failure(
        `the last state of ${state.stack} could be remembered nowhere\n    ${error.message}\n    ${because}`,
      );
    }
  }
  return witness;
}

/** The witness of a stack for a look at what it remembers. Nothing has to be writable. */
export function lookAtWitness(state: StackState, options: WitnessOptions): OpenedWitness {
  return partsOf(state, options).witness;
}

function partsOf(state: StackState, { settings, environment, cluster }: WitnessOptions) {
  const reach = () =>
    cluster === undefined
      ? declaredClient(settings, environment)
      : Promise.resolve({ client: cluster });
  const file = new FileWitness(state.memory);
  const object = new ClusterObject(reach);
  const halves = [new ClusterWitness(state.bucket, object), file];
  const board = new RunBoard(object, state);
  return { file, object, witness: Object.assign(new TwofoldWitness(halves), { board }) };
}

/** Two halves as one witness: whatever one of them has heard of, both are to know. */
export class TwofoldWitness implements StateWitness {
  readonly notes: string[] = [];
  /** The one that others write to as well comes first: what it refuses is kept nowhere. */
  private readonly halves: readonly WitnessHalf[];

  constructor(halves: readonly WitnessHalf[]) {
    this.halves = halves;
  }

  async recall(stack: string): Promise<Memory> {
    const { reports, memory, record } = await this.look(stack);
    if (record === undefined) return memory;
    // A laptop after CI has applied is no alarm: what lags behind is brought up.
    const behind = this.halves.filter((half) =>
      reports.some((report) => report.name === half.name && lagsBehind(report.memory, record)),
    );
    try {
      for (const half of behind) await this.tryToKeep(half, stack, record);
      return memory;
    } catch (error) {
      if (!(error instanceof WitnessRefusal)) throw error;
      // Somebody has kept a later one since.
      return (await this.look(stack)).memory;
    }
  }

  async advance(stack: string, mark: StateMark): Promise<void> {
    const { memory, record } = await this.look(stack);
    if (memory.kind === 'contradiction') throw new WitnessRefusal(memory.because);
    const next = { mark, accepted: record?.accepted ?? 0 };
    // Asked of both before either is written: a refusal leaves them as they are.
    replaces(stack, next, record);
    await this.keep(stack, next);
  }

  async accept(stack: string, mark: StateMark): Promise<void> {
    const { reports } = await this.look(stack);
    const epochs = reports.map(({ memory }) =>
      memory.kind === 'remembers' ? memory.record.accepted : 0,
    );
    await this.keep(stack, { mark, accepted: Math.max(...epochs) + 1 });
  }

  async inspect(stack: string) {
    const { reports: halves, memory } = await this.look(stack);
    return { memory, halves };
  }

  private async look(stack: string): Promise<Merged & { readonly reports: HalfReport[] }> {
    const reports = await Promise.all(
      this.halves.map(async (half) => ({
        name: half.name,
        place: half.place,
        memory: await half.recall(stack),
      })),
    );
    return {
      reports,
      ...merged(
        stack,
        reports.map(({ memory }) => memory),
      ),
    };
  }

  /** Keeps a record in every half that can; one is enough. */
  private async keep(stack: string, record: WitnessRecord): Promise<void> {
    const troubles: string[] = [];
    for (const half of this.halves) {
      const trouble = await this.tryToKeep(half, stack, record);
      if (trouble !== undefined) troubles.push(trouble);
    }
    if (troubles.length < this.halves.length) return;
    throw new Failure(
      `the last state of ${stack} could be remembered nowhere\n    ${troubles.join('\n    ')}`,
    );
  }

  private async tryToKeep(
    half: WitnessHalf,
    stack: string,
    record: WitnessRecord,
  ): Promise<string | undefined> {
    try {
      await half.keep(stack, record);
      return undefined;
    } catch (error) {
      if (error instanceof WitnessRefusal || !(error instanceof Failure)) throw error;
      if (!this.notes.includes(error.message)) this.notes.push(error.message);
      return error.message;
    }
  }
}

function lagsBehind(memory: HalfMemory, { mark, accepted }: WitnessRecord): boolean {
  if (memory.kind === 'not-at-hand') return false;
  if (memory.kind !== 'remembers') return true;
  const { record } = memory;
  return record.accepted !== accepted || record.mark.serial !== mark.serial;
}
