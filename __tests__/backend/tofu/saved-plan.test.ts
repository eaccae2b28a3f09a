import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clearPlan, planFile, recordPlan, requirePlan } from '../../../backend/tofu/saved-plan.ts';
import { Failure } from '../../../console/failure.ts';

const MADE = {
  json: 'aa',
  state: { lineage: 'one', serial: 7 },
  firstRun: false,
  destroys: false,
  says: '2 to add, 0 to change, 0 to destroy',
};

let place = { stack: 'attic', work: '' };
beforeEach(() => {
  place = { stack: 'attic', work: mkdtempSync(join(tmpdir(), 'flywheel-plan-')) };
  writeFileSync(planFile(place), 'plan', { mode: 0o644 });
  recordPlan(place, MADE);
});
afterEach(() => rmSync(place.work, { recursive: true }));

function refusal(json: string, known?: { lineage: string; serial: number }, at = place) {
  try {
    requirePlan(at, json, known);
  } catch (error) {
    if (error instanceof Failure) return [error.exitCode, error.message] as const;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a saved plan', () => {
  test('is applied on the stack and the state that it was made of', () => {
    expect(requirePlan(place, 'aa', { lineage: 'one', serial: 7 })).toMatchObject(MADE);
    expect(requirePlan(place, 'aa', undefined)).toMatchObject(MADE);
    expect((statSync(planFile(place)).mode & 0o777).toString(8)).toBe('600');
  });

  test.each([
    ['bb', { lineage: 'one', serial: 7 }, 'the stack was synthesized anew since'],
    ['aa', { lineage: 'one', serial: 8 }, 'it was made on serial 7 of the state, which has 8 now'],
    ['aa', { lineage: 'two', serial: 7 }, 'it was made on a state of another lineage'],
  ])('is outdated by what has changed since (%s, %j)', (json, known, because) => {
    const [code, message] = refusal(json, known);
    expect(code).toBe(2);
    expect(message).toContain(
      'the saved plan of attic (2 to add, 0 to change, 0 to destroy, made 2',
    );
    expect(message).toContain(`is not applied: ${because}\n    run just tofu-plan attic`);
  });

  test('of a first run is outdated by any state', () => {
    recordPlan(place, { ...MADE, state: null });
    expect(requirePlan(place, 'aa', undefined).state).toBeNull();
    expect(refusal('aa', { lineage: 'one', serial: 0 })[1]).toContain(
      'it was made for no state, and there is one of serial 0',
    );
  });

  test('is no other file, and none of another stack', () => {
    writeFileSync(planFile(place), 'another');
    expect(refusal('aa')[1]).toContain('the file is not what was planned');
    expect(refusal('aa', undefined, { ...place, stack: 'arc-runners' })[1]).toContain(
      'it is one of attic',
    );
  });

  test('that is not there, or not whole, is made anew', () => {
    writeFileSync(join(place.work, 'plan.json'), '{"plan":');
    expect(refusal('aa')).toEqual([1, 'attic has no saved plan\n    run just tofu-plan attic']);
    clearPlan(place);
    expect(existsSync(planFile(place))).toBe(false);
    expect(refusal('aa')[0]).toBe(1);
  });
});
