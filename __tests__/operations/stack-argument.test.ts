import { describe, expect, test } from 'vitest';
import { Failure } from '../../console/failure.ts';
import { lookArguments, oneStack } from '../../operations/stack-argument.ts';

describe('the stack that a command is about', () => {
  test('is the one word that is given, with or without JSON', () => {
    expect(lookArguments(['attic'], 'that is meant')).toEqual({ name: 'attic', json: false });
    expect(lookArguments(['--json', 'attic'], '')).toEqual({ name: 'attic', json: true });
  });

  test.each([[[]], [['attic', 'runners']]])('is asked for where it is not one: %j', (words) => {
    expect(() => oneStack(words, 'that is meant')).toThrow(
      new Failure('name the one stack that is meant', 64),
    );
  });

  test('comes with no option that the command does not know', () => {
    expect(() => lookArguments(['attic', '--jsn'], '')).toThrow("Unknown option '--jsn'");
  });
});
