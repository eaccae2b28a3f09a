import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { confirmBy } from '../../../backend/recovery/confirm.ts';

const problems: string[] = [];
const printer = {
  result: () => {},
  problem: (line: string) => void problems.push(line),
};

/** A terminal at which that is typed. */
function terminal(keys: string) {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} });
  const output = new PassThrough();
  let shown = '';
  output.on('data', (part: Buffer) => {
    shown += part.toString('utf8');
  });
  input.write(keys);
  return { typing: { input, output }, shown: () => shown };
}

function pipe(text: string) {
  const input = new PassThrough();
  input.end(text);
  return { input, output: new PassThrough() };
}

describe('a confirmation', () => {
  test.each([
    ['the name by the flag', 'attic', '', true],
    ['another name by the flag', 'arc-runners', 'attic\n', false],
    ['the name through a pipe', undefined, 'attic\n', true],
    ['the name without an end of line', undefined, 'attic', true],
    ['yes', undefined, 'yes\n', false],
    ['nothing', undefined, '', false],
    ['an empty line', undefined, '\nattic\n', false],
    ['the name in other letters', undefined, 'Attic\n', false],
  ])('with %s', async (_, flag, piped, confirmed) => {
    problems.length = 0;
    expect(await confirmBy(flag, printer, pipe(piped)).named('attic')).toBe(confirmed);
    expect(problems).toHaveLength(confirmed ? 0 : 1);
  });

  test('that was not given is said in a line, with what was', async () => {
    problems.length = 0;
    await confirmBy(undefined, printer, pipe('y\n')).named('attic');
    await confirmBy(undefined, printer, pipe('')).named('attic');
    expect(problems).toEqual([
      'not confirmed: y was given, and the stack is attic; nothing was changed',
      'not confirmed: no name was given, and the stack is attic; nothing was changed',
    ]);
  });

  test('is asked for at a terminal, by the name of the stack', async () => {
    const { typing, shown } = terminal('attic\r');
    expect(await confirmBy(undefined, printer, typing).named('attic')).toBe(true);
    expect(shown()).toContain('type the name of the stack (attic): ');
  });

  test('by Ctrl-C at a terminal is an interruption', async () => {
    const { typing } = terminal('att\u0003');
    await expect(confirmBy(undefined, printer, typing).named('attic')).rejects.toMatchObject({
      exitCode: 130,
      message: 'interrupted; nothing was changed',
    });
  });

  test('by the end of input at a terminal is none', async () => {
    const { typing } = terminal('\u0004');
    expect(await confirmBy(undefined, printer, typing).named('attic')).toBe(false);
  });
});
