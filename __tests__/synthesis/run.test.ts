import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readSettings } from '../../config/read-settings.ts';
import type { Settings } from '../../config/settings.ts';
import { Resource } from '../../constructs/binding.ts';
import { CONFIG_MAP } from '../../constructs/kubernetes.ts';
import { Refusal } from '../../constructs/refusal.ts';
import { defineStacks } from '../../stacks/all-stacks.ts';
import { type Program, runSynthesis } from '../../synthesis/run.ts';
import { exampleContext } from '../support/synthesized.ts';

let outdir: string;
beforeEach(() => {
  outdir = join(mkdtempSync(join(tmpdir(), 'flywheel-run-')), 'out');
});
afterEach(() => rmSync(join(outdir, '..'), { recursive: true }));

function program(
  change: Partial<Program> = {},
  settings?: (settings: Settings) => Settings,
): () => Program {
  return () => {
    const context = exampleContext('tinyland', settings);
    return {
      file: 'config/tinyland.yaml',
      outdir,
      context,
      define: (app) => defineStacks(app, context),
      ...change,
    };
  };
}

function run(args: readonly string[], load = program()) {
  const results: string[] = [];
  const problems: string[] = [];
  const printer = {
    result: (line: string) => void results.push(line),
    problem: (line: string) => void problems.push(line),
  };
  return { code: runSynthesis(args, load, printer), results, problems };
}

/** Stacks with a name in them that is out of contract. */
function withForbiddenName(): () => Program {
  return program({
    define: (app) => {
      const stacks = defineStacks(app, exampleContext('tinyland'));
      const [stack] = stacks;
      if (stack !== undefined) {
        new Resource(stack, 'out-of-contract', CONFIG_MAP, {
          metadata: { name: 'old', namespace: 'nix-cache' },
          // Put together here, because the name itself may stand in no file of the project.
          data: { server: `https://${['attic', 'tinyland', 'dev'].join('.')}` },
        });
      }
      return stacks;
    },
  });
}

