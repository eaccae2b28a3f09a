import { describe, expect, test } from 'vitest';
import { podTolerations, tolerationMap } from '../../../constructs/runner-pool/placement.ts';
import { refusalOf } from '../../support/refusal.ts';

const GPU = { key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' } as const;
const SPOT = { key: 'spot', value: '', effect: 'NoExecute' } as const;

describe('tolerations', () => {
  test('keep the value of a taint, and leave it open where none is given (W-B17)', () => {
    expect(podTolerations({ nodeSelector: {}, tolerations: [GPU, SPOT] })).toEqual([
      { key: 'nvidia.com/gpu', operator: 'Equal', value: 'present', effect: 'NoSchedule' },
      { key: 'spot', operator: 'Exists', effect: 'NoExecute' },
    ]);
  });

  test('are a map of taint to effect for GitLab Runner (W-B17)', () => {
    expect(tolerationMap({ nodeSelector: {}, tolerations: [GPU, SPOT] })).toEqual({
      'nvidia.com/gpu=present': 'NoSchedule',
      spot: 'NoExecute',
    });
  });

  test('rejects one taint with two effects, of which such a map would lose one', () => {
    const twice = [SPOT, { ...SPOT, effect: 'NoSchedule' as const }];
    expect(refusalOf(() => tolerationMap({ nodeSelector: {}, tolerations: twice }))).toBe(
      'must be tolerated with one effect, got "spot"; GitLab Runner keeps one effect for each taint; remove the other',
    );
  });
});
