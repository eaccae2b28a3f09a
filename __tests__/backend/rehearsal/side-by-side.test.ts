import { expect, test } from 'vitest';
import { sideBySide } from '../../../backend/rehearsal/side-by-side.ts';

test('two texts stand beside each other, each wrapped between words', () => {
  expect(sideBySide(['one two three', 'four'], ['alpha beta'], 8)).toEqual([
    'one two    alpha',
    'three      beta',
    'four',
  ]);
});

test('a word that is too long stands by itself, and is not cut', () => {
  expect(sideBySide(['a', 'incomprehensibly b'], ['x', 'y', 'z'], 6)).toEqual([
    'a        x',
    'incomprehensibly   y',
    'b        z',
  ]);
});
