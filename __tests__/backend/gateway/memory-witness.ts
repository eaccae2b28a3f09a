import { MemoryWitness as RehearsedWitness } from '../../../backend/rehearsal/memory-witness.ts';
import type { StateMark } from '../../../backend/witness/state-mark.ts';
import type { Memory } from '../../../backend/witness/witness.ts';
import { Failure } from '../../../console/failure.ts';

/** A witness that remembers as long as a test lasts, and may be out of reach. */
export class MemoryWitness extends RehearsedWitness {
  /** Why it cannot be read. */
  lost: string | undefined;
  /** Why it cannot be written. */
  readOnly: string | undefined;

  override async recall(stack: string): Promise<Memory> {
    if (this.lost !== undefined) return { kind: 'unknown', because: this.lost };
    return await super.recall(stack);
  }

  override async advance(stack: string, mark: StateMark): Promise<void> {
    if (this.readOnly !== undefined) throw new Failure(this.readOnly);
    await super.advance(stack, mark);
  }
}
