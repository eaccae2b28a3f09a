import { Failure } from '../../console/failure.ts';
import type { StateWitness } from '../witness/open-witness.ts';
import { type StateMark, standingOf } from '../witness/state-mark.ts';
import type { Memory } from '../witness/witness.ts';

/** A witness of a rehearsal: it remembers as long as that lasts, by the rules of every witness. */
export class MemoryWitness implements StateWitness {
  readonly notes: readonly string[] = [];
  readonly marks = new Map<string, StateMark>();

  async recall(stack: string): Promise<Memory> {
    const mark = this.marks.get(stack);
    return mark === undefined ? { kind: 'never-seen' } : { kind: 'remembers', mark };
  }

  async advance(stack: string, mark: StateMark): Promise<void> {
    const standing = standingOf(mark, this.marks.get(stack));
    if (!['newer', 'same', 'unwitnessed'].includes(standing)) {
      throw new Failure(`${stack} is remembered otherwise: ${standing}`);
    }
    this.marks.set(stack, mark);
  }

  async accept(stack: string, mark: StateMark): Promise<void> {
    this.marks.set(stack, mark);
  }

  async inspect(stack: string) {
    return { memory: await this.recall(stack), halves: [] };
  }
}
