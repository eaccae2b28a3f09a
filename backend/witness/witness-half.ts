import type { Memory } from './witness.ts';
import { markText, replaces, type WitnessRecord, WitnessRefusal } from './witness-record.ts';

/** What one half of a witness knows of a stack. */
export type HalfMemory =
  | { readonly kind: 'remembers'; readonly record: WitnessRecord }
  /** It can be read, and has never seen a state of this stack. */
  | { readonly kind: 'never-seen' }
  /** It is there and cannot be read, so it may know something. */
  | { readonly kind: 'unknown'; readonly because: string }
  /** It is not in reach from here: the other half counts alone. */
  | { readonly kind: 'not-at-hand'; readonly because: string };

/** One of the two places in which a witness remembers. */
export interface WitnessHalf {
  readonly name: 'cluster' | 'file';
  /** Where it remembers, for people. */
  readonly place: string;
  /** Never throws: what cannot be read is unknown. */
  recall(stack: string): Promise<HalfMemory>;
  /**
   * Keeps a record, as `replaces` has it, also when others write at the same time.
   *
   * @throws WitnessRefusal when the record would take it back
   * @throws Failure when nothing can be kept there
   */
  keep(stack: string, record: WitnessRecord): Promise<void>;
}

/** What two halves know together, and the record that both are to keep. */
export interface Merged {
  readonly memory: Memory;
  readonly record?: WitnessRecord;
}

/** With one lineage the higher serial wins; another lineage, or the same serial with another hash, is a contradiction. */
export function merged(stack: string, halves: readonly HalfMemory[]): Merged {
  const records = halves.flatMap((half) => (half.kind === 'remembers' ? [half.record] : []));
  if (records.length > 0) return mergedRecords(stack, records);
  const unknown = halves.filter((half) => half.kind === 'unknown');
  if (unknown.length > 0) return { memory: because(unknown) };
  if (halves.some(({ kind }) => kind === 'never-seen')) return { memory: { kind: 'never-seen' } };
  return { memory: because(halves.filter((half) => half.kind === 'not-at-hand')) };
}

function because(halves: readonly { readonly because: string }[]): Memory {
  return { kind: 'unknown', because: halves.map((half) => half.because).join('; ') };
}

function mergedRecords(stack: string, records: readonly WitnessRecord[]): Merged {
  const [last, ...others] = [...records].sort(
    (one, other) => other.accepted - one.accepted || other.mark.serial - one.mark.serial,
  );
  if (last === undefined) return { memory: { kind: 'never-seen' } };
  const sameEpoch = others.filter(({ accepted }) => accepted === last.accepted);
  for (const other of sameEpoch) {
    try {
      replaces(stack, last, other);
    } catch (error) {
      if (!(error instanceof WitnessRefusal)) throw error;
      const told = [last, other].map(({ mark }) => `${markText(mark)} (${mark.at}, ${mark.by})`);
      return {
        memory: { kind: 'contradiction', because: `two histories are told: ${told.join(' and ')}` },
      };
    }
  }
  return { memory: { kind: 'remembers', mark: last.mark }, record: last };
}
