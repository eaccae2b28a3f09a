import { type StateMark, standingOf } from '../../../backend/witness/state-mark.ts';
import type { Memory, Witness } from '../../../backend/witness/witness.ts';
import { Failure } from '../../../console/failure.ts';

/** A witness that remembers as long as a test lasts, by the rules of every witness. */
export class MemoryWitness implements Witness {
  readonly marks = new Map<string, StateMark>();
  /** Why it cannot be read. */
  lost: string | undefined;
  /** Why it cannot be written. */
  readOnly: string | undefined;

  async recall(stack: string): Promise<Memory> {
    if (this.lost !== undefined) return { kind: 'unknown', because: this.lost };
    const mark = this.marks.get(stack);
    return mark === undefined ? { kind: 'never-seen' } : { kind: 'remembers', mark };
  }

  async advance(stack: string, mark: StateMark): Promise<void> {
    if (this.readOnly !== undefined) throw new Failure(this.readOnly);
    const standing = standingOf(mark, this.marks.get(stack));
    if (!['newer', 'same', 'unwitnessed'].includes(standing)) {
      throw new Failure(`${stack} is remembered otherwise: ${standing}`);
    }
    this.marks.set(stack, mark);
  }

  async accept(stack: string, mark: StateMark): Promise<void> {
    this.marks.set(stack, mark);
  }
}
