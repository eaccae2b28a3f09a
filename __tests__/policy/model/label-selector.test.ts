import { expect, test } from 'vitest';
import { matchesSelector } from '../../../policy/model/label-selector.ts';

const LABELS = { app: 'api', tier: 'web' };

test.each([
  ['nothing', {}, true],
  ['an equal label', { matchLabels: { app: 'api' } }, true],
  ['another value', { matchLabels: { app: 'db' } }, false],
  ['a label that is not there', { matchLabels: { zone: 'a' } }, false],
  [
    'one of several values',
    { matchExpressions: [{ key: 'app', operator: 'In', values: ['db', 'api'] }] },
    true,
  ],
  [
    'none of several values',
    { matchExpressions: [{ key: 'app', operator: 'In', values: ['db'] }] },
    false,
  ],
  [
    'another than these values',
    { matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['a'] }] },
    true,
  ],
  ['a label that must be there', { matchExpressions: [{ key: 'tier', operator: 'Exists' }] }, true],
  [
    'a label that must not',
    { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] },
    false,
  ],
  [
    'an operator that nobody knows',
    { matchExpressions: [{ key: 'tier', operator: 'Like' }] },
    false,
  ],
])('a selector of %s', (_, selector, expected) => {
  expect(matchesSelector(selector, LABELS)).toBe(expected);
});
