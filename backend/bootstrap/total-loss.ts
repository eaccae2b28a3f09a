import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import { asText, at } from '../../policy/model/json.ts';
import { writeDurably } from '../recovery/durable.ts';
import type { StackState } from '../stack-state.ts';
import { textIfThere } from '../text-if-there.ts';
import type { StateWitness } from '../witness/open-witness.ts';
import type { StateMark } from '../witness/state-mark.ts';

/** Whose state it is, and who remembers it. */
export interface Remembering {
  readonly state: StackState;
  readonly witness: StateWitness;
}

/**
 * The last state that this machine remembers; undefined where nobody has ever seen one.
 *
 * @throws Failure when the cluster remembers one, too, or cannot be asked: then it is not lost
 */
export async function rememberedHere({
  state,
  witness,
}: Remembering): Promise<StateMark | undefined> {
  const { memory, halves } = await witness.inspect(state.stack);
  if (memory.kind === 'contradiction') throw new Failure(memory.because, EXIT.bad);
  for (const { name, place, memory: half } of halves) {
    if (half.kind === 'unknown' || half.kind === 'not-at-hand') {
      throw new Failure(`what is remembered of ${state.stack} is not known: ${half.because}`);
    }
    if (name === 'cluster' && half.kind === 'remembers') {
      throw new Failure(
        `${place} remembers serial ${half.record.mark.serial} of ${state.stack}, and no store in reach has it: it is hidden or was taken away\n    nothing was changed; bring the store back, or read docs/state-authority.md`,
        EXIT.bad,
      );
    }
  }
  return memory.kind === 'remembers' ? memory.mark : undefined;
}

/**
 * The loss of a cluster with the store of its states, as a person has confirmed it.
 *
 * That the new cluster remembers nothing proves it, and only until the first stack is there: then what this machine remembers
 * has been told to the cluster. So it is written down which cluster was found so, until all stacks are there.
 */
export class TotalLoss {
  private readonly file: string;
  private readonly uid: string;

  /**
   * @param state of any stack
   * @param uid of the cluster that is there now
   */
  constructor({ memory }: StackState, uid: string) {
    this.file = join(memory, '..', 'total-loss.json');
    this.uid = uid;
  }

  /**
   * The last state of a stack that is lost; undefined where there was none.
   *
   * @throws Failure where the cluster remembers it, and has not been found to remember nothing
   */
  async lastState(of: Remembering): Promise<StateMark | undefined> {
    if (!this.isKnown()) return await rememberedHere(of);
    const { memory } = await of.witness.inspect(of.state.stack);
    return memory.kind === 'remembers' ? memory.mark : undefined;
  }

  /** From now on the loss is known. */
  keep(): void {
    const at = new Date().toISOString();
    if (!this.isKnown()) writeDurably(this.file, `${JSON.stringify({ uid: this.uid, at })}\n`);
  }

  /** All that was lost is there again. */
  end(): void {
    rmSync(this.file, { force: true });
  }

  private isKnown(): boolean {
    const text = textIfThere(this.file);
    try {
      return text !== undefined && asText(at(JSON.parse(text), 'uid')) === this.uid;
    } catch {
      return false;
    }
  }
}
