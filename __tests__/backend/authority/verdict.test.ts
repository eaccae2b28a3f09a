import { describe, expect, test } from 'vitest';
import {
  degraded,
  type Judgement,
  notRun,
  pending,
  printVerdict,
  verdictLines,
  verdictOver,
} from '../../../backend/authority/verdict.ts';
import { bad, good, unknown } from '../../../operations/kubernetes/check.ts';

const FINE = good('bucket-head', 'it is there');
const LOST = bad('bucket-listed', 'it is not listed', 'preserve the evidence');
const DARK = unknown('workload', 'no cluster in reach');
const WEAK = degraded('replicas', 'one of four is down', 'look at its pod');
const STALE = pending('lock', 'held for nine hours', 'just tofu-unlock attic 1');
const SKIPPED = notRun('disk-markers', 'no cluster is named');

describe('a verdict', () => {
  test.each<[string, readonly Judgement[], number]>([
    ['what is proved bad outweighs everything', [FINE, DARK, WEAK, STALE, LOST], 2],
    ['what has to be recovered outweighs a weakness', [FINE, DARK, WEAK, STALE], 4],
    ['what is not known outweighs a weakness, with which one may go on', [FINE, DARK, WEAK], 1],
    ['a weakness is neither good nor bad', [FINE, WEAK], 3],
    ['what is not known is never good', [FINE, DARK], 1],
    ['what was not run counts neither for nor against', [FINE, SKIPPED], 0],
    ['where nothing was good, nothing was proved', [SKIPPED], 1],
    ['nothing at all proves nothing', [], 1],
  ])('%s', (_, checks, exitCode) => {
    expect(verdictOver('authority', checks)).toEqual({ exitCode, title: 'authority', checks });
  });

  test('says of each check what it came to and what to do, and concludes', () => {
    expect(
      verdictLines(verdictOver('authority', [FINE, LOST, DARK, WEAK, STALE, SKIPPED])),
    ).toEqual([
      'ok    bucket-head    it is there',
      'FAIL  bucket-listed  it is not listed',
      '      fix: preserve the evidence',
      '?     workload       not known: no cluster in reach',
      'WEAK  replicas       one of four is down',
      '      fix: look at its pod',
      'WAIT  lock           held for nine hours',
      '      fix: just tofu-unlock attic 1',
      '-     disk-markers   not run: no cluster is named',
      'authority: proved bad: nothing may be changed',
    ]);
  });

  test('sends problems to the stream of problems, and JSON whole to the other', () => {
    const results: string[] = [];
    const problems: string[] = [];
    const printer = {
      result: (line: string) => void results.push(line),
      problem: (line: string) => void problems.push(line),
    };
    const verdict = verdictOver('authority', [FINE, LOST]);
    printVerdict(verdict, printer);
    expect(results).toEqual(['ok    bucket-head    it is there']);
    expect(problems).toHaveLength(3);
    printVerdict(verdict, printer, true);
    expect(JSON.parse(results[1] ?? '')).toEqual(verdict);
    expect(problems).toHaveLength(3);
  });
});
