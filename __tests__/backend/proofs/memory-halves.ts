import type { HalfMemory, WitnessHalf } from '../../../backend/witness/witness-half.ts';
import { replaces, type WitnessRecord } from '../../../backend/witness/witness-record.ts';
import { Failure } from '../../../console/failure.ts';

/** The half of a witness that remembers as long as a test lasts, by the rules of every half. */
export class MemoryHalf implements WitnessHalf {
  readonly name: WitnessHalf['name'];
  readonly place = 'the memory of a test';
  private readonly records = new Map<string, WitnessRecord>();

  constructor(name: WitnessHalf['name']) {
    this.name = name;
  }

  async recall(stack: string): Promise<HalfMemory> {
    const record = this.records.get(stack);
    return record === undefined ? { kind: 'never-seen' } : { kind: 'remembers', record };
  }

  async keep(stack: string, record: WitnessRecord): Promise<void> {
    if (replaces(stack, record, this.records.get(stack))) this.records.set(stack, record);
  }

  /** The serial that it remembers last. */
  serialOf(stack: string): number | undefined {
    return this.records.get(stack)?.mark.serial;
  }
}

/** A way to a half that is shared with others: now and then it is not in reach, and it is never quick. */
export class Link implements WitnessHalf {
  readonly name: WitnessHalf['name'];
  readonly place: string;
  inReach = true;
  private readonly half: WitnessHalf;
  private readonly wait: () => Promise<void>;

  constructor(half: WitnessHalf, wait: () => Promise<void>) {
    this.name = half.name;
    this.place = half.place;
    this.half = half;
    this.wait = wait;
  }

  async recall(stack: string): Promise<HalfMemory> {
    await this.wait();
    if (!this.inReach) return { kind: 'not-at-hand', because: 'no cluster is in reach' };
    return await this.half.recall(stack);
  }

  async keep(stack: string, record: WitnessRecord): Promise<void> {
    await this.wait();
    if (!this.inReach) throw new Failure('no cluster is in reach');
    await this.half.keep(stack, record);
  }
}