describe('synth', () => {
  test('writes four stacks, tells what they are, and what to do next', () => {
    const { code, results } = run(['synth']);
    expect(code).toBe(0);
    expect(readdirSync(join(outdir, 'stacks')).sort()).toEqual([
      'arc-runners',
      'attic',
      'gitlab-runners',
      'runner-dashboard',
    ]);
    expect(results[0]).toMatch(/^stack +resources +size +time +state key$/);
    expect(results.at(-1)).toBe(
      'next: just report, then just bootstrap the first time, just tofu-plan <stack> from then on',
    );
  });

  test('changes nothing the second time', () => {
    run(['synth']);
    expect(run(['synth']).results.at(-2)).toContain(`no file changed in ${outdir}`);
  });

  test('with errors leaves everything as it was and exits 2', () => {
    run(['synth']);
    const before = readFileSync(join(outdir, 'stacks/attic/cdk.tf.json'), 'utf8');
    const { code, results, problems } = run(['synth'], withForbiddenName());
    expect(code).toBe(2);
    expect(problems.some((line) => line.includes('out-of-contract'))).toBe(true);
    expect(results.at(-1)).toBe('next: mend the errors above, or waive them with a reason');
    expect(readFileSync(join(outdir, 'stacks/attic/cdk.tf.json'), 'utf8')).toBe(before);
  });

  test('tells of a waiver that waives nothing', () => {
    const waivers: Settings['waivers'] = [
      {
        rule: 'image-tag',
        resource: 'attic: nothing',
        reason: 'kept here long after its cause has gone',
      },
    ];
    const { code, problems } = run(
      ['synth'],
      program({}, (settings) => ({ ...settings, waivers })),
    );
    expect(code).toBe(0);
    expect(problems).toContainEqual(
      expect.stringContaining(
        'the waiver of image-tag for attic: nothing waives nothing: remove it',
      ),
    );
  });

  test('tells once of a cache whose public key nobody knows', () => {
    const unsigned = (settings: Settings): Settings => {
      const { main, ...others } = settings.attic.caches;
      const caches = main === undefined ? others : { main: { ...main, publicKey: undefined } };
      return { ...settings, attic: { ...settings.attic, caches } };
    };
    const { problems } = run(['synth'], program({}, unsigned));
    expect(problems.filter((line) => line.includes('public key is not known'))).toHaveLength(1);
  });

  test('names the folder of a vanished stack that it keeps (S8)', () => {
    mkdirSync(join(outdir, 'stacks/renamed'), { recursive: true });
    writeFileSync(join(outdir, 'stacks/renamed/errored.tfstate'), '{}');
    const { problems } = run(['synth']);
    expect(problems).toContainEqual(
      expect.stringContaining(`${outdir}/stacks/renamed belongs to no stack`),
    );
  });

  test('for machines prints one document', () => {
    const { results } = run(['synth', '--json']);
    const document = JSON.parse(results.join('\n'));
    expect(document.stacks.map(({ name }: { name: string }) => name)).toEqual([
      'attic',
      'gitlab-runners',
      'arc-runners',
      'runner-dashboard',
    ]);
    expect(document.verdict.findings).toEqual(expect.any(Array));
  });

  test('explains wrong settings, exits 64 and writes nothing', () => {
    const { code, problems } = run(['synth'], () => {
      readSettings('config/absent.yaml');
      throw new Error('not reached');
    });
    expect(code).toBe(64);
    expect(problems).toEqual([
      'config/absent.yaml:1:1  the file must exist\n    name the settings with FLYWHEEL_CONFIG=path, or copy config/minimal.yaml',
    ]);
    expect(existsSync(outdir)).toBe(false);
  });

  test('explains a construct that refuses its props, with its place in the tree', () => {
    const define: Program['define'] = (app) => {
      throw new Refusal(app, 'mirror', 'charts', 'hold a chart', 'put it there');
    };
    expect(run(['synth'], program({ define }))).toMatchObject({
      code: 64,
      problems: [`App '': mirror must hold a chart, got "charts"; put it there`],
    });
  });

  test('says so when the result cannot be written', () => {
    writeFileSync(outdir, 'a file where a folder is needed');
    const { code, problems } = run(['synth']);
    expect(code).toBe(1);
    expect(problems).toEqual([
      expect.stringMatching(/^the result was not written: (ENOTDIR|EEXIST)/),
    ]);
  });

  test('does not hide a defect of its own', () => {
    const define: Program['define'] = () => {
      throw new TypeError('a defect');
    };
    expect(() => run(['synth'], program({ define }))).toThrow('a defect');
  });
});

describe('report', () => {
  test('tells what the stacks hold and writes nothing', () => {
    const { code, results } = run(['report']);
    expect(code).toBe(0);
    expect(results.filter((line) => /^[A-Z]/.test(line))).toEqual([
      'Components',
      'Secrets that must exist',
      'Capacity, when everything runs at its most',
      'Weakenings',
      'Waived findings',
      'To know',
    ]);
    expect(results).toContainEqual(
      expect.stringMatching(/^ {2}dashboard +runner-dashboard +1 +no/),
    );
    expect(existsSync(outdir)).toBe(false);
  });
});

describe('the command line', () => {
  test('explains itself', () => {
    expect(run(['synth', '--help'])).toMatchObject({
      code: 0,
      results: [expect.stringContaining('usage: flywheel')],
    });
  });

  test.each([
    [['synth', '--jsn'], "Unknown option '--jsn'"],
    [['synth', 'twice'], 'unknown word: twice'],
    [['synthesize'], 'unknown word: synthesize'],
  ])('rejects %j', (args, message) => {
    const { code, problems } = run(args);
    expect(code).toBe(64);
    expect(problems[0]).toContain(message);
  });
});
