import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Progress } from '../../../backend/cas-integrity/progress.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What a terminal and the two streams are told by work that finds something after a while. */
function shown(isTTY: boolean): { readonly terminal: string; readonly lines: string[] } {
  let terminal = '';
  const lines: string[] = [];
  const printer = {
    result: (line: string) => void lines.push(`result ${line}`),
    problem: (line: string) => void lines.push(`problem ${line}`),
  };
  let looked = 0;
  const progress = new Progress(() => `${looked} looked at`, printer, {
    isTTY,
    write: (text) => {
      terminal += text;
    },
  });
  vi.advanceTimersByTime(600);
  looked = 40;
  progress.printer.problem('FAIL');
  vi.advanceTimersByTime(15_000);
  progress.end();
  vi.advanceTimersByTime(60_000);
  return { terminal, lines };
}

describe('the progress of long work', () => {
  test('is one line of a terminal, which is out of the way of others and gone in the end', () => {
    const { terminal, lines } = shown(true);
    expect(lines).toEqual(['problem FAIL']);
    const clear = '\r\u001b[K';
    const redraws = (31_200 - 1200) / 1000;
    expect(terminal.split(clear)).toEqual([
      '',
      '0 looked at',
      '',
      ...Array(redraws).fill('40 looked at'),
      '',
    ]);
  });

  test('is a line among the problems now and then, where there is no terminal', () => {
    expect(shown(false)).toEqual({
      terminal: '',
      lines: ['problem FAIL', 'problem 40 looked at'],
    });
  });
});
