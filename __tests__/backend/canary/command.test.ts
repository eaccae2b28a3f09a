import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { canary } from '../../../backend/canary/command.ts';
import { CANARY_STEPS, type CanaryStep } from '../../../backend/canary/steps.ts';
import type { ExitCode } from '../../../console/exit-code.ts';
import { Failure } from '../../../console/failure.ts';

let folder: string;
let results: string[];
let problems: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flywheel-canary-'));
  results = [];
  problems = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const printer = {
  result: (line: string) => void results.push(line),
  problem: (line: string) => void problems.push(line),
};
const environment = { FLYWHEEL_CONFIG: 'config/tinyland.yaml' };

function step(name: string, outcome: ExitCode | Failure): CanaryStep {
  return {
    name,
    run: (asked) => {
      asked.printer.result(`${name} was looked at`);
      if (outcome instanceof Failure) throw outcome;
      return outcome;
    },
  };
}

describe('the canary', () => {
  test('looks at the states, the cache beside them, a scratch bucket, and candidates, in this order (R6)', () => {
    expect(CANARY_STEPS.map(({ name }) => name)).toEqual([
      'ha-readiness',
      'attic-bucket',
      'attic-nar',
      'scratch-bucket',
      'ha-candidates',
    ]);
  });

  test('takes every step whatever the one before has found, and keeps what each has said (R6)', async () => {
    const save = join(folder, 'evidence');
    const steps = [step('one', 2), step('two', new Failure('nobody answers')), step('three', 0)];
    expect(await canary(['--save', save], printer, environment, steps)).toBe(2);
    expect(readdirSync(save).sort()).toEqual([
      '1-one.log',
      '2-two.log',
      '3-three.log',
      'canary.json',
    ]);
    const log = readFileSync(join(save, '2-two.log'), 'utf8');
    expect(log).toBe('== two\ntwo was looked at\nnobody answers\n\n');
    expect(JSON.parse(readFileSync(join(save, 'canary.json'), 'utf8'))).toMatchObject({
      exitCode: 2,
      steps: [
        { step: 'one', exitCode: 2 },
        { step: 'two', exitCode: 1 },
        { step: 'three', exitCode: 0 },
      ],
    });
    expect(results.at(-1)).toBe('not good: the gravest code is 2; the evidence stands above');
  });

  test.each<[ExitCode[], ExitCode]>([
    [[0, 0], 0],
    [[0, 3], 3],
    [[3, 1], 1],
    [[1, 2, 3], 2],
    [[4, 1], 4],
  ])('comes to the gravest of %j', async (codes, exitCode) => {
    const steps = codes.map((code, index) => step(`step-${index}`, code));
    expect(await canary([], printer, environment, steps)).toBe(exitCode);
  });

  test('claims no high availability when all is good (R7)', async () => {
    await canary([], printer, environment, [step('one', 0)]);
    expect(results.at(-1)).toBe(
      'the path of the states is coherent now; that is no claim that it is highly available',
    );
  });

  test('tells machines one document, and people the rest', async () => {
    await canary(['--json'], printer, environment, [step('one', 0)]);
    expect(JSON.parse(results.join('\n'))).toMatchObject({ exitCode: 0, steps: [{ step: 'one' }] });
    expect(problems).toContain('one was looked at');
  });

  test('does not know the bodies of the cache where no store path is named (R4)', async () => {
    const nars = CANARY_STEPS.filter(({ name }) => name === 'attic-nar');
    expect(await canary([], printer, environment, nars)).toBe(1);
    expect(problems).toEqual([
      'no body of the cache was read: no store path is named\n    add --store-hash, or set FLYWHEEL_CANARY_STORE_HASHES',
    ]);
  });

  test('ends all steps with an interrupt', async () => {
    const steps = [step('one', new Failure('interrupted', 130)), step('two', 0)];
    await expect(canary([], printer, environment, steps)).rejects.toMatchObject({ exitCode: 130 });
    expect(results).not.toContain('two was looked at');
  });
});
