import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { deploy } from '../../backend/tofu/commands/deploy.ts';
import { readSettings } from '../../config/read-settings.ts';
import { type RunningStore, startStore } from '../../operations/rehearsal/store/store.ts';
import { locate } from '../../operations/tools/locate.ts';
import { exampleFile } from '../support/examples.ts';
import { DriverStack, resources, type TestedStore } from './driver-stack.ts';
import { needsProgram } from './needs.ts';
import { stateIdentity } from './tofu-folder.ts';

const KIND = 'versitygw';
const TWO = resources({ one: 'first', two: 'second' });

/** An output beside the resources. */
export const OUTPUT = { output: { greeting: { value: 'hello' } } };

/** What the tests of the driver stand on: a real store, and stacks that are removed after each test. */
export interface DriverGround {
  realStore(): TestedStore;
  /** A stack of two resources that tofu brings itself. */
  stackOn(store: TestedStore, name?: string): DriverStack;
  /** One that was applied. */
  applied(store?: TestedStore): Promise<DriverStack>;
}

/** Prepares the ground for all tests of a file, which are not run where tofu or the store cannot be had. */
export function driverGround(): DriverGround {
  let running: RunningStore | undefined;
  const stacks: DriverStack[] = [];
  beforeAll(async () => {
    const programs = await Promise.all([locate('tofu'), locate(KIND)]);
    if (programs.some(({ status }) => status === 'missing')) return;
    running = await startStore({ kind: KIND, settings: readSettings(exampleFile('minimal')) });
  });
  beforeEach(async (context) => {
    await needsProgram(context, 'tofu');
    await needsProgram(context, KIND);
  });
  afterEach(async () => {
    for (const stack of stacks.splice(0)) {
      // The next test begins with a store that has never seen the stack.
      await stack.forget();
      stack.remove();
    }
  });
  afterAll(async () => await running?.stop());

  const realStore = () => {
    if (running === undefined) throw new Error(`no ${KIND} was started`);
    return { endpoint: running.endpoint, keys: stateIdentity(running) };
  };
  const stackOn = (store: TestedStore, name?: string) => {
    const stack = new DriverStack(store, name);
    stacks.push(stack);
    stack.write(TWO, OUTPUT);
    return stack;
  };
  const applied = async (store = realStore()) => {
    const stack = stackOn(store);
    const said = await stack.run(deploy, ['--first-run']);
    expect(said.code, said.problems).toBe(0);
    return stack;
  };
  return { realStore, stackOn, applied };
}
