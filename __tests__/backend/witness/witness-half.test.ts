import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type HalfMemory, merged } from '../../../backend/witness/witness-half.ts';
import { replaces, type WitnessRecord } from '../../../backend/witness/witness-record.ts';
import { LINEAGE, mark, OTHER_LINEAGE } from './witness-fixtures.ts';

const record: fc.Arbitrary<WitnessRecord> = fc.record({
  accepted: fc.nat(2),
  mark: fc
    .record({
      serial: fc.nat(3),
      lineage: fc.constantFrom(LINEAGE, LINEAGE, OTHER_LINEAGE),
      hash: fc.constantFrom('a'.repeat(64), 'b'.repeat(64)),
    })
    .map(({ serial, ...over }) => mark(serial, over)),
});

const half: fc.Arbitrary<HalfMemory> = fc.oneof(
  record.map((each) => ({ kind: 'remembers' as const, record: each })),
  fc.constant({ kind: 'never-seen' as const }),
  fc.constant({ kind: 'unknown' as const, because: 'it is torn' }),
  fc.constant({ kind: 'not-at-hand' as const, because: 'no cluster' }),
);

describe('what two halves of a witness know together', () => {
  test('never goes back behind what one of them remembers, whichever comes first', () => {
    fc.assert(
      fc.property(half, half, (one, other) => {
        const both = merged('attic', [one, other]);
        expect(merged('attic', [other, one]).memory.kind).toBe(both.memory.kind);
        for (const each of [one, other]) {
          if (each.kind !== 'remembers' || both.record === undefined) continue;
          // A half that lags behind takes what is known together, and one that does not has it.
          expect(() => replaces('attic', both.record ?? each.record, each.record)).not.toThrow();
        }
      }),
      { seed: 5, numRuns: 2_000 },
    );
  });

  test('is a contradiction exactly where both remember, neither can follow the other, and nobody has decided', () => {
    const follows = (next: WitnessRecord, kept: WitnessRecord) => {
      try {
        replaces('attic', next, kept);
        return true;
      } catch {
        return false;
      }
    };
    fc.assert(
      fc.property(record, record, (one, other) => {
        const { memory } = merged('attic', [
          { kind: 'remembers', record: one },
          { kind: 'remembers', record: other },
        ]);
        const isOpen = !follows(one, other) && !follows(other, one);
        expect(memory.kind).toBe(isOpen ? 'contradiction' : 'remembers');
      }),
      { seed: 5, numRuns: 2_000 },
    );
  });

  test.each<[HalfMemory, HalfMemory, string]>([
    [{ kind: 'never-seen' }, { kind: 'not-at-hand', because: 'no cluster' }, 'never-seen'],
    [{ kind: 'never-seen' }, { kind: 'unknown', because: 'it is torn' }, 'unknown'],
    [
      { kind: 'unknown', because: 'it is torn' },
      { kind: 'not-at-hand', because: 'no cluster' },
      'unknown',
    ],
  ])('of %j and %j is %s', (one, other, kind) => {
    expect(merged('attic', [one, other]).memory.kind).toBe(kind);
  });
});
