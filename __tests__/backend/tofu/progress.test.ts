import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../backend/finding.ts';
import { Progress, type ProgressHow } from '../../../backend/tofu/progress.ts';

const FINDING: Finding = {
  code: 'state-hidden',
  request: 'GET tofu-state/attic/terraform.tfstate',
  did: 'answered that there is no state',
  expected: 'a state',
  remedy: 'run just tofu-state-authority-deep-check attic',
  exitCode: 2,
};

function shown(how: ProgressHow) {
  const results: string[] = [];
  const problems: string[] = [];
  const progress = new Progress(
    { result: (line) => results.push(line), problem: (line) => problems.push(line) },
    how,
  );
  return { progress, results, problems };
}

const planned = (add: number) => ({
  type: 'change_summary',
  changes: { operation: 'plan', add, change: 0, remove: 0 },
});
const done = { type: 'apply_complete' };

async function applyTwo(progress: Progress): Promise<void> {
  await progress.phase('plan', async () => progress.takes(planned(2)));
  await progress.phase('apply', async () => {
    progress.sends('PUT tofu-state/attic/terraform.tfstate');
    progress.takes(done);
    progress.printer.result('Creation complete');
    progress.takes(done);
  });
}

/** Times differ from run to run. */
const timeless = (line: string) => line.replace(/\d+(\.\d+)? s/, 'T s');

describe('progress', () => {
  test('is a line for each phase where nobody looks on', async () => {
    const { progress, results } = shown({ json: false });
    await applyTwo(progress);
    expect(results.map(timeless)).toEqual([
      'plan, T s',
      'Creation complete',
      'apply, 2 of 2 resources, T s, last request to the store: PUT tofu-state/attic/terraform.tfstate',
    ]);
  });

  test('is kept apart from results that are for programs', async () => {
    const { progress, results, problems } = shown({ json: false, aside: true });
    await applyTwo(progress);
    expect(results).toEqual(['Creation complete']);
    expect(problems.map(timeless)[0]).toBe('plan, T s');
  });

  test('is one line on a terminal, drawn again, out of the way of what is printed, and gone at the end', async () => {
    const drawn: string[] = [];
    const terminal = { columns: 40, write: (text: string) => drawn.push(text) };
    const { progress, results } = shown({ json: false, terminal });
    await applyTwo(progress);
    expect(results).toEqual(['Creation complete']);
    expect(drawn.every((text) => text.startsWith('\r\u001b[K') && text.length <= 4 + 39)).toBe(
      true,
    );
    expect(drawn.map(timeless).some((text) => text.includes('apply, 1 of 2 resources'))).toBe(true);
    expect(drawn.at(-1)).toBe('\r\u001b[K');
  });

  test('is lines of JSON for machines, and people read the other stream', async () => {
    const { progress, results, problems } = shown({ json: true });
    await applyTwo(progress);
    progress.found(FINDING);
    progress.note('once');
    progress.note('once');
    const events = results.map((line) => JSON.parse(line));
    expect(events.map(({ type }) => type)).toEqual([
      'phase',
      'tofu',
      'phase-end',
      'phase',
      'tofu',
      'tofu',
      'phase-end',
      'finding',
      'note',
    ]);
    expect(events[6].request).toBe('PUT tofu-state/attic/terraform.tfstate');
    expect(events[7].finding).toEqual(FINDING);
    expect(problems).toEqual(['Creation complete', 'once']);
  });

  test('says of a plan what it does', async () => {
    const { progress } = shown({ json: false });
    await progress.phase('plan', async () => progress.takes(planned(2)));
    expect(progress.says).toBe('2 to add, 0 to change, 0 to destroy');
    await progress.phase('plan', async () => progress.takes(planned(0)));
    expect(progress.says).toBe('no changes');
  });
});
