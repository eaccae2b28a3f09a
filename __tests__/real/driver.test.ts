import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { apply } from '../../backend/tofu/commands/apply.ts';
import { deploy } from '../../backend/tofu/commands/deploy.ts';
import { destroy } from '../../backend/tofu/commands/destroy.ts';
import { init } from '../../backend/tofu/commands/init.ts';
import { output } from '../../backend/tofu/commands/output.ts';
import { passedOn } from '../../backend/tofu/commands/passed-on.ts';
import { plan } from '../../backend/tofu/commands/plan.ts';
import { state } from '../../backend/tofu/commands/state.ts';
import { runTofu } from '../../operations/tofu/run-tofu.ts';
import { locate } from '../../operations/tools/locate.ts';
import { driverGround, OUTPUT } from './driver-ground.ts';
import { type DriverStack, resources } from './driver-stack.ts';

const { realStore, stackOn, applied } = driverGround();

describe('the life of a stack', () => {
  test('begins only when that was said (S9)', async () => {
    const stack = stackOn(realStore());
    const refused = await stack.run(init);
    expect(refused.code).toBe(1);
    expect(refused.problems).toContain('give the command again with --first-run');
    expect(existsSync(join(stack.folder, '.terraform'))).toBe(false);
    const planned = await stack.run(plan);
    expect(planned.code).not.toBe(0);
    expect(await stack.object()).toBeUndefined();
    expect((await stack.run(init, ['--first-run'])).code).toBe(0);
  });

  test('goes from init to destroy, each step proved (S3)', async () => {
    const stack = stackOn(realStore());
    expect((await stack.run(init, ['--first-run'])).results).toContain('arc-runners is ready');

    const planned = await stack.run(plan, ['--first-run']);
    expect(planned.code, planned.problems).toBe(0);
    expect(planned.results).toContain('2 to add, 0 to change, 0 to destroy');
    const made = await stack.run(apply);
    expect(made.code, made.problems).toBe(0);
    expect(made.results).toContain('Apply complete! Resources: 2 added');

    expect((await stack.run(plan)).results).toContain('arc-runners: no changes');
    stack.write(resources({ one: 'first', two: 'changed', three: 'third' }), OUTPUT);
    const deployed = await stack.run(deploy);
    expect(deployed.code, deployed.problems).toBe(0);
    expect(deployed.results).toContain('a second plan has nothing to do');

    expect((await stack.run(output)).results).toBe('greeting = "hello"');
    expect(JSON.parse((await stack.run(output, ['--json', 'greeting'])).results)).toBe('hello');
    const list = await stack.run(state, ['list']);
    expect(list.results.split('\n').map((line) => line.replace('terraform_data.', ''))).toEqual([
      'one',
      'three',
      'two',
    ]);
    expect((await stack.run(state, ['show', 'terraform_data.two'])).results).toContain('changed');
    const pulled = JSON.parse((await stack.run(state, ['pull'])).results);
    expect(pulled).toEqual(JSON.parse(String(await stack.object())));

    const kept = await stack.run(destroy, ['--confirm', 'attic']);
    expect(kept.code).toBe(1);
    expect(kept.problems).toContain('not confirmed: attic was given');
    const gone = await stack.run(destroy, ['--confirm', 'arc-runners']);
    expect(gone.code, gone.problems).toBe(0);
    expect((await stack.run(state, ['list'])).results).toBe('');
  });

  test('leaves plan and providers to their owner alone, and the lock file to nobody (S11)', async () => {
    const stack = stackOn(realStore());
    expect((await stack.run(init, ['--first-run'])).code).toBe(0);
    expect((await stack.run(plan, ['--first-run'])).code).toBe(0);
    const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8);
    expect(modeOf(join(stack.work, 'plan.tfplan'))).toBe('600');
    expect(modeOf(join(stack.work, 'plan.json'))).toBe('600');
    expect(modeOf(join(stack.folder, 'backend.flywheel.tfbackend'))).toBe('600');
    expect(existsSync(join(stack.work, 'events.jsonl'))).toBe(false);
  });

  test('is told to machines as lines of JSON, and to people beside them', async () => {
    const stack = stackOn(realStore());
    const said = await stack.run(deploy, ['--first-run', '--json']);
    expect(said.code, said.problems).toBe(0);
    const events = said.results.split('\n').map((line) => JSON.parse(line));
    const phases = events.filter(({ type }) => type === 'phase').map(({ phase }) => phase);
    expect(phases).toEqual([
      'guard',
      'certificate',
      'providers',
      'init',
      'plan',
      'apply',
      'verify',
    ]);
    expect(events.filter(({ event }) => event?.type === 'apply_complete')).toHaveLength(2);
    expect(events.at(-1)).toEqual({ type: 'end', exitCode: 0 });
    expect(said.problems).toContain('a second plan has nothing to do');
  });

  test('never ends with the store of its own state', async () => {
    const stack = stackOn(realStore(), 'attic');
    const made = await stack.run(deploy, ['--first-run']);
    expect(made.code, made.problems).toBe(0);
    expect(made.problems).toContain('attic holds the store of its own state');
    for (const refused of [
      await stack.run(destroy, ['--confirm', 'attic']),
      await stack.run(passedOn, ['destroy', '-auto-approve']),
      await stack.run(passedOn, ['apply', '-destroy', '-auto-approve']),
    ]) {
      expect(refused.code).toBe(2);
      expect(refused.problems).toContain('run just tofu-state-move attic --to local first');
    }
  });
});

