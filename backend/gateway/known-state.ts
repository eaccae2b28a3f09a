import { Failure } from '../../console/failure.ts';
import { STACK_NAMES } from '../stack-state.ts';
import type { StateFacts } from '../state/state-document.ts';
import { markOf, type Standing, type StateMark, standingOf } from '../witness/state-mark.ts';
import type { Memory } from '../witness/witness.ts';
import type { GatewayOptions } from './gateway-options.ts';

const HASH_DIGITS = 12;

/** A state for people: `serial 7 of lineage ... (sha256 0123456789ab)`. */
export function stateText({
  serial,
  lineage,
  hash,
}: Pick<StateMark, 'hash' | 'lineage' | 'serial'>): string {
  return `serial ${serial} of lineage ${lineage} (sha256 ${hash.slice(0, HASH_DIGITS)})`;
}

/** What a run knows of its state: what the witness remembered, and what the run itself has proved since. */
export class KnownState {
  /** The last state that was proved; undefined while none was. */
  mark: StateMark | undefined;
  private readonly options: GatewayOptions;
  private readonly note: (text: string) => void;
  private memory: Memory;

  constructor(options: GatewayOptions, memory: Memory, note: (text: string) => void) {
    this.options = options;
    this.memory = memory;
    this.note = note;
    this.mark = memory.kind === 'remembers' ? memory.mark : undefined;
  }

  /** What is known, for people. */
  get text(): string {
    if (this.mark === undefined) return 'a state; none is remembered to compare it with';
    const { at, by } = this.mark;
    return `${stateText(this.mark)}, proved at ${at} by ${by}`;
  }

  /** Why nothing is known; undefined where the witness has answered. */
  get unknownBecause(): string | undefined {
    return 'because' in this.memory ? this.memory.because : undefined;
  }

  /** Whether a state that nobody remembers may become what is remembered. */
  get mayTrust(): boolean {
    const { guarded = false, declaration } = this.options;
    return this.memory.kind === 'remembers' || guarded || declaration.firstRun === true;
  }

  standingOf(facts: StateFacts): Standing {
    return standingOf(facts, this.mark);
  }

  /** The other stack that has states of this lineage. */
  async ownerOf({ lineage }: StateFacts): Promise<string | undefined> {
    const { witness, state } = this.options;
    for (const stack of STACK_NAMES.filter((name) => name !== state.stack)) {
      const memory = await witness.recall(stack);
      if (memory.kind === 'remembers' && memory.mark.lineage === lineage) return stack;
    }
    return undefined;
  }

  /**
   * Remembers a state that was proved. A witness that cannot be written is no reason to stop: the next read brings it up.
   *
   * @returns false when the witness remembers meanwhile what this state cannot follow
   */
  async remember(facts: StateFacts): Promise<boolean> {
    const mark = markOf(facts, this.options.by);
    if (this.mayTrust && !(await this.advance(mark))) return false;
    this.mark = mark;
    return true;
  }

  private async advance(mark: StateMark): Promise<boolean> {
    const { witness, state } = this.options;
    try {
      await witness.advance(state.stack, mark);
      this.memory = { kind: 'remembers', mark };
      return true;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return await this.follows(mark, error);
    }
  }

  /** Another run may have brought the witness further while this one was reading. */
  private async follows(mark: StateMark, { message }: Failure): Promise<boolean> {
    const memory = await this.options.witness.recall(this.options.state.stack);
    this.memory = memory;
    if (memory.kind === 'contradiction') return false;
    if (memory.kind === 'remembers' && !['newer', 'same'].includes(standingOf(mark, memory.mark))) {
      this.mark = memory.mark;
      return false;
    }
    this.note(`the witness could not be brought up to serial ${mark.serial}: ${message}`);
    return true;
  }
}
