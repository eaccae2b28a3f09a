import { describe, expect, test } from 'vitest';
import { STACK_NAMES, stackState } from '../../backend/stack-state.ts';
import { readSettings } from '../../config/read-settings.ts';
import { Failure } from '../../console/failure.ts';
import { exampleFile } from '../support/examples.ts';

describe('the state of a stack', () => {
  test('has the key that the contract gives it (S2)', () => {
    const settings = readSettings(exampleFile('tinyland'));
    expect(STACK_NAMES.map((name) => stackState(name, settings).key)).toEqual([
      'arc-runners/terraform.tfstate',
      'attic/terraform.tfstate',
      'tinyland-infra/gitlab-runners/terraform.tfstate',
      'tinyland-infra/runner-dashboard/terraform.tfstate',
    ]);
  });

  test('is remembered with the person, apart for each cluster and bucket', () => {
    const settings = readSettings(exampleFile('tinyland'));
    const state = stackState('attic', settings, { XDG_STATE_HOME: '/var/lib/ada', HOME: '/root' });
    expect(state).toEqual({
      stack: 'attic',
      bucket: 'tofu-state',
      key: 'attic/terraform.tfstate',
      lockKey: 'attic/terraform.tfstate.tflock',
      holdsOwnStore: true,
      memory: '/var/lib/ada/flywheel/state/honey/tofu-state/attic',
      work: '.flywheel/honey/attic',
    });
    expect(stackState('attic', settings, { HOME: '/srv/ada' }).memory).toBe(
      '/srv/ada/.local/state/flywheel/state/honey/tofu-state/attic',
    );
  });

  test('lies in its own store only for attic, and only where the store is in the cluster', () => {
    const inCluster = readSettings(exampleFile('tinyland'));
    const elsewhere = readSettings(exampleFile('single-node-r2'));
    const own = (settings: typeof inCluster) =>
      STACK_NAMES.filter((name) => stackState(name, settings).holdsOwnStore);
    expect(own(inCluster)).toEqual(['attic']);
    expect(own(elsewhere)).toEqual([]);
  });

  test('is refused for a name that is no stack, with the nearest one', () => {
    const settings = readSettings(exampleFile('tinyland'));
    const refused = () => stackState('gitlab-runner', settings);
    expect(refused).toThrow(Failure);
    expect(refused).toThrow(
      'there is no stack gitlab-runner: did you mean gitlab-runners?\n    there are arc-runners, attic, gitlab-runners, runner-dashboard',
    );
  });
});
