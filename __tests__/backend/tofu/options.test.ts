import { describe, expect, test } from 'vitest';
import { stackState } from '../../../backend/stack-state.ts';
import { validateAll } from '../../../backend/tofu/commands/validate-all.ts';
import { requireDeclaredStore } from '../../../backend/tofu/declared-store.ts';
import { driverOptions } from '../../../backend/tofu/options.ts';
import { readSettings } from '../../../config/read-settings.ts';
import { exampleFile } from '../../support/examples.ts';

describe('the options of the driver', () => {
  test('are the stack, and those that the command knows', () => {
    const args = ['attic', '--json', '--deadline', '1h30m', '--target', 'a.b', '--target=c.d'];
    expect(driverOptions(args, ['json', 'deadline', 'target'])).toEqual({
      stack: 'attic',
      words: [],
      json: true,
      firstRun: false,
      deadlineMs: 5_400_000,
      confirm: undefined,
      passed: ['-target=a.b', '-target=c.d'],
    });
  });

  test.each([
    [[], 'name the stack'],
    [['attic', 'more'], 'this is too much: more'],
    [['attic', '--deadline', 'soon'], '--deadline must be a Go duration, got "soon"'],
    [['attic', '--deadline', '0s'], '--deadline must be more than nothing'],
  ])('are refused in words: %j', (args, sentence) => {
    expect(() => driverOptions(args, ['deadline'])).toThrow(sentence);
  });

  test('are never accepted and ignored', () => {
    expect(() => driverOptions(['attic', '--first-run'], ['json'])).toThrow(/Unknown option/);
  });
});

describe('a stack of other settings', () => {
  const settings = readSettings(exampleFile('minimal'));
  const state = stackState('attic', settings, { HOME: '/people/ada' });
  const s3 = {
    bucket: 'tofu-state',
    key: 'attic/terraform.tfstate',
    region: 'us-east-1',
    use_lockfile: true,
    use_path_style: true,
  };
  const json = (change: object) => ({ terraform: { backend: { s3: { ...s3, ...change } } } });

  test('is not run: each difference is named (S1, S2, S11)', () => {
    requireDeclaredStore(json({}), state, settings);
    expect(() =>
      requireDeclaredStore(json({ key: 'other', use_lockfile: undefined }), state, settings),
    ).toThrow(
      [
        'attic is not synthesized from these settings:',
        '    key is "other", and the settings say "attic/terraform.tfstate"',
        '    use_lockfile is missing, and the settings say true',
        '    run just synth',
      ].join('\n'),
    );
    expect(() =>
      requireDeclaredStore({ terraform: { backend: { http: {} } } }, state, settings),
    ).toThrow('bucket is missing');
  });

  test('may leave out what is false', () => {
    const plain = { ...settings, state: { ...settings.state, pathStyle: false } };
    requireDeclaredStore(json({ use_path_style: undefined }), state, plain);
    expect(() => requireDeclaredStore(json({}), state, plain)).toThrow('use_path_style is true');
  });
});

test('all stacks are judged, or none', async () => {
  const printer = { result: () => {}, problem: () => {} };
  await expect(validateAll(['attic'], printer)).rejects.toThrow(
    'attic: all stacks are judged; just validate takes names',
  );
  await expect(validateAll([], printer, { CDKTF_OUTDIR: '/nowhere' })).rejects.toThrow(
    'nothing is synthesized in /nowhere',
  );
});
