import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readCharts } from '../../../../config/charts.ts';
import { missingCharts } from '../../../../operations/rehearsal/stacks/charts.ts';
import { rehearse } from '../../../../operations/rehearsal/stacks/command.ts';
import { Progress } from '../../../../operations/rehearsal/stacks/progress.ts';
import { stackLine, verdictLine } from '../../../../operations/rehearsal/stacks/report.ts';

const folder = mkdtempSync(join(tmpdir(), 'flywheel-rehearse-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SILENT = { result: () => {}, problem: () => {} };
const run = (words: string[], environment: NodeJS.ProcessEnv = {}) =>
  rehearse(words, { printer: SILENT, environment });

describe('rehearse', () => {
  test.each<[string, string[], string]>([
    ['no folder of charts', [], 'name the one folder that holds the chart archives'],
    ['two folders', ['one', 'two'], 'name the one folder that holds the chart archives'],
    ['a stack that is none', ['charts', '--stack', 'atic'], 'did you mean attic?'],
    ['an option that is none', ['charts', '--kep'], "Unknown option '--kep'"],
  ])('refuses %s before anything is started', async (_, words, sentence) => {
    await expect(run(words)).rejects.toThrow(sentence);
  });

  test('says at once what is not there, charts among it', async () => {
    const nowhere = join(folder, 'nowhere');
    await expect(run([], { FLYWHEEL_CHARTS: nowhere })).rejects.toThrow(
      new RegExp(
        `^a rehearsal needs what is not there:\n(.*\n)* {4}there is no folder ${nowhere} `,
      ),
    );
  });

  test('knows every archive that is pinned', () => {
    const [first = '', ...rest] = Object.values(readCharts()).map(({ archive }) => archive);
    writeFileSync(join(folder, first), '');
    expect(missingCharts(folder)).toEqual(
      rest.map((archive) => `${folder} holds no ${archive} (just charts-pull ${folder})`),
    );
    for (const archive of rest) writeFileSync(join(folder, archive), '');
    expect(missingCharts(folder)).toEqual([]);
  });
});

describe('what is said of a stack', () => {
  const seconds = { secrets: 0.5, preflight: 1, init: 1.5, plan: 2, apply: 10, 'plan again': 3 };
  const stack = { stack: 'attic', seconds, resources: 46, settled: true } as const;

  test('is its time, what was made, and the time of each stage', () => {
    expect(stackLine(stack)).toBe(
      'attic              18.0 s  46 resources, second plan empty (secrets 0.5, preflight 1.0, init 1.5, plan 2.0, apply 10.0, plan again 3.0)',
    );
    expect(stackLine({ ...stack, settled: false })).toContain('SECOND PLAN NOT EMPTY');
  });

  test('comes to one sentence at the end', () => {
    const rehearsal = { cluster: 'c', clusterSec: 5, storeSec: 1, stacks: [stack], seconds: 24.4 };
    expect(verdictLine(rehearsal)).toBe(
      '1 stack applied on a rehearsal cluster in 24 s; every second plan is empty',
    );
    const restless = [stack, { ...stack, settled: false, stack: 'arc-runners' as const }];
    expect(verdictLine({ ...rehearsal, stacks: restless })).toBe(
      '2 stacks applied on a rehearsal cluster in 24 s; a second plan has something to do: arc-runners',
    );
  });
});

describe('progress', () => {
  /** Everything that is written, to the terminal and in lines. */
  function watched(isTTY: boolean) {
    const written: string[] = [];
    const lines: string[] = [];
    const terminal = { isTTY, write: (text: string) => written.push(text) };
    const printer = { ...SILENT, problem: (line: string) => void lines.push(line) };
    const progress = new Progress(printer, terminal);
    progress.begin('attic: plan');
    progress.begin('attic: apply');
    progress.end();
    return { written, lines };
  }

  test('is one line that is written over on a terminal, and gone at the end', () => {
    const { written, lines } = watched(true);
    expect(lines).toEqual([]);
    expect(written.join('')).toBe(
      '\r\u001B[Kattic: plan … 0 s\r\u001B[K\r\u001B[Kattic: apply … 0 s\r\u001B[K',
    );
  });

  test('is a line for each step elsewhere', () => {
    expect(watched(false)).toEqual({ written: [], lines: ['attic: plan …', 'attic: apply …'] });
  });
});
