import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { markOf, standingOf } from '../../../backend/witness/state-mark.ts';

const MARK = { lineage: 'a', serial: 7, hash: 'h' };

describe('how a state stands to what is remembered', () => {
  test.each([
    ['same', MARK, MARK],
    ['newer', { ...MARK, serial: 8, hash: 'i' }, MARK],
    ['rolled-back', { ...MARK, serial: 6, hash: 'g' }, MARK],
    ['forked', { ...MARK, hash: 'i' }, MARK],
    ['other-lineage', { ...MARK, lineage: 'b', serial: 8 }, MARK],
    ['unwitnessed', MARK, undefined],
  ])('is %s', (standing, state, mark) => {
    expect(standingOf(state, mark)).toBe(standing);
  });

  test('never goes back: of two states of one lineage at most one is newer than the other', () => {
    const state = fc.record({
      lineage: fc.constantFrom('a', 'b'),
      serial: fc.nat(3),
      hash: fc.constantFrom('g', 'h'),
    });
    fc.assert(
      fc.property(state, state, (one, other) => {
        const both = [standingOf(one, other), standingOf(other, one)];
        expect(both.filter((standing) => standing === 'newer').length).toBeLessThanOrEqual(1);
        expect(both.includes('newer')).toBe(both.includes('rolled-back'));
      }),
    );
  });

  test('is the same for the mark that a state has left', () => {
    const mark = markOf(MARK, 'ada@loom', new Date(0));
    expect(mark).toEqual({ ...MARK, by: 'ada@loom', at: '1970-01-01T00:00:00.000Z' });
    expect(standingOf(MARK, mark)).toBe('same');
  });
});
