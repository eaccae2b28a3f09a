import { describe, expect, test } from 'vitest';
import { passageOf } from '../../../backend/tofu/passthrough.ts';
import { Failure } from '../../../console/failure.ts';

function refusal(...args: string[]): string {
  try {
    passageOf(args);
  } catch (error) {
    if (error instanceof Failure && error.exitCode === 64) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a command of tofu behind the gateway', () => {
  test.each([
    [['show'], { declaration: {}, guarded: false, journalled: false }],
    [['state', 'list'], { declaration: {}, guarded: false, journalled: false }],
    [['plan', '-target', 'a.b'], { declaration: {}, guarded: true, journalled: false }],
    [['state', 'rm', 'a.b'], { declaration: { writes: true }, guarded: true, journalled: false }],
    [['import', 'a.b', 'id'], { declaration: { writes: true }, guarded: true, journalled: false }],
    [
      ['apply', '-auto-approve', '-var', 'a=b'],
      { declaration: { writes: true }, guarded: true, journalled: true },
    ],
    [
      ['apply', '-destroy=false'],
      { declaration: { writes: true }, guarded: true, journalled: true },
    ],
  ])('%j does what it is known to do', (args, passage) => {
    expect(passageOf(args)).toEqual(passage);
  });

  test.each([
    [['destroy', '-auto-approve']],
    [['apply', '-destroy']],
    [['apply', '--destroy']],
    [['apply', '-destroy=true']],
    [['apply', '-destroy=1']],
  ])('%j is declared to leave nothing', (args) => {
    expect(passageOf(args).declaration).toEqual({ writes: true, destroys: true });
  });

  test.each([
    ['-lock=false', 'every run holds the lock of the state'],
    ['--lock=0', 'every run holds the lock of the state'],
    ['-lock', 'every run holds the lock of the state'],
    ['-state=x', 'the state lies in the store, and nowhere else'],
    ['-state-out=x', 'the state lies in the store, and nowhere else'],
    ['-backup=-', 'the state lies in the store, and nowhere else'],
    ['-backend-config=x', 'the store is named by TOFU_BACKEND_S3_*'],
    ['-out=x', 'the plan is kept by just tofu-plan <stack>'],
    ['-force', 'what it overrides is what keeps a state from being lost'],
    ['-chdir=x', 'a stack is named, not a folder'],
  ])('never has the option %s (S11)', (option, because) => {
    for (const command of ['plan', 'apply', 'refresh', 'taint']) {
      expect(refusal(command, option)).toContain(`${option} is refused: ${because}`);
    }
  });

  test('may wait for the lock', () => {
    expect(passageOf(['plan', '-lock-timeout=5s']).declaration).toEqual({});
  });

  test('applies no file of a plan, which names a store itself', () => {
    expect(refusal('apply', '-auto-approve', 'other.tfplan')).toBe(
      'other.tfplan is refused: a plan names the store of its state; run just tofu-apply <stack>',
    );
  });

  test('names everything that is refused at once', () => {
    expect(refusal('apply', '-lock=false', '-state=x', 'plan').split('\n')).toHaveLength(3);
  });

  test.each([
    [['init'], 'tofu init is not run here: run just tofu-init <stack>'],
    [['force-unlock', 'id'], 'run just tofu-unlock <stack> <lock-id>'],
    [['workspace', 'new', 'x'], 'each stack has one state, and no workspaces'],
    [['fmt'], 'tofu fmt is not run here; there are console, graph'],
    [['-chdir=x', 'plan'], 'a command of tofu comes first, such as state list'],
    [[], 'a command of tofu comes first, such as state list'],
  ])('%j has no place here', (args, sentence) => {
    expect(refusal(...args)).toContain(sentence);
  });
});
