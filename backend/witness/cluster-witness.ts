import { ClusterTrouble } from '../../operations/kubernetes/cluster-trouble.ts';
import type { ClusterObject } from './cluster-object.ts';
import type { HalfMemory, WitnessHalf } from './witness-half.ts';
import { readRecord, recordText, replaces, type WitnessRecord } from './witness-record.ts';

/** The half of a witness that is kept in the Kubernetes API: an entry for each stack of a bucket. */
export class ClusterWitness implements WitnessHalf {
  readonly name = 'cluster';
  readonly place: string;
  private readonly bucket: string;
  private readonly object: ClusterObject;

  constructor(bucket: string, object: ClusterObject) {
    this.bucket = bucket;
    this.object = object;
    this.place = object.place;
  }

  async recall(stack: string): Promise<HalfMemory> {
    const { client, because } = await this.object.atHand();
    if (client === undefined) return { kind: 'not-at-hand', because };
    try {
      return this.read(stack, await this.object.read(this.keyOf(stack)));
    } catch (error) {
      return this.troubled(error);
    }
  }

  async keep(stack: string, record: WitnessRecord): Promise<void> {
    await this.object.change(this.keyOf(stack), (text) => {
      const memory = this.read(stack, text);
      const kept = memory.kind === 'remembers' ? memory.record : undefined;
      return replaces(stack, record, kept) ? recordText(stack, record) : undefined;
    });
  }

  private read(stack: string, text: string | undefined): HalfMemory {
    if (text === undefined) return { kind: 'never-seen' };
    const record = readRecord(stack, text);
    if (record !== undefined) return { kind: 'remembers', record };
    const because = `${this.place} holds no record under ${this.keyOf(stack)}`;
    return { kind: 'unknown', because };
  }

  private troubled(error: unknown): HalfMemory {
    if (!(error instanceof ClusterTrouble)) throw error;
    const { isLost, because } = this.object.troubled(error);
    return { kind: isLost ? 'not-at-hand' : 'unknown', because };
  }

  private keyOf(stack: string): string {
    return `${this.bucket}.${stack}`;
  }
}