describe('the plain way', () => {
  async function bare(stack: DriverStack, args: readonly string[], more: NodeJS.ProcessEnv = {}) {
    const tofu = await locate('tofu');
    if (tofu.status === 'missing') throw new Error(tofu.because);
    const { accessKeyId, secretAccessKey } = realStore().keys;
    const environment = {
      PATH: stack.environment.PATH,
      HOME: stack.home,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
      TF_INPUT: '0',
      ...more,
    };
    return await runTofu({ tofu: tofu.path, folder: stack.folder, args, environment });
  }

  test('reaches the declared store after init, with keys of the person, whatever address the shell names', async () => {
    const stack = await applied();
    expect((await stack.run(init)).code).toBe(0);
    const elsewhere = { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' };
    const planned = await bare(stack, ['plan', '-no-color', '-detailed-exitcode'], elsewhere);
    expect(planned, planned.stderr).toMatchObject({ code: 0 });

    stack.write(resources({ one: 'by hand' }), OUTPUT);
    const made = await bare(stack, ['apply', '-no-color', '-auto-approve'], elsewhere);
    expect(made, made.stderr).toMatchObject({ code: 0 });
    // What was applied by hand is a later state of the same lineage, and no alarm.
    const after = await stack.run(plan);
    expect(after.code, after.problems).toBe(0);
    expect(after.results).toContain('arc-runners: no changes');
  });

  test('is initialized by hand from the materialized file as well', async () => {
    const stack = await applied();
    expect((await stack.run(init)).code).toBe(0);
    const said = await bare(stack, [
      'init',
      '-no-color',
      '-reconfigure',
      '-backend-config=backend.flywheel.tfbackend',
    ]);
    expect(said, said.stderr).toMatchObject({ code: 0 });
    expect(await bare(stack, ['state', 'list'])).toMatchObject({ code: 0 });
  });

  test('has keys of its own: those of the recipes are nowhere', async () => {
    const stack = await applied();
    expect((await stack.run(init)).code).toBe(0);
    const refused = await bare(stack, ['plan'], { AWS_SECRET_ACCESS_KEY: 'wrong' });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('SignatureDoesNotMatch');
  });
});

describe('a saved plan', () => {
  test('is applied once, and no other', async () => {
    const stack = await applied();
    const none = await stack.run(apply);
    expect(none.code).toBe(1);
    expect(none.problems).toContain('arc-runners has no saved plan');

    stack.write(resources({ one: 'changed' }));
    expect((await stack.run(plan)).code).toBe(0);
    stack.write(resources({ one: 'changed again' }));
    const outdated = await stack.run(apply);
    expect(outdated.code).toBe(2);
    expect(outdated.problems).toContain('the stack was synthesized anew since');

    expect((await stack.run(plan)).code).toBe(0);
    const file = join(stack.work, 'plan.tfplan');
    const bytes = readFileSync(file);
    writeFileSync(file, Buffer.concat([bytes, Buffer.from('x')]));
    const changed = await stack.run(apply);
    expect(changed.code).toBe(2);
    expect(changed.problems).toContain('the file is not what was planned');
    writeFileSync(file, bytes);
    const made = await stack.run(apply);
    expect(made.code, made.problems).toBe(0);
  });

  test('can be of one resource', async () => {
    const stack = await applied();
    stack.write(resources({ one: 'x', two: 'y' }), OUTPUT);
    const said = await stack.run(plan, ['--target', 'terraform_data.two']);
    expect(said.results).toContain('0 to add, 1 to change, 0 to destroy');
  });
});

describe('any command of tofu', () => {
  test('is run behind the gateway, and what changes something is guarded', async () => {
    const stack = await applied();
    expect((await stack.run(passedOn, ['show', '-no-color'])).results).toContain(
      'terraform_data.one',
    );
    const moved = await stack.run(passedOn, [
      'state',
      'mv',
      'terraform_data.one',
      'terraform_data.other',
    ]);
    expect(moved.code, moved.problems).toBe(0);
    expect((await stack.run(state, ['list'])).results).toContain('terraform_data.other');
    stack.write(resources({ other: 'first', two: 'second' }), OUTPUT);
    const made = await stack.run(passedOn, ['apply', '-auto-approve', '-no-color']);
    expect(made.code, made.problems).toBe(0);
    expect(made.results).toContain('Apply complete!');
  });

  test('does not get past the lock', async () => {
    const stack = await applied();
    const said = await stack.run(passedOn, ['plan', '-lock=false']);
    expect(said.code).toBe(64);
    expect(said.problems).toContain('-lock=false is refused');
  });
});

describe('what stands in the way', () => {
  test.each([
    [
      'a home that cannot be written to',
      { XDG_STATE_HOME: '/dev/null/state' },
      1,
      /remembered nowhere/,
    ],
    [
      'no key',
      { TOFU_BACKEND_S3_SECRET_ACCESS_KEY: '' },
      64,
      /TOFU_BACKEND_S3_SECRET_ACCESS_KEY is missing/,
    ],
    [
      'a store that is not there',
      { TOFU_BACKEND_S3_ENDPOINT: 'http://127.0.0.1:1' },
      1,
      /arc-runners is not touched/,
    ],
    ['a wrong key', { TOFU_BACKEND_S3_SECRET_ACCESS_KEY: 'wrong' }, 1, /the secret key is wrong/],
  ])('is %s, and nothing is done', async (_, change, code, sentence) => {
    const stack = stackOn(realStore());
    const said = await stack.run(plan, ['--first-run'], change);
    expect(said.problems).toMatch(sentence);
    expect(said.code).toBe(code);
    expect(await stack.object()).toBeUndefined();
  });
});
